package io.monotoken.spring.autoconfigure;

import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import reactor.core.publisher.Mono;

/*
 * Shared state  `current` only: the connector that requests begin with.
 * Invariant     a request that begins after a reload meets no connection of before, whose certificate is the old one.
 * Transitions   another connector at each reload; the one of before goes on for the requests that have begun with it.
 * Cancel        a request that is cancelled while it connects counts as ended.
 * Time          none.
 */
/** The connector of an SSL bundle as it is now. */
final class ReloadingConnector implements ClientHttpConnector {

    private final BiFunction<SslBundle, CountedConnections, ClientHttpConnector> factory;
    private volatile Generation current;

    /**
     * Makes the first connector.
     *
     * @param factory makes a connector whose connections are counted, as far as its HTTP client can
     */
    ReloadingConnector(SslBundle bundle, BiFunction<SslBundle, CountedConnections, ClientHttpConnector> factory) {
        this.factory = factory;
        this.current = generation(bundle);
    }

    void reload(SslBundle bundle) {
        Generation before = current;
        current = generation(bundle);
        before.retire();
    }

    private Generation generation(SslBundle bundle) {
        CountedConnections connections = new CountedConnections();
        return new Generation(factory.apply(bundle, connections), connections, new AtomicInteger());
    }

    @Override
    public Mono<ClientHttpResponse> connect(
            HttpMethod method, URI uri, Function<? super ClientHttpRequest, Mono<Void>> request) {
        return Mono.using(
                () -> current.begin(), begun -> begun.connector().connect(method, uri, request), Generation::end);
    }

    /**
     * What one load of the bundle made.
     *
     * @param beginning how many requests may still take one of its connections
     */
    private record Generation(ClientHttpConnector connector, CountedConnections connections, AtomicInteger beginning) {

        Generation begin() {
            beginning.incrementAndGet();
            return this;
        }

        /** The answer has begun, so that no more connection is taken. */
        void end() {
            if (beginning.decrementAndGet() == 0 && connections.isRetired()) {
                connections.closeUnused();
            }
        }

        /** Leaves unused connections to those who may be about to take one, and whoever is the last of them closes the rest. */
        void retire() {
            connections.retire();
            if (beginning.get() == 0) {
                connections.closeUnused();
            }
        }
    }
}
