package io.monotoken;

import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/** The timer of one process on test time: it may run fast or slow, stands still while the process does, and counts its tasks. */
final class ProcessTimer implements Scheduler {

    private final Scheduler time;
    private final double speed;
    private final Set<Task> waiting = new LinkedHashSet<>();
    private final ArrayDeque<Task> due = new ArrayDeque<>();
    private boolean stopped;

    /**
     * @param speed how many seconds it counts in one
     */
    ProcessTimer(Scheduler time, double speed) {
        this.time = time;
        this.speed = speed;
    }

    /** {@return how many tasks have neither run nor been disposed of} */
    int waiting() {
        return waiting.size();
    }

    boolean isStopped() {
        return stopped;
    }

    void stop() {
        stopped = true;
    }

    /** Goes on, and first does what has become due meanwhile. */
    void resume() {
        stopped = false;
        while (!stopped && !due.isEmpty()) {
            due.remove().run();
        }
    }

    /** {@return nanoseconds by the clock of the process} */
    long nanos() {
        return (long) (time.now(TimeUnit.NANOSECONDS) * speed);
    }

    @Override
    public long now(TimeUnit unit) {
        return unit.convert(nanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task) {
        return schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        Task scheduled = new Task(task);
        waiting.add(scheduled);
        long nanos = (long) Math.ceil(Math.max(0, unit.toNanos(delay)) / speed);
        scheduled.entry.update(time.schedule(scheduled, nanos, TimeUnit.NANOSECONDS));
        return scheduled;
    }

    private final class Task implements Runnable, Disposable {

        private final Runnable action;
        private final Disposable.Swap entry = Disposables.swap();

        Task(Runnable action) {
            this.action = action;
        }

        @Override
        public void run() {
            if (stopped) {
                due.add(this);
            } else if (waiting.remove(this)) {
                action.run();
            }
        }

        @Override
        public void dispose() {
            waiting.remove(this);
            entry.dispose();
        }

        @Override
        public boolean isDisposed() {
            return !waiting.contains(this);
        }
    }

    @Override
    public Worker createWorker() {
        return new Worker() {

            private final Disposable.Composite tasks = Disposables.composite();

            @Override
            public Disposable schedule(Runnable task) {
                return schedule(task, 0, TimeUnit.NANOSECONDS);
            }

            @Override
            public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
                Disposable.Swap entry = Disposables.swap();
                tasks.add(entry);
                entry.update(ProcessTimer.this.schedule(
                        () -> {
                            tasks.remove(entry);
                            task.run();
                        },
                        delay,
                        unit));
                return entry;
            }

            @Override
            public void dispose() {
                tasks.dispose();
            }

            @Override
            public boolean isDisposed() {
                return tasks.isDisposed();
            }
        };
    }
}
