package io.monotoken.endpoint;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a token request that nobody else may set, and what else a request has: any other header may hold a secret.
 *
 * @param length of the form in bytes
 * @param authorization null when a header does not say who the client is
 */
record RequestHeaders(URI uri, int length, @Nullable String authorization) {

    private static final Set<String> PUBLIC = Set.of(
            "host",
            "accept",
            "content-type",
            "content-length",
            "transfer-encoding",
            "user-agent",
            "connection",
            "traceparent",
            "tracestate",
            "b3");

    private static final Set<Integer> USUAL_PORTS = Set.of(-1, 80, 443);

    /** Shorter ones are words that a server may well say by itself. */
    private static final int SHORTEST_SECRET = 6;

    /** Puts them on, whatever a customizer has put there, and takes off what asks for another answer or another framing. */
    void putOn(HttpHeaders headers) {
        headers.set(
                HttpHeaderNames.HOST, uri.getHost() + (USUAL_PORTS.contains(uri.getPort()) ? "" : ":" + uri.getPort()));
        headers.set(HttpHeaderNames.ACCEPT, "application/json");
        headers.set(HttpHeaderNames.CONTENT_TYPE, "application/x-www-form-urlencoded");
        headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        headers.remove(HttpHeaderNames.CONTENT_ENCODING);
        headers.remove(HttpHeaderNames.ACCEPT_ENCODING);
        headers.remove(HttpHeaderNames.EXPECT);
        headers.remove(HttpHeaderNames.UPGRADE);
        if (authorization == null) {
            headers.remove(HttpHeaderNames.AUTHORIZATION); // one way only, whatever the customizer did
        } else {
            headers.set(HttpHeaderNames.AUTHORIZATION, authorization);
        }
    }

    /** {@return values that a customizer added and that a server may send back, but no log or message may have} */
    static List<String> foreign(HttpHeaders headers) {
        return headers.entries().stream()
                .filter(header -> !PUBLIC.contains(header.getKey().toLowerCase(Locale.ROOT)))
                .map(Map.Entry::getValue)
                .filter(value -> value.length() >= SHORTEST_SECRET)
                .toList();
    }

    @Override
    public String toString() {
        return "RequestHeaders[uri=" + ShownUri.of(uri) + ", length=" + length + "]";
    }
}
