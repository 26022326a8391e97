package io.monotoken.spring.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.util.NetUtil;
import java.net.IDN;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/**
 * Where a token may go: scheme, host and port, as browsers compare them. All spellings of an IPv6 address are one host; a
 * name and the same name with a dot at its end are two.
 *
 * @param scheme {@code https} or {@code http}
 * @param host in lower case, an IPv6 address in its shortest spelling
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
        return new Origin(uri.getScheme().toLowerCase(Locale.ROOT), canonical(uri.getHost()), port(uri));
    }

    /** {@return why no token may be sent to an address whatever is allowed, null if it may} */
    static @Nullable String flaw(URI uri) {
        if (!"https".equalsIgnoreCase(uri.getScheme()) && !"http".equalsIgnoreCase(uri.getScheme())) {
            return "an address for a token must begin with https:// or http://" + was(uri);
        }
        String authority = uri.getRawAuthority();
        if (authority != null && authority.indexOf('@') >= 0) { // where Java finds no host it finds no user info either
            return "an address for a token must not have user info";
        }
        return uri.getHost() == null ? "an address for a token must name a host" + was(uri) + why(authority) : null;
    }

    /** {@return why Java finds no host where something is written} */
    private static String why(@Nullable String authority) {
        if (authority == null) {
            return "";
        }
        String host = UriUtils.decode(authority.replaceFirst(":\\d*$", ""), UTF_8);
        if (!host.chars().allMatch(c -> c < 128)) {
            return "; write its host in ASCII" + asciiOf(host);
        }
        return host.contains("_") ? "; a host name cannot contain an underscore" : "; that is no host name";
    }

    /** Java knows the older of two rules for names: what it would change on the way there and back is not proposed. */
    private static String asciiOf(String host) {
        try {
            String ascii = IDN.toASCII(host);
            return IDN.toUnicode(ascii).equalsIgnoreCase(host) ? ", as " + ascii : "";
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String canonical(String host) {
        if (!isIpv6(host)) {
            return host.toLowerCase(Locale.ROOT);
        }
        String address = host.substring(1, host.length() - 1);
        int percent = address.indexOf('%');
        String zone = percent < 0 ? "" : address.substring(percent).replaceFirst("^%25(?=.)", "%");
        byte[] bytes =
                NetUtil.createByteArrayFromIpAddressString(percent < 0 ? address : address.substring(0, percent));
        return bytes == null ? host.toLowerCase(Locale.ROOT) : "[" + NetUtil.bytesToIpAddress(bytes) + zone + "]";
    }

    private static boolean isIpv6(String host) {
        return host.charAt(0) == '[';
    }

    /** {@return whether an address without a {@link #flaw} is below this origin} */
    boolean covers(URI uri) {
        return port(uri) == port && isHost(uri.getHost()) && scheme.equalsIgnoreCase(uri.getScheme());
    }

    /** {@return whether an address may be another one that was sent elsewhere: the same request, no less safe} */
    static boolean isRewritten(URI written, URI sent) {
        return flaw(written) == null
                && (written.getScheme().equalsIgnoreCase(sent.getScheme())
                        || "https".equalsIgnoreCase(sent.getScheme()))
                && Objects.equals(written.getRawPath(), sent.getRawPath())
                && Objects.equals(written.getRawQuery(), sent.getRawQuery());
    }

    private boolean isHost(String other) {
        return isIpv6(other) ? host.equals(canonical(other)) : host.equalsIgnoreCase(other);
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
