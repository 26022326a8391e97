package io.monotoken.testing;

/** What token servers do differently where RFC 6749 leaves them a choice. */
enum ServerKind {
    /** As most do: any client that accepts JSON, lengths without a limit, 401 for an unknown client, a reason in the answer. */
    STANDARD("/token", Integer.MAX_VALUE, Integer.MAX_VALUE),

    /** As Stems Accounts documents it and IdentityServers do it: 400 for every OAuth error, and little said about why. */
    IDENTITY_SERVER("/auth/connect/token", 100, 300);

    private final String path;
    private final int longestValue;
    private final int longestScope;

    ServerKind(String path, int longestValue, int longestScope) {
        this.path = path;
        this.longestValue = longestValue;
        this.longestScope = longestScope;
    }

    /** Returns the end of the token endpoint's path, where no path is set. */
    String path() {
        return path;
    }

    /** Returns how many characters an id, secret, user name or password may have. */
    int longestValue() {
        return longestValue;
    }

    int longestScope() {
        return longestScope;
    }

    boolean requiresJsonAccept() {
        return this == IDENTITY_SERVER;
    }

    boolean requiresScope() {
        return this == IDENTITY_SERVER;
    }

    int status(OAuthRefusal refusal) {
        return this == STANDARD && refusal.error().equals("invalid_client") ? 401 : 400;
    }

    /** Returns whether the answer has a description; an IdentityServer only tells what is wrong with the request itself. */
    boolean describes(OAuthRefusal refusal) {
        return this == STANDARD || refusal.error().equals("invalid_request");
    }
}
