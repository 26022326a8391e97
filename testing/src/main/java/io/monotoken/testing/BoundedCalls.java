package io.monotoken.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;

/** Calls of a store under test. Each wait has an end, and a store that does not answer as it must is told why that matters. */
final class BoundedCalls {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration STEP = Duration.ofMillis(10);
    private static final Duration RACE_AT_MOST = Duration.ofSeconds(1);
    private static final int MOST_SPINS = 3000;

    private static final String MATTERS = """
            In a fleet: a source takes the store for one that is out of reach, shares nothing and asks again later.
            What to do: answer each call with one value or an error signal. A writer that loses is false and no error; a \
            missing record is a reading without tag and value.
            """;

    private BoundedCalls() {}

    /** Waits for the one value of a call that must have one. */
    static <T> T answer(String call, Supplier<Mono<T>> called) {
        return answer(call, MATTERS, called);
    }

    /**
     * Waits for the one value of a call that must have one.
     *
     * @param call what was called, and when
     * @param matters two lines: what comes of it in a fleet, and what to do
     */
    static <T> T answer(String call, String matters, Supplier<Mono<T>> called) {
        Signal<T> signal;
        try {
            signal = called.get().materialize().timeout(PATIENCE, Mono.empty()).block();
        } catch (RuntimeException thrown) {
            throw new AssertionError(call + " throws, with a store in reach: " + thrown + "\n" + matters, thrown);
        }
        if (signal == null) {
            throw new AssertionError(call + " does not answer within " + PATIENCE + ".\n" + matters);
        }
        Throwable error = signal.getThrowable();
        if (error != null) {
            throw new AssertionError(
                    call + " signals an error, with a store in reach: " + error + "\n" + matters, error);
        }
        T value = signal.get();
        if (value == null) {
            throw new AssertionError(call + " completes without a value.\n" + matters);
        }
        return value;
    }

    /** Calls from threads of its own that begin together. */
    static <T> List<T> atOnce(int callers, IntFunction<T> call) {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        CyclicBarrier start = new CyclicBarrier(callers);
        try {
            List<Future<T>> answers = IntStream.range(0, callers)
                    .mapToObj(caller -> threads.submit(() -> {
                        start.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                        return call.apply(caller);
                    }))
                    .toList();
            List<T> values = new ArrayList<>();
            for (Future<T> answer : answers) {
                values.add(answer.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS));
            }
            return values;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AssertionError failed) {
                throw failed;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** What one caller does in one round. */
    @FunctionalInterface
    interface RaceStep {
        void run(int caller, int round);
    }

    /** Lets callers go through the rounds side by side, each at its own pace, and through the first one at least. */
    static void race(int callers, int rounds, RaceStep step) {
        long end = System.nanoTime() + RACE_AT_MOST.toNanos();
        atOnce(callers, caller -> {
            for (int round = 0; round == 0 || (round < rounds && System.nanoTime() - end < 0); round++) {
                step.run(caller, round);
            }
            return caller;
        });
    }

    /** Lets two callers begin each round within a fraction of a microsecond, as far as there are two cores. */
    static void raceInStep(int rounds, RaceStep step) {
        AtomicInteger arrived = new AtomicInteger();
        race(2, rounds, (caller, round) -> {
            arrived.incrementAndGet();
            for (int spins = 1; arrived.get() < 2 * (round + 1) && spins < MOST_SPINS; spins++) {
                if (spins < 1000) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(1000); // the other has no core, or a store that takes its time
                }
            }
            step.run(caller, round);
        });
    }

    /** Looks every few milliseconds until the condition holds or the time is over. */
    static void poll(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(STEP.toNanos());
        }
    }
}
