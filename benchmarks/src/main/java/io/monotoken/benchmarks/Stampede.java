package io.monotoken.benchmarks;

import io.monotoken.Token;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** Many callers who ask in one moment, from as many threads as Reactor Netty has loops on a small machine. */
final class Stampede {

    private static final int THREADS = 4;
    private static final long PATIENCE_SECONDS = 120;

    private final CountDownLatch ready = new CountDownLatch(THREADS);
    private final CountDownLatch go = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final int callers;
    private final Predicate<Token> wanted;
    private final AtomicInteger waiting;
    private final AtomicInteger unserved = new AtomicInteger();
    private volatile long servedAt;

    /** @param wanted whether this token serves a caller */
    Stampede(int callers, Predicate<Token> wanted) {
        this.callers = callers;
        this.wanted = wanted;
        this.waiting = new AtomicInteger(callers);
    }

    /** {@return how long it took from the first question to the last answer} */
    Duration run(Mono<Token> token) {
        try {
            return ask(token);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** {@return how many callers failed or got what they did not want} */
    int unserved() {
        return unserved.get();
    }

    private Duration ask(Mono<Token> token) throws InterruptedException {
        for (int i = 0; i < THREADS; i++) {
            int share = callers / THREADS + (i < callers % THREADS ? 1 : 0);
            Thread thread = new Thread(() -> ask(share, token), "stampede-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        ready.await();
        long startedAt = System.nanoTime();
        go.countDown();
        if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(waiting + " of " + callers + " callers were never answered");
        }
        return Duration.ofNanos(servedAt - startedAt);
    }

    private void ask(int share, Mono<Token> token) {
        Caller[] asking = new Caller[share];
        for (int i = 0; i < share; i++) {
            asking[i] = new Caller();
        }
        ready.countDown();
        try {
            go.await();
        } catch (InterruptedException e) {
            return;
        }
        for (Caller caller : asking) {
            token.subscribe(caller);
        }
    }

    private void answered(boolean served) {
        if (!served) {
            unserved.incrementAndGet();
        }
        if (waiting.decrementAndGet() == 0) {
            servedAt = System.nanoTime();
            done.countDown();
        }
    }

    private final class Caller implements CoreSubscriber<Token> {

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Token token) {
            answered(wanted.test(token));
        }

        @Override
        public void onError(Throwable error) {
            answered(false);
        }

        @Override
        public void onComplete() {}
    }
}
