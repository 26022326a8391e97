package io.monotoken;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.Logger;
import reactor.util.Loggers;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * One token request that every caller shares, through {@code Mono.cache}. It goes on when callers leave, even all of
 * them, since a rotated refresh token in its answer would be lost.
 *
 * <p>It serves one request: a failure stays cached for ever, and should its source ever be subscribed to again, that
 * goes back to the token source. So a caller who joins in the very moment it lands can never send anything.
 */
final class Flight {

    private static final Logger log = Loggers.getLogger(TokenSource.class);

    /** {@code cache} copies its subscribers on every join, so a crowd sits in lanes. */
    private static final int SEATS = 256;

    /** Those of one lane resume one after the other, so even a few sit in several. A power of two. */
    private static final int ROWS = 4;

    private static final Duration LONGEST_STORING = Duration.ofSeconds(2);

    private static final Duration FOR_EVER = Duration.ofMillis(Long.MAX_VALUE);

    private final SharedTokenSource source;
    private final SourceSetup setup;
    private final TokenAcquisition acquisition;
    private final Set<SharedTokenSource> inTheAir;
    private final Sinks.One<Landing> interruption = Sinks.one();
    private final AtomicBoolean requested = new AtomicBoolean();
    private final Disposable.Swap sweep = Disposables.swap();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger joined = new AtomicInteger();
    private final AtomicReferenceArray<@Nullable Lane> lanes = new AtomicReferenceArray<>(ROWS);
    private final Mono<Token> landing;
    private final long startedAt;
    private volatile Duration lifeInCache = FOR_EVER;

    private record Lane(Mono<Token> mono, AtomicInteger taken) {}

    /**
     * @param caller the context of who starts it; all that goes on from it is which sources are in the air above
     */
    Flight(SharedTokenSource source, SourceSetup setup, TokenAcquisition acquisition, ContextView caller) {
        this.source = source;
        this.setup = setup;
        this.acquisition = acquisition;
        this.startedAt = setup.clock().now();
        this.inTheAir = ConcurrentHashMap.newKeySet();
        this.inTheAir.add(source);
        this.inTheAir.addAll(inTheAir(caller));
        this.landing = Mono.defer(() -> requested.compareAndSet(false, true) ? request() : source.token())
                .cache(token -> lifeInCache, error -> FOR_EVER, () -> FOR_EVER, new Sweeper());
    }

    /** {@return the sources whose flights wait for what a subscriber with this context asks} */
    static Set<SharedTokenSource> inTheAir(ContextView context) {
        return context.<Set<SharedTokenSource>>getOrEmpty(Flight.class).orElse(Set.of());
    }

    long startedAt() {
        return startedAt;
    }

    /** Subscribes first and for good. */
    void start() {
        landing.subscribe(token -> {}, error -> {});
    }

    /** From now on this flight is in the air above whatever the callers of these sources wait for. */
    void awaitedBy(Set<SharedTokenSource> sources) {
        inTheAir.addAll(sources);
    }

    /** {@return what this caller waits for; fails with an instance of its own} */
    Mono<Token> join() {
        waiting.incrementAndGet();
        long joinedAt = setup.clock().now();
        return seat(joined.getAndIncrement())
                .transform(Operators.<Token, Token>lift((scannable, caller) -> new Waiter(caller, this, joinedAt)));
    }

    /** A caller that joined has heard or has left. */
    void left(long joinedAt) {
        waiting.decrementAndGet();
        setup.hear(listener -> listener.waited(Duration.ofNanos(setup.clock().now() - joinedAt)));
    }

    private Mono<Token> seat(int number) {
        int row = number & (ROWS - 1);
        while (true) {
            Lane current = lanes.get(row);
            if (current != null && current.taken.incrementAndGet() <= SEATS) {
                return current.mono;
            }
            lanes.compareAndSet(
                    row, current, new Lane(landing.publishOn(setup.resume()).cache(), new AtomicInteger()));
        }
    }

    int waiting() {
        return waiting.get();
    }

    /** Ends the request; those who wait get the failure. */
    void interrupt(TokenException failure) {
        interruption.tryEmitError(failure);
    }

    /** {@return what forgets the landed token at its end} */
    Disposable sweep() {
        return sweep;
    }

    private Mono<Token> request() {
        return Mono.firstWithSignal(interruption.asMono(), TokenAcquisition.caught(acquisition::run))
                .timeout(setup.settings().timeout(), setup.clock().timer())
                .switchIfEmpty(Mono.error(() -> setup.unavailable("the token client gave no answer")))
                .onErrorResume(error -> Mono.just(acquisition.cutShort(cause(error))))
                .delayUntil(this::store)
                .flatMap(landed -> source.land(this, landed))
                .contextWrite(callers -> Context.of(Flight.class, inTheAir));
    }

    /** Completes when a new refresh token is stored, or when that takes too long; then it goes on by itself. */
    private Mono<Void> store(Landing landed) {
        Function<String, Mono<Void>> store = setup.refreshTokenStore();
        RefreshToken rotated =
                landed instanceof Landing.Arrived arrived && arrived.rotated() ? arrived.refreshToken() : null;
        if (store == null || rotated == null) {
            return Mono.empty();
        }
        Duration left = setup.settings().timeout().minusNanos(setup.clock().now() - startedAt);
        Duration patience = left.compareTo(LONGEST_STORING) < 0 ? left : LONGEST_STORING;
        return Mono.deferContextual(context -> {
            Mono<Void> storing = TokenAcquisition.caught(() -> store.apply(rotated.value()))
                    .contextWrite(context)
                    .doOnError(error -> log.warn(
                            "{}: its refresh token store failed with {}",
                            source,
                            error.getClass().getName()))
                    .cache();
            return Mono.firstWithSignal(storing, interruption.asMono().then())
                    .timeout(patience, setup.clock().timer())
                    .doOnError(
                            TimeoutException.class,
                            late -> log.warn("{}: its refresh token store is not waited for any longer", source))
                    .onErrorComplete();
        });
    }

    private TokenException cause(Throwable error) {
        if (error instanceof TokenException known) {
            return known;
        }
        return error instanceof TimeoutException
                ? setup.unavailable("none came within " + setup.settings().timeout()
                        + "; if the credentials supplier or the HTTP client of the token endpoint waits for a token of"
                        + " this very source, give it a client without the filter")
                : setup.unavailable(
                        "the token client failed with " + error.getClass().getName(), error);
    }

    /** Sets the life of the landed token in the cache; one that has ended already stays, for those still on their way. */
    void cacheFor(Duration life) {
        lifeInCache = life;
    }

    /** Runs the end of the cached value's life as the source's, and takes the entry back when the token is replaced. */
    private final class Sweeper implements Scheduler {

        @Override
        public Disposable schedule(Runnable cacheExpiry, long delay, TimeUnit unit) {
            // The operator's own task is left out: it would keep this landed flight in memory until then.
            sweep.update(setup.clock().timer().schedule(source::forgetEnded, delay, unit));
            return sweep;
        }

        @Override
        public Disposable schedule(Runnable task) {
            return setup.clock().timer().schedule(task);
        }

        @Override
        public Worker createWorker() {
            return setup.clock().timer().createWorker();
        }
    }
}
