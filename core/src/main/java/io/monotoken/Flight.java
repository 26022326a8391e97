package io.monotoken;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * One token request that every caller shares, through {@code Mono.cache}. It goes on when callers leave, even all of
 * them, since a rotated refresh token in its answer would be lost.
 *
 * <p>It serves one request: a failure stays cached for ever, and a second subscription of its source goes back to
 * {@link TokenSource#token()}. So a caller who joins in the very moment it ends can never send anything.
 */
final class Flight {

    /** {@code cache} copies its subscribers on every join, so a crowd joins in batches. */
    private static final int BATCH = 256;

    /** Callers of one batch resume one after the other, so even a few are in several. A power of two. */
    private static final int BATCHES = 4;

    private static final Duration FOR_EVER = Duration.ofMillis(Long.MAX_VALUE);

    private final SourceSetup setup;
    private final Set<Object> waitingSources = ConcurrentHashMap.newKeySet();
    private final Sinks.One<Token> interruption = Sinks.one();
    private final Disposable.Swap expiryTask = Disposables.swap();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger joined = new AtomicInteger();
    private final AtomicReferenceArray<@Nullable Batch> batches = new AtomicReferenceArray<>(BATCHES);
    private final Mono<Token> shared;
    private final long startedAt;
    private final AtomicLong patience = new AtomicLong(); // zero until somebody has a token to fall back on
    private volatile Duration lifeInCache = FOR_EVER;

    private record Batch(Mono<Token> token, AtomicInteger joined) {}

    /**
     * @param source whose token it gets
     * @param request gets this flight; subscribed once, completes after its outcome is committed
     * @param again serves whoever subscribes a second time
     * @param onExpiry runs when the life of the token in the cache is over
     * @param above the sources that wait for the caller who starts it
     */
    Flight(
            Object source,
            SourceSetup setup,
            Function<Flight, Mono<Token>> request,
            Mono<Token> again,
            Runnable onExpiry,
            Set<Object> above) {
        this.setup = setup;
        this.startedAt = setup.clock().now();
        this.waitingSources.add(source);
        this.waitingSources.addAll(above);
        AtomicBoolean requested = new AtomicBoolean();
        this.shared = Mono.defer(() -> requested.compareAndSet(false, true) ? once(request) : again)
                .cache(token -> lifeInCache, error -> FOR_EVER, () -> FOR_EVER, new ExpiryScheduler(onExpiry));
    }

    private Mono<Token> once(Function<Flight, Mono<Token>> request) {
        return Mono.firstWithSignal(interruption.asMono(), request.apply(this))
                .contextWrite(callers -> Context.of(Flight.class, waitingSources));
    }

    /** {@return the sources whose flights wait for what a subscriber with this context asks} */
    static Set<Object> waitingSources(ContextView context) {
        return context.<Set<Object>>getOrEmpty(Flight.class).orElse(Set.of());
    }

    /** Marks these sources as waiting for this flight, so that a circular wait is detected. */
    void awaitedBy(Set<Object> sources) {
        waitingSources.addAll(sources);
    }

    long startedAt() {
        return startedAt;
    }

    /** Subscribes first and for good. */
    void start() {
        shared.subscribe(token -> {}, error -> {});
    }

    /** {@return what this caller waits for; fails with an instance of its own} */
    Mono<Token> join(long now) {
        return new Joined(now);
    }

    /** One caller's place in a batch. */
    private final class Joined extends Mono<Token> {

        private final long joinedAt;

        Joined(long joinedAt) {
            this.joinedAt = joinedAt;
            waiting.incrementAndGet();
        }

        @Override
        public void subscribe(CoreSubscriber<? super Token> caller) {
            batch(joined.getAndIncrement()).subscribe(new WaitingCaller(caller, this::ended));
        }

        private void ended() {
            waiting.decrementAndGet();
            setup.notifyListeners(
                    listener -> listener.waited(Duration.ofNanos(setup.clock().now() - joinedAt)));
        }
    }

    /**
     * Joins for a caller who has a token near its end to fall back on. All of them lose their patience at the same instant.
     *
     * @param longest how long the first of them waits at most
     * @return what comes first, this flight's token or the other one
     */
    Mono<Token> joinOr(Mono<Token> current, long longest, long now) {
        long end = now + longest;
        patience.compareAndSet(0, end == 0 ? 1 : end);
        long left = patience.get() - now;
        return left <= 0 ? current : joinFor(left, current, now);
    }

    /** As {@link #joinOr}, for a caller who loses patience apart from the others. */
    Mono<Token> joinFor(long longest, Mono<Token> current, long now) {
        return join(now)
                .timeout(
                        Duration.ofNanos(longest),
                        current.publishOn(setup.resume()),
                        setup.clock().timer());
    }

    private Mono<Token> batch(int number) {
        int place = number & (BATCHES - 1);
        while (true) {
            Batch current = batches.get(place);
            if (current != null && current.joined.incrementAndGet() <= BATCH) {
                return current.token;
            }
            batches.compareAndSet(
                    place, current, new Batch(shared.publishOn(setup.resume()).cache(), new AtomicInteger()));
        }
    }

    int waiting() {
        return waiting.get();
    }

    /** Ends the request; callers who wait get the failure. */
    void interrupt(TokenException failure) {
        interruption.tryEmitError(failure);
    }

    /** Sets the life of the obtained token in the cache. */
    void cacheFor(Duration life) {
        lifeInCache = life;
    }

    /** {@return what forgets the obtained token at its end} */
    Disposable expiryTask() {
        return expiryTask;
    }

    /** Schedules the expiry task in place of the operator's own, which would keep this flight in memory until then. */
    private final class ExpiryScheduler implements Scheduler {

        private final Runnable onExpiry;

        ExpiryScheduler(Runnable onExpiry) {
            this.onExpiry = onExpiry;
        }

        @Override
        public Disposable schedule(Runnable cacheExpiry, long delay, TimeUnit unit) {
            expiryTask.update(setup.clock().timer().schedule(onExpiry, delay, unit));
            return expiryTask;
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
