package io.monotoken.benchmarks;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.testing.InMemoryTokenStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import reactor.core.publisher.Mono;

/** A warm {@code token()} costs little more than a constant and one look at the clock. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WarmTokenBenchmark {

    private static final Duration DAY = Duration.ofDays(1);

    private final TokenSource source;
    private final TokenSource shared;
    private final Mono<Token> constant;
    private final Mono<Token> constantAndClock;
    private final Mono<Token> cached;

    /** Holds a token of each kind; the server is gone when the measurement begins. */
    public WarmTokenBenchmark() {
        try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, DAY)) {
            source = stems.source();
            shared = stems.sourceBuilder()
                    .tokenStore(new InMemoryTokenStore(), Instances.settings())
                    .build();
            shared.token().block();
            Token token = source.token().blockOptional().orElseThrow();
            constant = Mono.just(token);
            long renewFrom = System.nanoTime() + DAY.toNanos() / 2;
            constantAndClock =
                    Mono.defer(() -> System.nanoTime() - renewFrom < 0 ? constant : Mono.error(new AssertionError()));
            cached = constant.cache(DAY);
            cached.block();
        }
    }

    /** Ends the source. */
    @TearDown
    public void close() {
        source.close();
        shared.close();
    }

    /**
     * The floor.
     *
     * @param taker takes the token
     * @return the token
     */
    @Benchmark
    public @Nullable Object constant(Taker taker) {
        return taker.take(constant);
    }

    /**
     * The limit: whoever checks a token's life reads a clock.
     *
     * @param taker takes the token
     * @return the token
     */
    @Benchmark
    public @Nullable Object constantAndClock(Taker taker) {
        return taker.take(constantAndClock);
    }

    /**
     * The peer.
     *
     * @param taker takes the token
     * @return the token
     */
    @Benchmark
    public @Nullable Object cached(Taker taker) {
        return taker.take(cached);
    }

    /**
     * The token source.
     *
     * @param taker takes the token
     * @return the token
     */
    @Benchmark
    public @Nullable Object source(Taker taker) {
        return taker.take(source.token());
    }

    /**
     * A token source that shares its token with other instances.
     *
     * @param taker takes the token
     * @return the token
     */
    @Benchmark
    public @Nullable Object shared(Taker taker) {
        return taker.take(shared.token());
    }

    static List<Row> measure(Pace pace) {
        JmhRounds rounds = new JmhRounds(
                WarmTokenBenchmark.class, List.of("constant", "constantAndClock", "cached", "source", "shared"), pace);
        Series constant = rounds.time("constant");
        Series limit = rounds.time("constantAndClock");
        Series cached = rounds.time("cached");
        Series source = rounds.time("source");
        Series shared = rounds.time("shared");
        Series constantBytes = rounds.bytes("constant");
        Series sourceBytes = rounds.bytes("source");
        String claim = "warm `token()`";
        return List.of(
                Row.of(claim, Row.MONOTOKEN, "ns a call", source)
                        .against(limit)
                        .withGoal("≤ × 1.1", source.median() <= 1.1 * limit.median()),
                Row.of(claim, Row.MONOTOKEN + ", shared through a store", "ns a call", shared)
                        .against(limit)
                        .withGoal("as alone", shared.median() <= 1.1 * source.median()),
                Row.of(claim, "a constant and a clock read", "ns a call", limit).against(limit),
                Row.of(claim, "a constant", "ns a call", constant).against(limit),
                Row.of(claim, "`cache(ttl)`", "ns a call", cached).against(limit),
                Row.of(claim, Row.MONOTOKEN, "bytes a call", sourceBytes)
                        .against(constantBytes)
                        .withGoal("≤ × 1", Math.rint(sourceBytes.median()) <= Math.rint(constantBytes.median())),
                Row.of(claim, "a constant", "bytes a call", constantBytes).against(constantBytes),
                Row.of(claim, "`cache(ttl)`", "bytes a call", rounds.bytes("cached"))
                        .against(constantBytes));
    }
}
