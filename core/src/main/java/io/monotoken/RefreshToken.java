package io.monotoken;

import java.util.Set;

/**
 * A refresh token that nobody has presented yet.
 *
 * @param value the secret (RFC 6749, section 1.5)
 * @param scopes those of its access token, which hold unless an answer names others (RFC 6749, section 6)
 * @param provenByGrant whether the request that got it carried the client's authentication in the grant's own fields, which
 *     the refresh grant lacks
 * @param expiry by the clock of the source; {@link Long#MAX_VALUE} when unknown
 */
record RefreshToken(String value, Set<String> scopes, boolean provenByGrant, long expiry) {

    boolean isAlive(long now) {
        return expiry == Long.MAX_VALUE || now - expiry < 0;
    }

    @Override
    public String toString() {
        return "RefreshToken[REDACTED]";
    }
}
