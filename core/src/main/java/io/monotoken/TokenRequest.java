package io.monotoken;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The form fields of one token request, in order. Immutable; {@link #toString()} shows field names only.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-3.2">RFC 6749, section 3.2</a>
 */
public final class TokenRequest {

    private static final Set<String> PUBLIC_FIELDS = Set.of("grant_type", "client_id", "scope");

    private static final Pattern PERCENT_ENCODED = Pattern.compile("%[0-9a-fA-F]{2}");

    private final List<Map.Entry<String, String>> fields;
    private final @Nullable Set<String> sharedScopes;

    private TokenRequest(List<Map.Entry<String, String>> fields, @Nullable Set<String> sharedScopes) {
        this.fields = fields;
        this.sharedScopes = sharedScopes;
    }

    /**
     * Starts a request.
     *
     * @param grantType the value of {@code grant_type}
     * @return a request with that one field
     */
    public static TokenRequest of(String grantType) {
        return new TokenRequest(List.of(), null).with("grant_type", grantType);
    }

    /**
     * Adds a field. A name may be added several times, as {@code resource} of RFC 8707 is.
     *
     * @param name the field's name
     * @param value the field's value, not yet encoded
     * @return a new request with the field at its end
     */
    public TokenRequest with(String name, String value) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        List<Map.Entry<String, String>> longer = new ArrayList<>(fields);
        longer.add(Map.entry(name, value));
        return new TokenRequest(List.copyOf(longer), sharedScopes);
    }

    /**
     * Asks for scopes, separated by spaces in one field; adds nothing when there are none.
     *
     * @param scopes the scopes to ask for (RFC 6749, section 3.3)
     * @return a new request with the field at its end, or this one
     */
    public TokenRequest withScopes(Collection<String> scopes) {
        return scopes.isEmpty() ? this : with("scope", String.join(" ", scopes));
    }

    /** As {@link #withScopes}, with a set that every token of a grant shares: ordered, and nobody changes it. */
    TokenRequest sharing(Set<String> scopes) {
        return new TokenRequest(withScopes(scopes).fields, scopes);
    }

    /**
     * Adds fields that have several values.
     *
     * @param parameters names with their values, such as {@code audience}
     * @return a new request with the fields at its end, or this one
     */
    public TokenRequest withAll(Map<String, List<String>> parameters) {
        TokenRequest all = this;
        for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
            for (String value : parameter.getValue()) {
                all = all.with(parameter.getKey(), value);
            }
        }
        return all;
    }

    /** {@return a deep copy, in the same order} */
    static Map<String, List<String>> copyOf(Map<String, List<String>> parameters) {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        parameters.forEach((name, values) -> copy.put(name, List.copyOf(values)));
        return Collections.unmodifiableMap(copy);
    }

    /** {@return the value of {@code grant_type}} */
    public String grantType() {
        return Objects.requireNonNull(first("grant_type"));
    }

    /** {@return whether a server may count this request against a user's account, whatever the grant is called} */
    boolean carriesPassword() {
        return first("password") != null;
    }

    /** {@return the scopes asked for, none when the request has no {@code scope}} */
    Set<String> scopes() {
        if (sharedScopes != null) {
            return sharedScopes;
        }
        String scope = first("scope");
        return scope == null ? Set.of() : new LinkedHashSet<>(Arrays.asList(scope.split(" ", -1)));
    }

    @Nullable
    String first(String name) {
        return fields.stream()
                .filter(field -> field.getKey().equals(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    /** {@return whether a text repeats a value that only this request knows, encoded or not} */
    boolean isEchoedIn(String text) {
        return fields.stream()
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

    /** {@return the fields as {@code application/x-www-form-urlencoded} in UTF-8} */
    String encoded() {
        StringBuilder form = new StringBuilder(256);
        for (Map.Entry<String, String> field : fields) {
            form.append(form.isEmpty() ? "" : "&")
                    .append(URLEncoder.encode(field.getKey(), StandardCharsets.UTF_8))
                    .append('=')
                    .append(URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8));
        }
        return form.toString();
    }

    @Override
    public String toString() {
        return "TokenRequest[grant_type=" + grantType() + ", "
                + fields.stream()
                        .map(field -> field.getKey() + "=REDACTED")
                        .skip(1)
                        .toList() + "]";
    }
}
