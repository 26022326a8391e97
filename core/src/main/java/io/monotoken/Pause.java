package io.monotoken;

import org.jspecify.annotations.Nullable;

/**
 * The time after a failure in which nothing is sent and callers without a token get the failure from memory.
 *
 * @param until by the clock of the source; the failure counts on after it
 * @param reason what callers get a copy of
 * @param failures how many failures of the same cause came before it in a row
 * @param watch looks out for other credentials; null where they would not help
 * @param permit what a password met, null when none was to be sent
 */
record Pause(
        long until,
        TokenException reason,
        FailureCause cause,
        int failures,
        @Nullable CredentialsWatch watch,
        @Nullable LoginPermit permit) {

    boolean isOver(long now) {
        return now - until >= 0;
    }
}
