package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The time of token sources: nanoseconds that go on while the machine is suspended.
 *
 * <p>The monotonic clock stands still during a suspension and tokens do not, so at most once a second the wall clock is
 * asked whether it got ahead; what it got ahead by counts as time passed. A wall clock that is set back changes nothing.
 */
final class SourceClock {

    private static final long GLANCE = Duration.ofSeconds(1).toNanos();

    /** Less than this is drift, or a thread that had to wait between reading the two clocks. */
    private static final long JUMP = Duration.ofSeconds(2).toNanos();

    private static final SourceClock SYSTEM =
            new SourceClock(System::nanoTime, InstantSource.system(), Schedulers::parallel);

    private final LongSupplier nanos;
    private final InstantSource wall;
    private final Scheduler timer;
    private final AtomicBoolean glancing = new AtomicBoolean();
    private volatile long glancedAt;
    private final AtomicLong suspended = new AtomicLong();
    private long wallAtGlance;

    SourceClock(LongSupplier nanos, InstantSource wall, Supplier<Scheduler> timer) {
        this.nanos = nanos;
        this.wall = wall;
        this.timer = new ReliableScheduler(timer);
        this.glancedAt = nanos.getAsLong();
        this.wallAtGlance = wall.millis();
    }

    /** {@return the clock that all sources share outside tests} */
    static SourceClock system() {
        return SYSTEM;
    }

    /** {@return nanoseconds that pass during a suspension too; for the lives of tokens and their windows} */
    long now() {
        long monotonic = nanos.getAsLong();
        if (monotonic - glancedAt >= GLANCE) {
            glanceAtTheWall(monotonic);
        }
        return monotonic + suspended.get();
    }

    /** {@return nanoseconds that no change of the wall clock can hurry; for the credential guard} */
    long monotonic() {
        return nanos.getAsLong();
    }

    /** {@return the wall clock's reading at an instant of {@link #now()}} */
    Instant instant(long at) {
        return wall.instant().plusNanos(at - now());
    }

    Scheduler timer() {
        return timer;
    }

    private void glanceAtTheWall(long monotonic) {
        if (!glancing.compareAndSet(false, true)) {
            return;
        }
        try {
            long wallNow = wall.millis();
            long ahead = (wallNow - wallAtGlance) * 1_000_000 - (monotonic - glancedAt);
            if (ahead > JUMP) {
                suspended.addAndGet(ahead);
                wallAtGlance = wallNow;
            } else {
                // what is less than a jump adds up; a clock that was set back starts anew
                wallAtGlance = ahead < 0 ? wallNow : wallAtGlance + (monotonic - glancedAt) / 1_000_000;
            }
            glancedAt = monotonic;
        } finally {
            glancing.set(false);
        }
    }
}
