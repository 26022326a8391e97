package io.monotoken;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * A scheduler that never refuses: {@code Mono.cache} and {@code Mono.timeout} leave their subscribers hanging when a
 * disposed one throws at them. What it refuses, the JDK's own timer runs.
 */
record ReliableScheduler(Supplier<Scheduler> scheduler) implements Scheduler {

    @Override
    public Disposable schedule(Runnable task) {
        return schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        try {
            return delay > 0
                    ? scheduler.get().schedule(task, delay, unit)
                    : scheduler.get().schedule(task);
        } catch (RejectedExecutionException e) {
            CompletableFuture<Boolean> due = new CompletableFuture<Boolean>().completeOnTimeout(true, delay, unit);
            due.thenRunAsync(task);
            return () -> due.cancel(false);
        }
    }

    @Override
    public long now(TimeUnit unit) {
        return scheduler.get().now(unit);
    }

    @Override
    public Worker createWorker() {
        return scheduler.get().createWorker();
    }
}
