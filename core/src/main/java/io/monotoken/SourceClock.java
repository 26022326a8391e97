package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The time of token sources: nanoseconds that go on while the machine is suspended.
 *
 * <p>The monotonic clock stands still during a suspension and tokens do not, so at most once a second the wall clock is
 * asked whether it got ahead; what it got ahead by counts as time passed. A wall clock that is set back changes nothing,
 * and one that is slewed, as NTP does it, stays within what counts as drift.
 */
final class SourceClock {

    private static final long GLANCE = Duration.ofSeconds(1).toNanos();

    /** Less than this may be many things; several short suspensions add up to it. */
    private static final long JUMP = Duration.ofSeconds(2).toNanos();

    /** A wall clock that runs faster by one in so many is slewed or badly made, and not a sign of a suspension. */
    private static final long DRIFT = 1_000;

    /** Two readings that are further apart say nothing of each other: the thread was stopped between them. */
    private static final long PROMPT = Duration.ofMillis(20).toNanos();

    private static final SourceClock SYSTEM =
            new SourceClock(System::nanoTime, InstantSource.system(), Schedulers::parallel);

    private final LongSupplier nanos;
    private final InstantSource wall;
    private final Scheduler timer;
    private final AtomicBoolean glancing = new AtomicBoolean();
    private volatile Glance last;

    SourceClock(LongSupplier nanos, InstantSource wall, Supplier<Scheduler> timer) {
        this.nanos = nanos;
        this.wall = wall;
        this.timer = new ReliableScheduler(timer);
        this.last = new Glance(nanos.getAsLong(), wall.millis(), 0, 0);
    }

    /**
     * Both clocks at one instant.
     *
     * @param suspended nanoseconds that passed in suspensions until then
     * @param ahead nanoseconds by which the wall clock got ahead since, too few to be called a suspension yet
     */
    private record Glance(long at, long wallMillis, long suspended, long ahead) {}

    /** {@return the clock that all sources share outside tests} */
    static SourceClock system() {
        return SYSTEM;
    }

    /** {@return nanoseconds that pass during a suspension too; for the lives of tokens and their windows} */
    long now() {
        long monotonic = nanos.getAsLong();
        Glance glance = last;
        return monotonic - glance.at < GLANCE ? monotonic + glance.suspended : glanced();
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

    private long glanced() {
        if (glancing.compareAndSet(false, true)) {
            try {
                glance();
            } finally {
                glancing.set(false);
            }
        }
        return nanos.getAsLong() + last.suspended;
    }

    private void glance() {
        long before = nanos.getAsLong();
        long wallNow = wall.millis();
        if (nanos.getAsLong() - before > PROMPT) {
            return; // the next call looks again
        }
        Glance seen = last;
        long passed = before - seen.at;
        long ahead = seen.ahead + (wallNow - seen.wallMillis) * 1_000_000 - passed - passed / DRIFT;
        last = ahead > JUMP
                ? new Glance(before, wallNow, seen.suspended + ahead, 0)
                : new Glance(before, wallNow, seen.suspended, Math.max(0, ahead)); // set back: starts anew
    }
}
