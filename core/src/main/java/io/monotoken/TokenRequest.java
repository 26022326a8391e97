package io.monotoken;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The form fields of one token request, in order. Immutable; {@link #toString()} shows field names only.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-3.2">RFC 6749, section 3.2</a>
 */
public final class TokenRequest {

    static final String PASSWORD = "password";
    static final String CLIENT_CREDENTIALS = "client_credentials";
    static final String REFRESH_TOKEN = "refresh_token";

    private static final Set<String> CLIENT_FIELDS =
            Set.of("client_id", "client_secret", "client_assertion", "client_assertion_type", "assertion");

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

    /** As {@link #withScopes}, with an ordered, immutable set that every token of a grant shares. */
    TokenRequest withSharedScopes(Set<String> scopes) {
        return scopes.isEmpty() ? this : new TokenRequest(withScopes(scopes).fields, scopes);
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
        if (parameters.isEmpty()) {
            return Map.of();
        }
        Map<String, List<String>> copy = new LinkedHashMap<>();
        parameters.forEach((name, values) -> copy.put(name, List.copyOf(values)));
        return Collections.unmodifiableMap(copy);
    }

    /** {@return the value of {@code grant_type}} */
    public String grantType() {
        return Objects.requireNonNull(first("grant_type"));
    }

    /** {@return whether a server may count this request against a user's account, whatever the grant is called} */
    public boolean carriesPassword() {
        return first("password") != null;
    }

    /** {@return whether this request presents a refresh token (RFC 6749, section 6)} */
    public boolean isRefresh() {
        return grantType().equals(REFRESH_TOKEN);
    }

    /** A grant may say by its own fields who the client is: RFC 6749, section 2.3.1, and RFC 7521, sections 4.1 and 4.2. */
    boolean provesClient() {
        return fields.stream().map(Map.Entry::getKey).anyMatch(CLIENT_FIELDS::contains);
    }

    /** RFC 6749, section 4.4.3: the client can ask in its own name at any time. */
    boolean wantsRefreshToken() {
        return !grantType().equals(CLIENT_CREDENTIALS);
    }

    /** {@return the scopes asked for, none when the request has no {@code scope}} */
    public Set<String> scopes() {
        if (sharedScopes != null) {
            return sharedScopes;
        }
        String scope = first("scope");
        return scope == null ? Set.of() : ScopeSet.of(Arrays.asList(scope.split(" ", -1)));
    }

    /** {@return all fields in order, not encoded; their values are secrets but for grant type, client id and scope} */
    public List<Map.Entry<String, String>> fields() {
        return fields;
    }

    /**
     * Returns a field's first value.
     *
     * @param name the field's name
     * @return the value, not encoded; null when the request has no such field
     */
    public @Nullable String first(String name) {
        return fields.stream()
                .filter(field -> field.getKey().equals(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
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
