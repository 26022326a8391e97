package io.monotoken.benchmarks;

import io.monotoken.PasswordGrant;
import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.TokenEndpoint;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * A source that holds tokens and rests needs little memory beyond them, and no thread.
 *
 * <p>Weighed are many with one endpoint, one grant and the same settings: the used heap with them less that after they
 * are gone, each one's entry in the timer included. What any holder must keep, the {@link Token} and the text of the
 * refresh token, is weighed apart and taken off.
 */
final class IdleBytes {

    private static final Duration LIFE = Duration.ofMinutes(30);
    private static final int CONNECTIONS = 16;

    private static final String CLAIM = "idle source";
    private static final String PEER = "`cache(ttl)`";
    private static final String TOKEN = "a token alone";
    private static final String TOKENS = "a token and a refresh token's text";
    private static final String BYTES = "bytes";
    private static final String BEYOND = "bytes beyond its tokens";
    private static final String ALL = "bytes with grant, credentials and token";
    private static final String OWN = "bytes more for an endpoint of its own";
    private static final String THREADS = "threads";
    private static final Duration THREADS_END = Duration.ofSeconds(6); // on which callers were resumed

    private IdleBytes() {}

    static List<Row> measure(Pace pace) {
        Notes notes = new Notes();
        ConnectionProvider connections = ConnectionProvider.create("idle", CONNECTIONS);
        round(pace.sources() / 10, connections, new Notes()); // loads what is loaded once
        for (int i = 0; i < pace.outages(); i++) {
            round(pace.sources(), connections, notes);
        }
        connections.dispose();
        return List.of(
                notes.row(CLAIM, Row.MONOTOKEN, BEYOND)
                        .against(notes.series(PEER, BEYOND))
                        .typicallyAtMost(400),
                notes.row(CLAIM, PEER, BEYOND).against(notes.series(PEER, BEYOND)),
                notes.row(CLAIM, Row.MONOTOKEN, ALL).typicallyAtMost(600),
                notes.row(CLAIM, Row.MONOTOKEN, OWN).typicallyAtMost(1_000),
                notes.row(CLAIM, TOKENS, BYTES),
                notes.row(CLAIM, TOKEN, BYTES),
                notes.row(CLAIM, Row.MONOTOKEN, THREADS).alwaysAtMost(0));
    }

    private static void round(int number, ConnectionProvider connections, Notes notes) {
        double token = weigh(fill(number, i -> Mono.just(token())), () -> {});
        double tokens = weigh(fill(number, i -> Mono.just(new Tokens(token(), value()))), () -> {}) - Tokens.SHELL;
        notes.add(TOKEN, BYTES, token);
        notes.add(TOKENS, BYTES, tokens);
        double source = sources(number, connections, notes);
        notes.add(Row.MONOTOKEN, BEYOND, source - tokens);
        notes.add(Row.MONOTOKEN, ALL, sourcesWithGrants(number, connections));
        notes.add(Row.MONOTOKEN, OWN, sourcesWithEndpoints(number / 4) - source);
        notes.add(PEER, BEYOND, caches(number, connections) - token); // Reactor's cache has no use for a refresh token
    }

    /** The server outlives the weighing, so that its own memory of the tokens is on both sides. */
    private static double sources(int number, ConnectionProvider connections, Notes notes) {
        PasswordGrant grant = StemsStandIn.grant();
        try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, LIFE)) {
            TokenEndpoint endpoint = stems.endpointBuilder()
                    .httpClient(client -> HttpClient.create(connections))
                    .build();
            IntFunction<Mono<TokenSource>> make = i -> {
                TokenSource source = TokenSource.builder(endpoint, grant).build();
                return source.token().thenReturn(source);
            };
            for (@Nullable Object first : fill(CONNECTIONS, make)) { // starts the threads that all share
                close(first);
            }
            Set<Thread> threads = Thread.getAllStackTraces().keySet();
            @Nullable Object[] sources = fill(number, make);
            Pauses.of(THREADS_END);
            notes.count(
                    Row.MONOTOKEN,
                    THREADS,
                    Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> !threads.contains(thread))
                            .count());
            return weigh(sources, () -> Arrays.stream(sources).forEach(IdleBytes::close));
        }
    }

    private static double sourcesWithGrants(int number, ConnectionProvider connections) {
        try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, LIFE)) {
            TokenEndpoint endpoint = stems.endpointBuilder()
                    .httpClient(client -> HttpClient.create(connections))
                    .build();
            return weighed(
                    number,
                    () -> TokenSource.builder(endpoint, StemsStandIn.grantWithoutRefreshToken())
                            .build());
        }
    }

    private static double sourcesWithEndpoints(int number) {
        PasswordGrant grant = StemsStandIn.grant();
        try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, LIFE)) {
            return weighed(
                    number, () -> TokenSource.builder(stems.endpoint(), grant).build());
        }
    }

    private static double weighed(int number, Supplier<TokenSource> make) {
        @Nullable
        Object[] sources = fill(number, i -> {
            TokenSource source = make.get();
            return source.token().thenReturn(source);
        });
        return weigh(sources, () -> Arrays.stream(sources).forEach(IdleBytes::close));
    }

    private static void close(@Nullable Object source) {
        if (source instanceof TokenSource held) {
            held.close();
        }
    }

    private static double caches(int number, ConnectionProvider connections) {
        Scheduler timer = Schedulers.newParallel("timer");
        try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, LIFE)) {
            Mono<Token> request = stems.request(HttpClient.create(connections));
            @Nullable
            Object[] caches = fill(number, i -> {
                Mono<Token> cache = StemsStandIn.cached(request, timer);
                return cache.thenReturn(cache);
            });
            return weigh(caches, timer::dispose);
        }
    }

    private record Tokens(Token token, String refreshToken) {

        /** Of a record with two references, with compressed pointers. */
        static final int SHELL = 24;
    }

    private static Token token() {
        Instant now = Instant.now();
        return Token.of(value(), Set.of(), now, now.plus(LIFE));
    }

    /** {@return as many random characters as the server's tokens have} */
    private static String value() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return String.format("%016x%016x", random.nextLong(), random.nextLong());
    }

    private static <T> @Nullable Object[] fill(int number, IntFunction<Mono<T>> make) {
        return Flux.range(0, number)
                .flatMap(make::apply, CONNECTIONS)
                .collectList()
                .blockOptional()
                .orElseThrow()
                .toArray();
    }

    /** {@return the bytes of each of them, the array not counted} */
    private static double weigh(@Nullable Object[] held, Runnable release) {
        long with = usedHeap();
        release.run();
        Arrays.fill(held, null);
        return (double) (with - usedHeap()) / held.length;
    }

    private static long usedHeap() {
        for (int i = 0; i < 2; i++) {
            System.gc();
            Pauses.of(Duration.ofMillis(50)); // what waits for a cleaner
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
