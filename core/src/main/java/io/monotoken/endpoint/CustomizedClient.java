package io.monotoken.endpoint;

import io.netty.channel.ChannelOption;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;

/**
 * The HTTP client of an endpoint: whatever a customizer makes of it, but for what would send the form twice, elsewhere or to a
 * log, or let an answer grow.
 */
final class CustomizedClient {

    private CustomizedClient() {}

    /**
     * @throws IllegalArgumentException if the customizer asks for a protocol that does not fit
     */
    static HttpClient of(URI uri, Duration connectTimeout, UnaryOperator<HttpClient> customizer) {
        HttpClient customized = customizer.apply(
                HttpClient.create(new ConnectionPerRequest()).option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        Math.min(connectTimeout.toMillis(), Integer.MAX_VALUE)));
        if (customized == null) {
            throw new IllegalArgumentException(
                    "a customizer of the HTTP client returned null; return the client that it was given, or another");
        }
        return RedactingHandler.applyTo(customized, uri)
                .protocol(protocol(customized, uri))
                .followRedirect(false)
                .httpAuthentication((request, response) -> false, (request, address) -> {})
                .compress(false)
                .disableRetry(true)
                .wiretap(false)
                .httpResponseDecoder(usual -> usual)
                .http2Settings(usual -> {});
    }

    /** HTTP/1.1, unless the customizer wants nothing but HTTP/2: it has a connection for each request as well. */
    private static HttpProtocol protocol(HttpClient client, URI uri) {
        Set<HttpProtocol> wanted = EnumSet.copyOf(List.of(client.configuration().protocols()));
        if (wanted.contains(HttpProtocol.HTTP11)) {
            return HttpProtocol.HTTP11;
        }
        HttpProtocol fitting = "https".equalsIgnoreCase(uri.getScheme()) ? HttpProtocol.H2 : HttpProtocol.H2C;
        if (!wanted.contains(fitting)) {
            throw new IllegalArgumentException("a customizer of the HTTP client asks for " + wanted + ", and "
                    + ShownUri.of(uri) + " can be asked by HTTP11 or " + fitting + "; name one of these");
        }
        return fitting;
    }
}
