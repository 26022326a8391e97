package io.monotoken.endpoint;

import io.monotoken.TokenRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fields of a token request as a form, and the search for their values in what a server says. */
final class FormBody {

    private static final Set<String> PUBLIC_FIELDS = Set.of("grant_type", "client_id", "scope");

    private static final Pattern PERCENT_ENCODED = Pattern.compile("%[0-9a-fA-F]{2}");

    private FormBody() {}

    /** {@return the fields as {@code application/x-www-form-urlencoded} in UTF-8, which is ASCII} */
    static byte[] of(TokenRequest request) {
        StringBuilder form = new StringBuilder(256);
        for (Map.Entry<String, String> field : request.fields()) {
            form.append(form.isEmpty() ? "" : "&")
                    .append(encoded(field.getKey()))
                    .append('=')
                    .append(encoded(field.getValue()));
        }
        return form.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** {@return a value as a form has it} */
    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** {@return whether a text repeats a value that only this request knows, encoded or not} */
    static boolean isEchoedIn(String text, TokenRequest request) {
        return request.fields().stream()
                .filter(field -> !PUBLIC_FIELDS.contains(field.getKey()))
                .map(Map.Entry::getValue)
                .anyMatch(value -> repeats(text, value));
    }

    /** {@return whether a text contains a secret: as it is, in other case, or percent-encoded in any way} */
    static boolean repeats(String text, String secret) {
        if (secret.isEmpty()) {
            return false;
        }
        String wanted = folded(bytes(secret));
        return text.contains(secret)
                || folded(bytes(text)).contains(wanted)
                || folded(text).contains(wanted);
    }

    /** Headers arrive as bytes that are shown as characters, so that is how everything is compared. */
    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String folded(String text) {
        return PERCENT_ENCODED
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        String.valueOf((char) Integer.parseInt(found.group().substring(1), 16))))
                .replace('+', ' ')
                .toLowerCase(Locale.ROOT);
    }
}
