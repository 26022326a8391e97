package io.monotoken;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A successful answer of the token endpoint.
 *
 * @param accessToken fits a header
 * @param lifeSeconds {@code expires_in}, not negative; null when absent or unreadable
 * @param scopes null when the answer names none, which means those asked for
 * @param refreshToken null when none was issued
 * @param refreshLifeSeconds {@code refresh_expires_in} (Keycloak); null when absent or zero, which means unknown
 * @param attributes all other members
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-5.1">RFC 6749, section 5.1</a>
 */
record TokenResponse(
        String accessToken,
        @Nullable Double lifeSeconds,
        @Nullable Set<String> scopes,
        @Nullable String refreshToken,
        @Nullable Double refreshLifeSeconds,
        Map<String, Object> attributes) {

    @Override
    public String toString() {
        return "TokenResponse[REDACTED, lifeSeconds=" + lifeSeconds + "]";
    }
}
