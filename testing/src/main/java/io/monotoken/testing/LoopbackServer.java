package io.monotoken.testing;

import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.FutureMono;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/** An HTTP server on 127.0.0.1 that delays its answers by a latency and, when it is closed, closes every connection too. */
final class LoopbackServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final Duration CLOSES_WITHIN = Duration.ofSeconds(10);

    // its own, because a Spring context that closes ends those that Reactor Netty shares
    private final LoopResources loops = LoopResources.create("stand-in", 1, true);
    // ImmediateEventExecutor, because the usual GlobalEventExecutor would start one more thread
    private final ChannelGroup connections = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);
    private final Function<HttpServerRequest, Mono<Answer>> answers;
    private final DisposableServer server;
    private volatile Duration latency;

    /**
     * Starts to listen.
     *
     * @param settings the port and the latency at the start
     * @param answers makes the answer to a request; an empty Mono hangs up without one
     */
    LoopbackServer(ServerBuilder<?> settings, Function<HttpServerRequest, Mono<Answer>> answers) {
        this.latency = settings.latency();
        this.answers = answers;
        this.server = listening(settings.port());
    }

    private DisposableServer listening(int port) {
        try {
            return HttpServer.create()
                    .host(HOST)
                    .port(port)
                    .channelGroup(connections)
                    .runOn(loops)
                    .handle(this::handle)
                    .bindNow();
        } catch (ChannelBindException e) {
            loops.dispose();
            throw new IllegalStateException(
                    "cannot listen at " + HOST + ":" + port
                            + ", it may be taken; port(0), the default, takes a free one",
                    e);
        }
    }

    static Duration checkedLatency(Duration latency) {
        if (Objects.requireNonNull(latency, "latency").isNegative()) {
            throw new IllegalArgumentException("latency must not be negative, was " + latency);
        }
        return latency;
    }

    URI uri(String path) {
        return URI.create("http://" + HOST + ":" + server.port() + path);
    }

    void latency(Duration latency) {
        this.latency = checkedLatency(latency);
    }

    private Mono<Void> handle(HttpServerRequest request, HttpServerResponse response) {
        Mono<Answer> answer = answers.apply(request);
        Duration wait = latency;
        if (!wait.isZero()) {
            answer = answer.delayUntil(made -> pause(wait, response));
        }
        return answer.map(made -> made.sendTo(response))
                .switchIfEmpty(Mono.fromSupplier(() -> hangUp(response)))
                .flatMap(Function.identity());
    }

    /** Waits on the connection's own event loop, so that no further thread is needed. */
    private Mono<Void> pause(Duration wait, HttpServerResponse response) {
        return Mono.create(sink -> response.withConnection(connection -> {
            var timer = connection
                    .channel()
                    .eventLoop()
                    .schedule(() -> sink.success(), wait.toNanos(), TimeUnit.NANOSECONDS);
            sink.onDispose(() -> timer.cancel(false));
        }));
    }

    private static Mono<Void> hangUp(HttpServerResponse response) {
        response.withConnection(connection -> connection.channel().close());
        return Mono.never(); // the closed connection cancels it
    }

    /** Stops listening, then closes all connections, and returns when both is done; not for an event loop's thread. */
    @Override
    public void close() {
        server.dispose();
        server.onDispose().then(FutureMono.deferFuture(connections::close)).block(CLOSES_WITHIN);
        loops.disposeLater(Duration.ZERO, CLOSES_WITHIN).block(CLOSES_WITHIN);
    }
}
