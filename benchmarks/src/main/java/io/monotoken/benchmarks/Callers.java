package io.monotoken.benchmarks;

import io.monotoken.Token;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Concurrent callers who ask for a token, pause a little, and ask again. */
final class Callers {

    private static final long STALL = Duration.ofMillis(20).toNanos();
    private static final long PAUSE_MILLIS = 10;

    private final Mono<Token> token;
    private final Predicate<Token> accepted;
    private final Scheduler scheduler;
    private final LongAdder calls = new LongAdder();
    private final LongAdder waits = new LongAdder();
    private final LongAdder stalls = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final Set<Token> seen = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    /**
     * @param accepted whether an API would take this token now
     * @param scheduler where they ask
     */
    Callers(Mono<Token> token, Predicate<Token> accepted, Scheduler scheduler) {
        this.token = token;
        this.accepted = accepted;
        this.scheduler = scheduler;
    }

    Callers start(int number) {
        for (int i = 0; i < number; i++) {
            scheduler.schedule(new Caller(), PAUSE_MILLIS * i / number, TimeUnit.MILLISECONDS);
        }
        return this;
    }

    void stop() {
        stopped = true;
    }

    /** {@return how many got an answer of whatever kind} */
    long calls() {
        return calls.sum();
    }

    /** {@return how many were not answered while they asked, but later} */
    long waits() {
        return waits.sum();
    }

    /** {@return how many were answered after more than 20 ms} */
    long stalls() {
        return stalls.sum();
    }

    long failures() {
        return failures.sum();
    }

    /** {@return how many got a token that an API would not have taken} */
    long refused() {
        return refused.sum();
    }

    /** {@return whether somebody got another token than this one} */
    boolean haveOtherThan(Token token) {
        return seen.stream().anyMatch(other -> !other.equals(token));
    }

    Set<Token> tokens() {
        return Set.copyOf(seen);
    }

    int differentTokens() {
        return seen.size();
    }

    private final class Caller implements CoreSubscriber<Token>, Runnable {

        /** Asking ends and an answer comes, in either order and on any threads; the second of them goes on. */
        private final AtomicInteger halves = new AtomicInteger();

        private long askedAt;

        @Override
        public void run() {
            askedAt = System.nanoTime();
            token.subscribe(this);
            if (halves.get() == 0) {
                waits.increment();
            }
            half();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Token token) {
            if (!accepted.test(token)) {
                refused.increment();
            }
            seen.add(token);
        }

        @Override
        public void onError(Throwable error) {
            failures.increment();
            answered();
        }

        @Override
        public void onComplete() {
            answered();
        }

        private void answered() {
            if (System.nanoTime() - askedAt > STALL) {
                stalls.increment();
            }
            calls.increment();
            half();
        }

        private void half() {
            if (halves.incrementAndGet() == 2) {
                halves.set(0);
                if (!stopped) {
                    scheduler.schedule(this, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                }
            }
        }
    }
}
