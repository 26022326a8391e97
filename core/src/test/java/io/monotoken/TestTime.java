package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Drives all three clocks of a source: nanoseconds, wall clock and timer move together unless a test parts them. */
final class TestTime {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    final SourceClock clock;
    private final AtomicLong wallAhead = new AtomicLong();

    TestTime() {
        this.clock = clockWith(timer);
    }

    /** {@return a clock of this time whose tasks run on another scheduler} */
    SourceClock clockWith(Scheduler tasks) {
        InstantSource wall = () -> START.plusNanos(timer.now(TimeUnit.NANOSECONDS) + wallAhead.get());
        return new SourceClock(() -> timer.now(TimeUnit.NANOSECONDS), wall, () -> tasks);
    }

    void advance(Duration duration) {
        timer.advanceTimeBy(duration);
    }

    void advanceMillis(long millis) {
        advance(Duration.ofMillis(millis));
    }

    /** The wall clock jumps and the monotonic one does not: a suspended machine, or somebody set the clock. */
    void moveWall(Duration jump) {
        wallAhead.addAndGet(jump.toNanos());
    }

    Duration elapsed() {
        return Duration.ofNanos(timer.now(TimeUnit.NANOSECONDS));
    }
}
