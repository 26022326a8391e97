package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time after a failure in which nothing is sent and callers without a token get the failure from memory.
 *
 * @param from when the failure came, by the clock of the source
 * @param until the failure counts on after it
 * @param reason what callers get a copy of
 * @param nothingFrom since when callers have nothing, or will have nothing, as far as this row of failures goes
 * @param failures how many failures of the same cause came before it in a row
 * @param watch looks out for other credentials; null where they would not help
 * @param permit what a password met, null when none was to be sent
 * @param clientWatch looks out for another proof of who the client is; null where that would not help
 */
record Pause(
        long from,
        long until,
        TokenException reason,
        FailureCause cause,
        long nothingFrom,
        int failures,
        @Nullable CredentialsWatch watch,
        @Nullable LoginPermit permit,
        @Nullable CredentialsWatch clientWatch) {

    private static final long AT_LEAST = Duration.ofSeconds(1).toNanos();

    Pause(
            long from,
            long until,
            TokenException reason,
            FailureCause cause,
            long nothingFrom,
            int failures,
            @Nullable CredentialsWatch watch,
            @Nullable LoginPermit permit) {
        this(from, until, reason, cause, nothingFrom, failures, watch, permit, null);
    }

    /** Ends what looks out for changes. */
    void dispose() {
        if (watch != null) {
            watch.dispose();
        }
        if (clientWatch != null) {
            clientWatch.dispose();
        }
    }

    boolean isOver(long now) {
        return now - until >= 0;
    }

    /** {@return whether only other credentials or a reset end it} */
    boolean isEndless() {
        return until - from >= Backoff.NEVER;
    }

    /** {@return whether the account was opened meanwhile, through another source or a reset} */
    boolean isLifted(long now, SourceClock clock) {
        return watch != null && permit != null && now - from >= AT_LEAST && permit.wait(clock) == 0;
    }

    /** {@return the failure for one more caller, for whom nothing is sent} */
    TokenException fromMemory(SourceClock clock) {
        if (watch == null) {
            return reason.copy();
        }
        String end = isEndless()
                ? "no password is sent until the credentials change or an operator resets"
                : "no password is sent until " + shown(clock.instant(until)) + " unless it changes";
        return reason.copy(
                reason.text() + "; refused at " + shown(clock.instant(from)) + ", nothing was sent now, and " + end);
    }

    private static Instant shown(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    /** {@return whether a failure of an attempt that started then is of the same row: nobody let much time pass} */
    boolean isContinuedBy(long attempt) {
        return attempt - from <= 2 * (until - from);
    }
}
