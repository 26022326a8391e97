package io.monotoken.spring.client;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a token may go: scheme, host and port, as browsers compare them.
 *
 * @param scheme {@code https} or {@code http}
 * @param host in lower case
 * @param port with the scheme's default filled in
 */
record Origin(String scheme, String host, int port) {

    /**
     * Returns the origin of an address.
     *
     * @throws IllegalArgumentException if no token may be sent there, with the reason
     */
    static Origin of(URI uri) {
        String reason = flaw(uri);
        if (reason != null) {
            throw new IllegalArgumentException(reason);
        }
        return new Origin(
                uri.getScheme().toLowerCase(Locale.ROOT), uri.getHost().toLowerCase(Locale.ROOT), port(uri));
    }

    /** {@return why no token may be sent to an address whatever is allowed, null if it may} */
    static @Nullable String flaw(URI uri) {
        if (!"https".equalsIgnoreCase(uri.getScheme()) && !"http".equalsIgnoreCase(uri.getScheme())) {
            return "an address for a token must begin with https:// or http://" + was(uri);
        }
        if (uri.getRawUserInfo() != null) {
            return "an address for a token must not have user info";
        }
        if (uri.getHost() == null) {
            return "an address for a token must name a host" + was(uri) + "; a host name cannot contain an underscore";
        }
        return null;
    }

    /** {@return whether an address without a {@link #flaw} is below this origin} */
    boolean covers(URI uri) {
        return port(uri) == port && host.equalsIgnoreCase(uri.getHost()) && scheme.equalsIgnoreCase(uri.getScheme());
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    /** Without path and query, which may hold what is nobody's business, and without user info. */
    private static String was(URI uri) {
        String authority = uri.getRawAuthority();
        return authority == null
                ? ""
                : ", was '" + uri.getScheme() + "://" + authority.substring(authority.lastIndexOf('@') + 1) + "'";
    }

    @Override
    public String toString() {
        boolean usual = port == (scheme.equals("https") ? 443 : 80);
        return scheme + "://" + host + (usual ? "" : ":" + port);
    }
}
