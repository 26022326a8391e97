package io.monotoken.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** What a server says one by one is in {@link AwkwardAnswersTests}; here are 20 000 answers nobody thought of. */
class ResponseReaderTests {

    private static final List<String> ANSWERS = List.of(
            "{\"access_token\":\"ad8e51c5\",\"expires_in\":1800,\"token_type\":\"Bearer\",\"refresh_token\":\"a497b7\"}",
            "{\"access_token\":\"a\\u0041\\n\\ud83d\\ude00\",\"expires_in\":\"1.8e3\",\"scope\":[\"a\",\"b\"],\"x\":{\"y\":[null,1.5]}}",
            "{\"error\":\"invalid_grant\",\"error_description\":\"no\",\"error_uri\":null}",
            "access_token=ad8e51c5&expires_in=1800&token_type=bearer&scope=a+b%20c&refresh_token=%61");

    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "\\",
            "\\u",
            "\\u0000",
            "\\r\\n",
            "null",
            "true",
            "-",
            "1e9",
            "NaN",
            "&",
            "=",
            "%",
            "%0A",
            "+",
            "\n",
            "\0",
            "\uFEFF",
            "\"error\":",
            "\"access_token\":",
            "\"refresh_token\":",
            "9".repeat(50),
            "[".repeat(50),
            "é€\uD83D\uDE00");

    private final ResponseReader reader = new ResponseReader(Set.of());

    @RepeatedTest(4)
    void neverThrowsAndNeverIssuesAnUnsafeToken(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int successes = 0;

        for (int i = 0; i < 5_000; i++) {
            byte[] body = mutated(ANSWERS.get(random.nextInt(ANSWERS.size())).getBytes(UTF_8), random);
            String mediaType = random.nextBoolean() ? "application/x-www-form-urlencoded" : "application/json";
            if (reader.read(body, mediaType, Instant.EPOCH) instanceof ResponseReader.Body.Success success) {
                successes++;
                expectSafe(success.response(), body);
            }
        }

        assertThat(successes).isBetween(100, 4_900); // otherwise the mutations are too wild or too tame
    }

    private static void expectSafe(TokenResponse response, byte[] body) {
        String seen = new String(body, UTF_8);
        assertThat(response.accessToken()).as(seen).matches("[\\x21-\\x7E]+");
        assertThat(response.refreshToken() == null ? "r" : response.refreshToken())
                .as(seen)
                .matches("[\\x20-\\x7E]+");
        assertThat(orZero(response.expiresIn())).as(seen).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(orZero(response.refreshExpiresIn())).as(seen).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(response).hasToString("TokenResponse[REDACTED, expiresIn=" + response.expiresIn() + "]");
    }

    private static Duration orZero(@Nullable Duration life) {
        return life == null ? Duration.ZERO : life;
    }

    private static byte[] mutated(byte[] body, Random random) {
        byte[] mutant = body;
        for (int changes = random.nextInt(4); changes >= 0; changes--) {
            int at = mutant.length == 0 ? 0 : random.nextInt(mutant.length);
            mutant = switch (random.nextInt(5)) {
                case 0 ->
                    spliced(
                            mutant,
                            at,
                            at,
                            PIECES.get(random.nextInt(PIECES.size())).getBytes(UTF_8));
                case 1 -> spliced(mutant, at, Math.min(mutant.length, at + 1 + random.nextInt(8)), new byte[0]);
                case 2 -> spliced(mutant, at, Math.min(mutant.length, at + 1), new byte[] {(byte) random.nextInt(256)});
                case 3 -> spliced(mutant, at, at, Arrays.copyOfRange(mutant, at, Math.min(mutant.length, at + 20)));
                default -> random.nextInt(5) == 0 ? Arrays.copyOf(mutant, at) : mutant;
            };
        }
        return mutant;
    }

    private static byte[] spliced(byte[] body, int from, int to, byte[] piece) {
        byte[] spliced = new byte[body.length - (to - from) + piece.length];
        System.arraycopy(body, 0, spliced, 0, from);
        System.arraycopy(piece, 0, spliced, from, piece.length);
        System.arraycopy(body, to, spliced, from + piece.length, body.length - to);
        return spliced;
    }
}
