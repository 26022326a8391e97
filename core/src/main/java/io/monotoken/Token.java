package io.monotoken;

import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * An access token that goes on requests as {@code Authorization: Bearer …}. Immutable; {@link #toString()} shows no
 * secret.
 *
 * <p>Two tokens are equal when their values are.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750">RFC 6750</a>
 */
public final class Token {

    private static final String SCHEME = "Bearer ";

    /** The token's text is kept once, as requests need it. */
    private final String authorization;

    private final Set<String> scopes;
    private final Instant issuedAt;
    private final Instant expiresAt;
    private final Map<String, Object> attributes;

    Token(String value, Set<String> scopes, Instant issuedAt, Instant expiresAt, Map<String, Object> attributes) {
        this.authorization = SCHEME + value;
        this.scopes = scopes;
        this.issuedAt = issuedAt;
        this.expiresAt = expiresAt;
        this.attributes = attributes;
    }

    /**
     * Makes a token that did not come from a token endpoint, for tests and for tokens issued by hand.
     *
     * @param value the token, without spaces, control characters or anything but ASCII
     * @param scopes what it is good for, may be empty
     * @param issuedAt when it was issued
     * @param expiresAt when it ends
     * @return the token
     */
    public static Token of(String value, Collection<String> scopes, Instant issuedAt, Instant expiresAt) {
        if (!isHeaderSafe(Objects.requireNonNull(value, "value"))) {
            throw new IllegalArgumentException("value must be visible ASCII without spaces, to fit a header");
        }
        return new Token(
                value,
                Set.copyOf(scopes),
                Objects.requireNonNull(issuedAt, "issuedAt"),
                Objects.requireNonNull(expiresAt, "expiresAt"),
                Map.of());
    }

    static boolean isHeaderSafe(String value) {
        return !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    /** {@return the secret itself (RFC 6749, section 1.4)} */
    public String value() {
        return authorization.substring(SCHEME.length());
    }

    /** {@return {@code Bearer}, the only type there is (RFC 6750)} */
    public String type() {
        return "Bearer";
    }

    /** {@return the value of the {@code Authorization} header, made once} */
    public String authorization() {
        return authorization;
    }

    /** {@return what the token is good for: the scopes of the answer, else those asked for; in their order} */
    public Set<String> scopes() {
        return scopes;
    }

    /** {@return when the request for this token was sent} */
    public Instant issuedAt() {
        return issuedAt;
    }

    /** {@return when the token ends, by this machine's wall clock when it came} */
    public Instant expiresAt() {
        return expiresAt;
    }

    /**
     * Returns the answer's other members, such as {@code id_token}: strings, numbers, booleans, lists and maps.
     *
     * @return an immutable map without the tokens, type, lifetime and scope
     */
    public Map<String, Object> attributes() {
        return attributes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Token token && authorization.equals(token.authorization);
    }

    @Override
    public int hashCode() {
        return authorization.hashCode();
    }

    @Override
    public String toString() {
        return "Token[value=REDACTED, scopes=" + scopes + ", issuedAt=" + issuedAt + ", expiresAt=" + expiresAt
                + ", attributes=" + new LinkedHashSet<>(attributes.keySet()) + "]";
    }
}
