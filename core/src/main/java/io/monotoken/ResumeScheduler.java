package io.monotoken;

import java.time.Duration;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Where callers are resumed that had to wait, unless a source has a scheduler of its own: daemon threads that all sources
 * share and that may block, none of them while nobody waits.
 *
 * <p>Neither {@code parallel()}, where a caller that blocks would stop timers and other sources, nor
 * {@code boundedElastic()}, where callers that block would wait for their own threads.
 */
final class ResumeScheduler {

    private static final int THREADS = Math.max(32, 10 * Runtime.getRuntime().availableProcessors());
    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final Scheduler SHARED = ofItsOwn("monotoken-resume");

    private ResumeScheduler() {}

    static Scheduler shared() {
        return SHARED;
    }

    /** {@return a scheduler with other threads of the same kind} */
    static Scheduler ofItsOwn(String name) {
        return Schedulers.fromExecutorService(threads(name), name);
    }

    private static ThreadPoolExecutor threads(String name) {
        AtomicInteger number = new AtomicInteger();
        IdleThreadsFirst tasks = new IdleThreadsFirst();
        return new ThreadPoolExecutor(
                0,
                THREADS,
                IDLE.toSeconds(),
                TimeUnit.SECONDS,
                tasks,
                task -> {
                    Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                (task, full) -> tasks.await(task));
    }

    /** Refuses a task that no idle thread takes, so that the pool starts a thread for it; in a full pool it waits here. */
    private static final class IdleThreadsFirst extends LinkedTransferQueue<Runnable> {

        @Override
        public boolean offer(Runnable task) {
            return tryTransfer(task);
        }

        void await(Runnable task) {
            super.offer(task);
        }
    }
}
