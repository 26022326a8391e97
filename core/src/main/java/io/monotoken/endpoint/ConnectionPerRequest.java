package io.monotoken.endpoint;

import io.netty.channel.Channel;
import io.netty.resolver.AddressResolverGroup;
import java.net.SocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.http.client.Http2AllocationStrategy;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.TransportConfig;

/**
 * Gives each request a connection of its own. HTTP/2 goes through a pool of Reactor Netty's whatever the provider, so there each
 * connection takes one request, and {@link #close} ends it.
 */
final class ConnectionPerRequest implements ConnectionProvider {

    private static final String NAME = "monotoken";
    private static final int MOST_AT_A_TIME = 10_000;

    private final ConnectionProvider connections = ConnectionProvider.newConnection();

    @Override
    public Mono<? extends Connection> acquire(
            TransportConfig config,
            ConnectionObserver observer,
            @Nullable Supplier<? extends SocketAddress> remoteAddress,
            @Nullable AddressResolverGroup<?> resolverGroup) {
        return connections.acquire(config, observer, remoteAddress, resolverGroup);
    }

    @Override
    public int maxConnections() {
        return MOST_AT_A_TIME;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Builder mutate() {
        return ConnectionProvider.builder(NAME)
                .allocationStrategy(Http2AllocationStrategy.builder()
                        .maxConnections(MOST_AT_A_TIME)
                        .maxConcurrentStreams(1)
                        .build());
    }

    /** Closes the connection of HTTP/2 that carried a request, unless it is one of a pool that the customizer brought. */
    static void close(@Nullable Channel channel, HttpClient client) {
        if (channel != null
                && channel.parent() != null
                && client.configuration().connectionProvider() instanceof ConnectionPerRequest) {
            channel.parent().close();
        }
    }
}
