package io.monotoken;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A successful answer to a token request. Immutable; {@link #toString()} shows no secret.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-5.1">RFC 6749, section 5.1</a>
 */
public final class TokenResponse {

    private final String accessToken;
    private final @Nullable Duration expiresIn;
    private final @Nullable Set<String> scopes;
    private final @Nullable String refreshToken;
    private final @Nullable Duration refreshExpiresIn;
    private final Map<String, Object> attributes;

    private TokenResponse(Builder builder) {
        this.accessToken = builder.accessToken;
        this.expiresIn = builder.expiresIn;
        this.scopes = builder.scopes;
        this.refreshToken = builder.refreshToken;
        this.refreshExpiresIn = builder.refreshExpiresIn;
        this.attributes = builder.attributes;
    }

    /**
     * Starts to describe a response.
     *
     * @param accessToken the token, visible ASCII without spaces
     * @return a builder of a response that says nothing else
     * @throws IllegalArgumentException if the token does not fit a header
     */
    public static Builder builder(String accessToken) {
        return new Builder(accessToken);
    }

    /** {@return the access token (RFC 6749, section 1.4)} */
    public String accessToken() {
        return accessToken;
    }

    /** {@return how long the token lives, not negative; null where the answer does not say} */
    public @Nullable Duration expiresIn() {
        return expiresIn;
    }

    /** {@return what the token is good for; null where the answer does not say, which means what was asked for} */
    public @Nullable Set<String> scopes() {
        return scopes;
    }

    /** {@return the refresh token; null when none was issued} */
    public @Nullable String refreshToken() {
        return refreshToken;
    }

    /** {@return how long the refresh token lives; null where the answer does not say} */
    public @Nullable Duration refreshExpiresIn() {
        return refreshExpiresIn;
    }

    /** {@return all other members} */
    public Map<String, Object> attributes() {
        return attributes;
    }

    @Override
    public String toString() {
        return "TokenResponse[REDACTED, expiresIn=" + expiresIn + "]";
    }

    /** Describes a {@link TokenResponse}. Not safe to share between threads. */
    public static final class Builder {

        private final String accessToken;
        private @Nullable Duration expiresIn;
        private @Nullable Set<String> scopes;
        private @Nullable String refreshToken;
        private @Nullable Duration refreshExpiresIn;
        private Map<String, Object> attributes = Map.of();

        private Builder(String accessToken) {
            if (!Token.isHeaderSafe(Objects.requireNonNull(accessToken, "accessToken"))) {
                throw new IllegalArgumentException("accessToken must be visible ASCII without spaces, to fit a header");
            }
            this.accessToken = accessToken;
        }

        /**
         * How long the token lives, counted from when the request was sent.
         *
         * @param expiresIn negative counts as zero; a day at most is used; null for
         *     {@link RefreshSettings#defaultLifetime()}
         * @return this builder
         */
        public Builder expiresIn(@Nullable Duration expiresIn) {
            this.expiresIn = expiresIn == null || !expiresIn.isNegative() ? expiresIn : Duration.ZERO;
            return this;
        }

        /**
         * What the token is good for.
         *
         * @param scopes in the answer's order; null for those asked for
         * @return this builder
         */
        public Builder scopes(@Nullable Collection<String> scopes) {
            this.scopes = scopes == null ? null : ScopeSet.of(scopes);
            return this;
        }

        /**
         * The token for the refresh grant, which the source then uses for renewals.
         *
         * @param refreshToken visible ASCII and spaces (RFC 6749, appendix A.17); null when none was issued
         * @return this builder
         * @throws IllegalArgumentException if it has other characters
         */
        public Builder refreshToken(@Nullable String refreshToken) {
            if (refreshToken != null && !refreshToken.chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
                throw new IllegalArgumentException("refreshToken must be visible ASCII and spaces");
            }
            this.refreshToken = refreshToken;
            return this;
        }

        /**
         * How long the refresh token lives, counted from when the request was sent.
         *
         * @param refreshExpiresIn null when unknown
         * @return this builder
         */
        public Builder refreshExpiresIn(@Nullable Duration refreshExpiresIn) {
            this.refreshExpiresIn = refreshExpiresIn;
            return this;
        }

        /**
         * All other members of the answer, for {@link Token#attributes()}.
         *
         * @param attributes strings, numbers, booleans, lists and maps
         * @return this builder
         */
        public Builder attributes(Map<String, Object> attributes) {
            this.attributes = Map.copyOf(attributes);
            return this;
        }

        /** {@return the response} */
        public TokenResponse build() {
            return new TokenResponse(this);
        }
    }
}
