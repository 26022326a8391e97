package io.monotoken;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a flight ended, for the state to take in. */
sealed interface Landing {

    /** {@return the refresh token to hold from now on} */
    @Nullable
    RefreshToken refreshToken();

    /** {@return whether a password was written on the way} */
    boolean passwordSent();

    /**
     * A token came.
     *
     * @param sentAt when the request that got it was sent
     * @param scopes those of the answer, else those asked for
     * @param username whose password was accepted, null when none was sent
     */
    record Arrived(
            TokenResponse response,
            long sentAt,
            Set<String> scopes,
            @Nullable RefreshToken refreshToken,
            @Nullable String username)
            implements Landing {

        @Override
        public boolean passwordSent() {
            return username != null;
        }

        Arrived withoutRefreshToken() {
            return new Arrived(response, sentAt, scopes, null, username);
        }
    }

    /**
     * No token came.
     *
     * @param guard the guard that a password met on the way, null when none did
     */
    record Missed(
            TokenException exception,
            Cause cause,
            @Nullable CredentialGuard guard,
            @Nullable RefreshToken refreshToken,
            boolean passwordSent)
            implements Landing {}

    /** What decides when the next attempt is made. */
    enum Cause {
        /** May pass by itself: no connection, time-out, overload, an answer nobody can read. */
        TRANSIENT,
        /** Stays until someone changes the set-up. */
        CONFIGURATION,
        /** The server refused the credentials, or the guard remembers that it did. */
        CREDENTIALS,
        /** The guard let no password through, so that nothing was sent. */
        GUARDED,
        /** An answer to a password was lost. */
        LOGIN_LOST
    }
}
