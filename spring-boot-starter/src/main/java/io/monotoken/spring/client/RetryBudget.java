package io.monotoken.spring.client;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many of the requests to one origin may be sent once more with the token that was rejected: within ten seconds a tenth
 * of them, or ten where that is more. Counts by the second, and rounds against the retry.
 */
final class RetryBudget {
    /*
     * Shared state  the requests, which every caller counts, and the window, which one at a time changes.
     * Invariant     no ten seconds hold more retries than the budget of the requests before them.
     * Transitions   the first caller in a new second moves the window; the others see that it has moved.
     * Time          nanoseconds that the caller has read; one that is behind the window's changes nothing.
     */

    private static final int WINDOW = 10;
    private static final int LEAST = WINDOW;
    private static final int SHARE = 10;
    private static final int SECONDS = WINDOW + 1; // the first and the last of them are in the window in part

    private final LongAdder requests = new LongAdder();
    private final long[] requestsBefore = new long[SECONDS];
    private final long[] retries = new long[SECONDS];
    private final long start;
    private volatile long second;

    RetryBudget(long now) {
        this.start = now;
    }

    void countRequest(long now) {
        moveTo(now);
        requests.increment();
    }

    /** {@return whether one request may be sent once more, which is then counted} */
    synchronized boolean take(long now) {
        moveTo(now);
        long recent = requests.sum() - requestsBefore[slot(second - WINDOW + 1)];
        long spent = 0;
        for (long each : retries) {
            spent += each;
        }
        if (spent >= Math.max(LEAST, recent / SHARE)) {
            return false;
        }
        retries[slot(second)]++;
        return true;
    }

    private void moveTo(long now) {
        if (secondOf(now) > second) {
            move(secondOf(now));
        }
    }

    private synchronized void move(long to) {
        long sum = requests.sum();
        for (long passed = Math.max(second + 1, to - WINDOW); passed <= to; passed++) {
            requestsBefore[slot(passed)] = sum;
            retries[slot(passed)] = 0;
        }
        second = Math.max(second, to);
    }

    private long secondOf(long now) {
        return TimeUnit.NANOSECONDS.toSeconds(now - start);
    }

    private static int slot(long second) {
        return Math.floorMod(second, SECONDS);
    }
}
