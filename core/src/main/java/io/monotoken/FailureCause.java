package io.monotoken;

/** What decides when the next attempt is made; {@link Backoff} has the times. */
enum FailureCause {
    /** May pass by itself: no connection, time-out, overload, an answer nobody can read. */
    TRANSIENT,
    /** Stays until someone changes the set-up. */
    CONFIGURATION,
    /** The server refused the credentials. */
    CREDENTIALS,
    /** The guard let no password through, so that nothing was sent. */
    GUARDED,
    /** A password was sent, and no answer says what the server made of it. */
    LOGIN_LOST,
    /** Nothing was sent, since it can wait, or is left to another instance: no request went wrong. */
    POSTPONED;

    boolean isRefusal() {
        return this == CONFIGURATION || this == CREDENTIALS;
    }
}
