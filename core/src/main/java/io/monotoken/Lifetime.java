package io.monotoken;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The instants of one token's life, by the clock of its source.
 *
 * @param renewFrom the first read from here on starts a renewal; drawn at random so that a fleet spreads
 * @param usableUntil from here on callers wait a little for a renewal before they get the token
 * @param trueEnd no caller gets the token from here on
 * @param length from when the request for it was sent to its expiry
 */
record Lifetime(long renewFrom, long usableUntil, long trueEnd, long length) {

    static final long LONGEST = Duration.ofHours(24).toNanos();
    private static final long WIDEST_MARGIN = Duration.ofSeconds(30).toNanos();
    private static final long LONGEST_NEWNESS = Duration.ofSeconds(10).toNanos();
    private static final long LONGEST_TRAVEL = Duration.ofMillis(500).toNanos();

    /**
     * @param expiresIn as answered, null when absent
     * @param draw from 0 to 1
     */
    static Lifetime of(long sentAt, @Nullable Duration expiresIn, RefreshSettings settings, double draw) {
        long life = nanos(expiresIn == null ? settings.defaultLifetime() : expiresIn, LONGEST);
        long usable = life - margin(life);
        long spread = life / 10;
        long asWanted = settings.ahead()
                .map(ahead -> Math.max(life / 2 + spread, life - nanos(ahead, LONGEST)))
                .orElse(life / 5 * 4);
        long latest = Math.min(asWanted, usable - Math.min(nanos(settings.timeout(), LONGEST), life / 5));
        long renew = latest - (long) (draw * spread);
        return new Lifetime(sentAt + renew, sentAt + usable, sentAt + life - travel(life), life);
    }

    /** {@return how long before its end a token has no time left for a request to travel} */
    static long travel(long life) {
        return Math.min(LONGEST_TRAVEL, life / 100);
    }

    /** {@return for how long a token is so new that another would not live noticeably longer} */
    static long newness(long life) {
        return Math.min(LONGEST_NEWNESS, life / 10);
    }

    /** {@return how long before its end callers wait a little for a token's renewal} */
    static long margin(long life) {
        return Math.min(WIDEST_MARGIN, life / 10);
    }

    /** {@return a duration in nanoseconds, at most the longest} */
    static long nanos(Duration duration, long longest) {
        return duration.compareTo(Duration.ofNanos(longest)) > 0 ? longest : duration.toNanos();
    }
}
