package io.monotoken;

import java.net.URI;

/**
 * Stems Accounts, whose tokens open the Comply One API.
 *
 * <p>Its documentation discourages the password grant, the one it describes: no single sign-on, and the client knows a
 * user's password.
 */
public final class StemsAccounts {

    /** The token endpoint. */
    public static final URI TOKEN_URI = URI.create("https://accounts.stems.com.au/auth/connect/token");

    private StemsAccounts() {}
}
