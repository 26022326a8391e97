package io.monotoken.spring.client;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/** Whatever a server writes into {@code WWW-Authenticate}: nothing is thrown, and well-formed challenges are understood. */
class BearerChallengeFuzzTests {

    private static final List<String> SCHEMES = List.of("Bearer", "bearer", "Basic", "Negotiate", "DPoP", "Digest");
    private static final List<String> NAMES = List.of("realm", "error", "ERROR", "scope", "error_description");
    private static final List<String> CALLERS = List.of("insufficient_scope", "invalid_request");
    private static final List<String> CODES =
            List.of("invalid_token", "expired_token", "insufficient_scope", "Invalid_Request");
    private static final List<String> SEPARATORS = List.of(",", ", ", " ,", "\t,\t", ",,");

    @Timeout(value = 1, unit = TimeUnit.DAYS) // that of the other tests would end a long run
    @FuzzTest(maxDuration = "10m")
    void readsAnyLines(byte[] lines) {
        List<String> read = Arrays.asList(new String(lines, StandardCharsets.ISO_8859_1).split("\n", -1));
        boolean asked = BearerChallenge.asksForAnotherToken(read);

        List<String> more = new ArrayList<>(read);
        more.add("Negotiate YII=, Basic realm=\"a, b\"");
        require(BearerChallenge.asksForAnotherToken(more) == asked, "another scheme changed the answer");
        more.add("Bearer error=\"invalid_token\"");
        require(BearerChallenge.asksForAnotherToken(more), "a clear line was not read");
    }

    /** Composes challenges as RFC 9110, section 11.6.1 has them, so that the right answer is known. */
    @Timeout(value = 1, unit = TimeUnit.DAYS) // that of the other tests would end a long run
    @FuzzTest(maxDuration = "10m")
    void understandsWellFormedChallenges(FuzzedDataProvider data) {
        StringBuilder line = new StringBuilder();
        boolean blamesRequest = false;
        boolean blamesToken = false;
        int challenges = data.consumeInt(0, 4);
        for (int i = 0; i < challenges; i++) {
            String scheme = data.pickValue(SCHEMES);
            boolean bearer = scheme.equalsIgnoreCase("Bearer");
            line.append(line.isEmpty() ? "" : data.pickValue(SEPARATORS)).append(scheme);
            if (!bearer && data.consumeBoolean()) {
                line.append(" YIIabc+/==");
                continue;
            }
            int parameters = data.consumeInt(0, 3);
            for (int j = 0; j < parameters; j++) {
                String name = data.pickValue(NAMES);
                String value = data.consumeBoolean() ? data.pickValue(CODES) : data.consumeAsciiString(8);
                boolean quoted = !isToken(value) || data.consumeBoolean();
                if (bearer && name.equalsIgnoreCase("error")) {
                    boolean callers = CALLERS.contains(value.strip().toLowerCase(Locale.ROOT));
                    blamesRequest |= callers;
                    blamesToken |= !callers && !value.isBlank();
                }
                line.append(j == 0 ? " " : data.pickValue(SEPARATORS))
                        .append(name)
                        .append('=');
                line.append(quoted ? '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"' : value);
            }
        }

        boolean expected = blamesToken || !blamesRequest;
        require(BearerChallenge.asksForAnotherToken(List.of(line.toString())) == expected, line.toString());
    }

    private static boolean isToken(String value) {
        return value.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
