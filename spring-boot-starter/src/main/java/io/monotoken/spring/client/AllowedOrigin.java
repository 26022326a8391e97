package io.monotoken.spring.client;

import io.monotoken.Token;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An origin that may see the token, and what it did with it lately: a few hundred bytes, however much is sent to it. */
final class AllowedOrigin {
    /*
     * Shared state  the token that was accepted last, written once a second at most while it stays the same.
     * Invariant     a token counts as accepted only after an answer to it that was no 401.
     * Time          nanoseconds that the caller has read.
     */

    private static final long MEMORY = TimeUnit.MINUTES.toNanos(1);
    private static final long RESOLUTION = TimeUnit.SECONDS.toNanos(1);

    private final Origin origin;
    private final RetryBudget budget;
    private volatile @Nullable Acceptance last;

    AllowedOrigin(Origin origin, long now) {
        this.origin = origin;
        this.budget = new RetryBudget(now);
    }

    private record Acceptance(Token token, long sentAt) {}

    Origin origin() {
        return origin;
    }

    boolean covers(URI uri) {
        return origin.covers(uri);
    }

    void countRequest(long now) {
        budget.countRequest(now);
    }

    /**
     * Remembers that a token was accepted.
     *
     * @param sentAt when its request was sent; a slow answer to an older token changes nothing
     */
    void countAcceptance(Token token, long sentAt) {
        Acceptance seen = last;
        if (seen == null
                || sentAt - seen.sentAt >= RESOLUTION
                || (sentAt - seen.sentAt >= 0 && !seen.token.equals(token))) {
            last = new Acceptance(token, sentAt);
        }
    }

    /**
     * {@return whether a request may be sent once more with the token that was rejected: it was accepted in the last minute,
     * as where one node of many rejects good tokens, and the budget allows it}
     */
    boolean maySendAgain(Token rejected, long now) {
        Acceptance seen = last;
        return seen != null && seen.token.equals(rejected) && now - seen.sentAt <= MEMORY && budget.take(now);
    }

    @Override
    public String toString() {
        return origin.toString();
    }
}
