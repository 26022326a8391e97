package io.monotoken.endpoint;

import java.net.URI;
import java.util.Map;

/**
 * Stems Accounts, whose tokens open the Comply One API.
 *
 * <p>Its documentation discourages the password grant, the one it describes: no single sign-on, and the client knows a
 * user's password.
 *
 * <p>It looks like an IdentityServer. Such a server answers every OAuth error with status 400, says {@code invalid_grant}
 * to a locked-out user as it does to a wrong password, and ends a refresh token by using it. It reads 100 characters of id,
 * secret, user name, password and refresh token and 300 of the scopes; longer values fail with one of its usual errors, so
 * these endpoints warn of them when a source is built.
 */
public final class StemsAccounts {

    /** The token endpoint. */
    public static final URI TOKEN_URI = URI.create("https://accounts.stems.com.au/auth/connect/token");

    /** InputLengthRestrictions of IdentityServer 3 and 4, which Duende's has kept. */
    private static final Map<String, Integer> LONGEST = Map.of(
            "client_id", 100,
            "client_secret", 100,
            "username", 100,
            "password", 100,
            "refresh_token", 100,
            "scope", 300);

    private StemsAccounts() {}

    /**
     * Starts to describe the token endpoint.
     *
     * @return a builder that lacks the client's authentication
     */
    public static TokenEndpoint.Builder endpoint() {
        return endpointAt(TOKEN_URI);
    }

    /**
     * Starts to describe a token endpoint of the same kind at another address, such as a test system's.
     *
     * @param uri as for {@link TokenEndpoint#builder}
     * @return a builder that lacks the client's authentication
     */
    public static TokenEndpoint.Builder endpointAt(URI uri) {
        return TokenEndpoint.builder(uri).longest(LONGEST);
    }
}
