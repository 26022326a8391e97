package io.monotoken;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait after a failure, in nanoseconds: which wait applies to which failure, and how it grows. {@code n} counts
 * the failures of the same kind before it.
 */
final class Backoff {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long MINUTE = 60 * SECOND;
    /** A hundred years: until something changes. */
    static final long NEVER = Duration.ofDays(36_500).toNanos();

    private static final int FREE_LOSSES = 5;
    private static final int MANY_LOSSES = 12;

    private Backoff() {}

    /**
     * Waits after a flight that obtained no token.
     *
     * @param retryAfter how long the server asked clients to wait
     * @param guarded how long the credential guard keeps the account closed
     * @param remaining the token that is still handed out, null when callers get the failure
     * @param nothingFrom since when callers get failures
     */
    static long after(
            FailureCause cause,
            @Nullable Duration retryAfter,
            int n,
            long guarded,
            @Nullable HeldToken remaining,
            long nothingFrom,
            long now,
            double draw) {
        return switch (cause) {
            case CONFIGURATION -> configuration(n);
            case CREDENTIALS, GUARDED -> Math.max(SECOND, guarded);
            case LOGIN_LOST ->
                Math.max(Math.max(SECOND, guarded), transientFailure(n, retryAfter, remaining, nothingFrom, now, draw));
            case TRANSIENT, POSTPONED -> transientFailure(n, retryAfter, remaining, nothingFrom, now, draw);
        };
    }

    /** Waits after a token that had expired when it arrived. */
    static long deadOnArrival(long exchangeTook) {
        return Math.max(SECOND, exchangeTook);
    }

    private static long transientFailure(
            int n,
            @Nullable Duration retryAfter,
            @Nullable HeldToken remaining,
            long nothingFrom,
            long now,
            double draw) {
        return remaining == null
                ? withoutToken(now - nothingFrom, retryAfter, draw)
                : whileUsable(n, remaining.trueEnd() - now, remaining.length(), retryAfter, draw);
    }

    /**
     * Waits between renewals while the old token is still handed out.
     *
     * @param left until the token is not usable any more
     * @param life of the token
     * @return never more than what is left
     */
    private static long whileUsable(int n, long left, long life, @Nullable Duration retryAfter, double draw) {
        long floor = Math.min(SECOND, life / 20);
        if (left < floor) {
            return left;
        }
        double wait = Math.min(doubled(SECOND, n, 30 * SECOND), left / 3) * (0.5 + draw / 2);
        long lengthened = Math.max(Math.max(floor, (long) wait), capped(retryAfter, 5 * MINUTE));
        return Math.min(lengthened, left);
    }

    /**
     * Waits when callers get the failure: a share of the outage that they have felt, so that they are back soon after it.
     *
     * @param outage how long callers have had nothing
     */
    private static long withoutToken(long outage, @Nullable Duration retryAfter, double draw) {
        double wait = Math.min(10 * SECOND, Math.max(SECOND / 4, outage / 4)) * (0.5 + draw / 2);
        return Math.max((long) wait, capped(retryAfter, MINUTE));
    }

    /** Waits after an answer that no repetition changes. */
    private static long configuration(int n) {
        return doubled(30 * SECOND, n, 5 * MINUTE);
    }

    /**
     * Keeps an account closed after a password whose answer was lost: the server may have counted it. The first few losses of
     * credentials that were accepted before are taken for the server's trouble, and only {@link #after} applies.
     *
     * @param n how many answers were lost before it in a row, whichever source sent the passwords
     */
    static long lostLogin(int n, boolean acceptedBefore) {
        int counted = acceptedBefore ? n - FREE_LOSSES : n;
        if (n >= MANY_LOSSES) {
            return 15 * MINUTE;
        }
        return counted < 0 ? 0 : doubled(10 * SECOND, counted, 5 * MINUTE);
    }

    /**
     * Keeps a refused password from being sent.
     *
     * @param sends how often it was sent
     */
    static long refusedLogin(int sends, LockOutSettings settings) {
        if (sends >= settings.attempts()) {
            return settings.again().map(Duration::toNanos).orElse(NEVER);
        }
        return sends == 1 ? MINUTE : 15 * MINUTE;
    }

    /** A server that throttles with a bare 403 asks for no wait, and the account may be blocked for longer if nobody waits. */
    static TokenException.Failure throttled(TokenException.Failure facts) {
        return facts.status() == 403 && facts.retryAfter() == null
                ? new TokenException.Failure(403, facts.error(), Duration.ofMinutes(1))
                : facts;
    }

    private static long doubled(long first, int n, long most) {
        return Math.min(most, first << Math.min(n, 20));
    }

    private static long capped(@Nullable Duration retryAfter, long most) {
        return retryAfter == null || retryAfter.isNegative()
                ? 0
                : retryAfter.compareTo(Duration.ofNanos(most)) > 0 ? most : retryAfter.toNanos();
    }
}
