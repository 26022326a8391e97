package io.monotoken;

import java.time.Duration;

/**
 * Hears what a token source does, for logs and metrics.
 *
 * <p>Threads: called on the thread where it happens, after the fact and outside any critical section, so it must not
 * block. What it throws is logged and harms nobody.
 */
public interface TokenListener {

    /**
     * A token request is about to be sent.
     *
     * @param grantType {@code refresh_token}, or that of the primary grant
     */
    default void requested(String grantType) {}

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
     * A caller got a token whose renewal is due.
     *
     * @param token the token
     */
    default void servedStale(Token token) {}

    /**
     * An API rejected the current token and its renewal is on its way.
     *
     * @param token the rejected token
     */
    default void invalidated(Token token) {}

    /**
     * The server refused the credentials; no password is sent for a while.
     *
     * @param refusal what the server said
     * @param wait until the next password may be sent, unless the credentials change
     */
    default void guardClosed(TokenException.Rejected refusal, Duration wait) {}

    /** Passwords may be sent again: the credentials changed, they were accepted, or an operator said so. */
    default void guardOpened() {}
}
