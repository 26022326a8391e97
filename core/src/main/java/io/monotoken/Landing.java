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
     * @param rotated whether the refresh token is another than the one presented
     * @param worked tells the credentials that were accepted from others; zero when none were sent
     */
    record Arrived(
            TokenResponse response,
            long sentAt,
            Set<String> scopes,
            @Nullable RefreshToken refreshToken,
            boolean rotated,
            int worked)
            implements Landing {

        @Override
        public boolean passwordSent() {
            return worked != 0;
        }

        Arrived withoutRefreshToken() {
            return new Arrived(response, sentAt, scopes, null, false, worked);
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
            implements Landing {

        /** {@return what the server refused the credentials with, just now or when another source sent them; else null} */
        TokenException.@Nullable Rejected refusedLogin() {
            return (cause == Cause.CREDENTIALS || cause == Cause.GUARDED)
                            && exception instanceof TokenException.Rejected refusal
                    ? refusal
                    : null;
        }
    }

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
        /** A password was sent, and no answer says what the server made of it. */
        LOGIN_LOST;

        boolean isRefusal() {
            return this == CONFIGURATION || this == CREDENTIALS;
        }
    }
}
