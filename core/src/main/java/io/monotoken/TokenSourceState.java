package io.monotoken;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a token source knew at one moment, without secrets. Instants are of the wall clock.
 *
 * @param phase what a caller would meet
 * @param expiresAt when the current token ends, null when there is none; callers get it until shortly before
 * @param renewFrom from when a read renews it, null when there is none
 * @param lastSuccess when the request for the last token was sent, null before the first
 * @param lastFailure why the last flight failed, null after a success
 * @param nextAttempt when the next request may be sent, null when at any time; null with {@link Phase#GUARDED} when only other
 *     credentials or {@link TokenSource#reset} help
 * @param waiters how many callers wait for the request in flight
 * @param shared what is known of the other instances; null when the source shares its token with none
 */
public record TokenSourceState(
        Phase phase,
        @Nullable Instant expiresAt,
        @Nullable Instant renewFrom,
        @Nullable Instant lastSuccess,
        @Nullable Failure lastFailure,
        @Nullable Instant nextAttempt,
        int waiters,
        @Nullable Shared shared) {

    /** What a caller would meet. */
    public enum Phase {
        /** No token, and none was asked for since the last one ended: the next call sends a request. */
        IDLE,
        /** A token that is not due for renewal. */
        FRESH,
        /** A token that is due: it is handed out while it is renewed. */
        STALE,
        /** No usable token, and a request in flight that callers join. */
        WAITING,
        /** No usable token, and a pause after a failure: callers get the failure. */
        FAILING,
        /** As failing, because the server refused the credentials: no password is sent. */
        GUARDED,
        /** The source is closed. */
        CLOSED
    }

    /**
     * A failure without its message.
     *
     * @param kind the simple name of the {@link TokenException}
     * @param error the OAuth error code, null when there was none
     */
    public record Failure(String kind, @Nullable String error) {

        static Failure of(TokenException exception) {
            return new Failure(
                    exception.getClass().getSimpleName(), exception.error().orElse(null));
        }
    }

    /**
     * What an instance knew of those that it shares its token with, as it last read the {@link TokenStore}.
     *
     * @param instance what this one is called
     * @param generation how many tokens the instances have obtained one after the other; zero before the first
     * @param leader the instance that obtained the current one; null before the first
     * @param renewing the instance that is obtaining the next one; null when none is
     * @param awaySince since when the store has given no usable answer; null while it does
     */
    public record Shared(
            String instance,
            long generation,
            @Nullable String leader,
            @Nullable String renewing,
            @Nullable Instant awaySince) {}
}
