package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import reactor.core.Disposable;

/**
 * The current token with what its readers need, made once.
 *
 * @param renewFrom when a read renews it, by the clock of the source
 * @param usableUntil from when callers wait a little for its renewal before they get it
 * @param expiryTask the timer entry that forgets the token at its end
 * @param invalidated whether an API rejected it and its renewal is in flight
 * @param passwordSpent whether a password was sent since it came: one is all that a usable token allows
 */
record HeldToken(
        Token token,
        long renewFrom,
        long usableUntil,
        Disposable expiryTask,
        boolean invalidated,
        boolean passwordSpent) {

    HeldToken(Token token, Lifetime life, Disposable expiryTask) {
        this(token, life.renewFrom(), life.usableUntil(), expiryTask, false, false);
    }

    boolean isFresh(long now) {
        return !invalidated && now - renewFrom < 0;
    }

    boolean isUsable(long now) {
        return now - usableUntil < 0 || now - trueEnd() < 0;
    }

    /** {@return whether it is so near its end that callers wait a little for its renewal} */
    boolean isInLastStretch(long now) {
        return now - usableUntil >= 0;
    }

    /**
     * {@return whether it is good for that long, or is the newest there is: the provider's tokens live shorter than that, and
     * this one is not due for renewal, or it has only just come}
     */
    boolean lasts(long needed, long now) {
        return expiry() - now >= needed || (isFresh(now) && (length() < needed || isNew(now)));
    }

    private boolean isNew(long now) {
        return now - (expiry() - length()) < Lifetime.newness(length());
    }

    /** {@return when it is handed out no more; made anew each time, since few ask and every source would keep it} */
    long trueEnd() {
        return expiry() - Lifetime.travel(length());
    }

    /** {@return when it expires, by the clock of the source} */
    long expiry() {
        return usableUntil + Lifetime.margin(length());
    }

    /** {@return the same token, handed out until it expires: there is no other to be had} */
    HeldToken toItsExpiry() {
        return new HeldToken(
                token, renewFrom, usableUntil + Lifetime.travel(length()), expiryTask, invalidated, passwordSpent);
    }

    /**
     * Whether an answer brings this very token again with no more life than it had: a server that caches its tokens. One that
     * counts whole seconds may seem to give a second more.
     */
    boolean isRepeatedBy(TokenResponse response, Instant sentAt) {
        Duration life = response.expiresIn();
        return response.accessToken().equals(token.value())
                && life != null
                && !sentAt.plusNanos(Lifetime.nanos(life, Lifetime.LONGEST))
                        .isAfter(token.expiresAt().plusSeconds(1));
    }

    /** {@return when a read renews it, by the wall clock} */
    Instant renewal() {
        return token.expiresAt().minusNanos(usableUntil + Lifetime.margin(length()) - renewFrom);
    }

    /** {@return the whole of its life} */
    long length() {
        return Duration.between(token.issuedAt(), token.expiresAt()).toNanos();
    }

    HeldToken withInvalidated(boolean isInvalidated) {
        return invalidated == isInvalidated
                ? this
                : new HeldToken(token, renewFrom, usableUntil, expiryTask, isInvalidated, passwordSpent);
    }

    HeldToken withPasswordSpent() {
        return new HeldToken(token, renewFrom, usableUntil, expiryTask, invalidated, true);
    }
}
