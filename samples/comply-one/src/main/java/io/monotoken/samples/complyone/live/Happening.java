package io.monotoken.samples.complyone.live;

import java.time.Instant;

/**
 * A line of the live page's log, and a point in its picture.
 *
 * @param at when
 * @param kind what, for the picture
 * @param text what, for people
 */
record Happening(Instant at, Kind kind, String text) {

    enum Kind {
        LOGIN,
        REFRESH,
        LOGIN_FAILED,
        REFRESH_FAILED,
        /** A button did something to the provider. */
        DEED,
        NOTE
    }
}
