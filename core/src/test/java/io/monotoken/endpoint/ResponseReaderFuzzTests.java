package io.monotoken.endpoint;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.monotoken.TokenResponse;
import io.monotoken.endpoint.ResponseReader.Body;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;

/** Whatever bytes a server sends: nothing is thrown, and nothing gets through that no header or log may have. */
class ResponseReaderFuzzTests {

    private static final List<@Nullable String> MEDIA_TYPES = Arrays.asList(
            null, "application/json", "text/html;charset=iso-8859-1", "application/x-www-form-urlencoded");

    private static final Set<String> TOKENS = Set.of("access_token", "refresh_token");

    private final ResponseReader reader = new ResponseReader(Set.of("bearertoken"));

    @Timeout(value = 1, unit = TimeUnit.DAYS) // that of the other tests would end a long run
    @FuzzTest(maxDuration = "10m")
    void readsAnyAnswer(FuzzedDataProvider data) {
        String mediaType = MEDIA_TYPES.get(data.consumeInt(0, MEDIA_TYPES.size() - 1));
        Body body = reader.read(data.consumeRemainingAsBytes(), mediaType, Instant.EPOCH);

        if (body instanceof Body.Success success) {
            check(success.response());
        } else if (body instanceof Body.OAuthError error) {
            require(!error.code().isBlank(), "a blank error code");
        } else if (body instanceof Body.OtherType other) {
            require(other.name() == null || isVisible(other.name()), "a token_type unfit for a message");
        } else {
            require(isVisible(((Body.Unreadable) body).reason().replace(' ', '_')), "a reason unfit for a message");
        }
    }

    private static void check(TokenResponse response) {
        require(isVisible(response.accessToken()), "an access token unfit for a header");
        String refreshToken = response.refreshToken();
        require(
                refreshToken == null || (!refreshToken.isEmpty() && isVisible(refreshToken.replace(' ', '_'))),
                "a refresh token unfit for a form");
        Duration life = response.expiresIn();
        require(life == null || !life.isNegative(), "a negative life");
        Duration refreshLife = response.refreshExpiresIn();
        require(refreshLife == null || refreshLife.compareTo(Duration.ZERO) > 0, "a refresh token that has ended");
        require(response.attributes().keySet().stream().noneMatch(TOKENS::contains), "a token among the attributes");
        requireImmutable(response.attributes());
        require(
                response.toString().equals("TokenResponse[REDACTED, expiresIn=" + life + "]"),
                "a text that shows more than it should");
    }

    private static void requireImmutable(Map<String, Object> attributes) {
        try {
            attributes.put("a", "b");
        } catch (UnsupportedOperationException e) {
            return;
        }
        throw new AssertionError("attributes that anybody may change");
    }

    private static boolean isVisible(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
