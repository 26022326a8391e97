package io.monotoken;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Is notified of what a token source does, for logs and metrics.
 *
 * <p>Threads: called on the thread where it happens, after the fact and outside any critical section, so it must not
 * block. What it throws is logged and harms nobody.
 */
public interface TokenListener {

    /** What a caller of {@link TokenSource#token()} met. */
    enum Lookup {
        /** A token that is not due for renewal. */
        FRESH,
        /** A token whose renewal is due or under way. */
        STALE,
        /** No usable token: the caller waits for the request in flight. */
        WAITING,
        /** No usable token, and a failure from memory; or the source is closed. */
        FAILED
    }

    /** What an instance did that shares its token with others through a {@link TokenStore}. */
    enum Sharing {
        /** It took over a token that another instance got. */
        ADOPTED,
        /** It made the token request for all of them. */
        LED,
        /** It waited for the token request of another instance. */
        WAITED,
        /** It dropped a refresh token that came too late or while the store was out of reach. */
        ORPHANED
    }

    /**
     * A caller asked. Comes for every one of them, so it should be quick.
     *
     * @param result what the caller met
     */
    default void lookedUp(Lookup result) {}

    /**
     * A caller that was {@link Lookup#WAITING} waits no more: it has a token or a failure, or it has left.
     *
     * @param took how long it waited
     */
    default void waited(Duration took) {}

    /**
     * A token request is about to be sent. At most one of a source is in flight.
     *
     * @param grantType {@code refresh_token}, or that of the primary grant
     */
    default void requested(String grantType) {}

    /**
     * The token request in flight has ended.
     *
     * @param grantType as it was {@link #requested}
     * @param failure null when a token came
     * @param took from just before connecting to the end of the answer
     */
    default void answered(String grantType, @Nullable TokenException failure, Duration took) {}

    /**
     * A token came and is current.
     *
     * @param token the token
     * @param took how long its flight took, login after a refused refresh included
     */
    default void obtained(Token token, Duration took) {}

    /**
     * A flight ended without a token.
     *
     * @param failure why
     * @param took how long the flight took
     */
    default void failed(TokenException failure, Duration took) {}

    /**
     * An API rejected the current token and its renewal is on its way.
     *
     * @param token the rejected token
     */
    default void invalidated(Token token) {}

    /**
     * The server refused the credentials, which this source sent or another one of the process; no password is sent for a
     * while. Comes again for each further refusal of what this source sends.
     *
     * @param refusal what the server said
     * @param wait until the next password may be sent, unless the credentials change; null when only other credentials or
     *     {@link TokenSource#reset} help
     */
    default void guardClosed(TokenException.Rejected refusal, @Nullable Duration wait) {}

    /**
     * The source did its part in sharing a token.
     *
     * @param what its part
     */
    default void shared(Sharing what) {}

    /**
     * The {@link TokenStore} was asked.
     *
     * @param operation {@code read} or {@code replace}
     * @param failure null when it answered; else why nothing is known, without a secret
     * @param took until the answer, or until the source went on without it
     */
    default void storeAnswered(String operation, @Nullable Throwable failure, Duration took) {}

    /** Passwords may be sent again: the credentials changed, they were accepted, or an operator said so. */
    default void guardOpened() {}
}
