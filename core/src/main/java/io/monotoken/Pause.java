package io.monotoken;

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
 */
record Pause(
        long from,
        long until,
        TokenException reason,
        FailureCause cause,
        long nothingFrom,
        int failures,
        @Nullable CredentialsWatch watch,
        @Nullable LoginPermit permit) {

    boolean isOver(long now) {
        return now - until >= 0;
    }

    /** {@return whether a failure of an attempt that started then is of the same row: nobody let much time pass} */
    boolean isContinuedBy(long attempt) {
        return attempt - from <= 2 * (until - from);
    }
}
