package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All that a source knows. Immutable: every change is a new instance, put in place by one compareAndSet. */
final class State {

    static final long BETWEEN_FORCED_RENEWALS = Duration.ofSeconds(10).toNanos();

    private final @Nullable HeldToken held;
    private final @Nullable RefreshToken refreshToken;
    private final @Nullable Flight flight;
    private final @Nullable Pause pause;
    private final long forcedFrom;
    private final int accepted;
    private final boolean guarded;
    private final boolean forced;
    private final @Nullable Instant lastSuccess;
    private final boolean closed;
    private final boolean shortLifeTold;

    private State(Draft draft) {
        this.held = draft.held;
        this.refreshToken = draft.refreshToken;
        this.flight = draft.flight;
        this.pause = draft.pause;
        this.forcedFrom = draft.forcedFrom;
        this.accepted = draft.accepted;
        this.guarded = draft.guarded;
        this.forced = draft.forced;
        this.lastSuccess = draft.lastSuccess;
        this.closed = draft.closed;
        this.shortLifeTold = draft.shortLifeTold;
    }

    /** The next state, while it is being written. */
    private static final class Draft {

        private @Nullable HeldToken held;
        private @Nullable RefreshToken refreshToken;
        private @Nullable Flight flight;
        private @Nullable Pause pause;
        private long forcedFrom;
        private int accepted;
        private boolean guarded;
        /** Whether the flight is the forced renewal of a rejected token. */
        private boolean forced;

        private @Nullable Instant lastSuccess;
        private boolean closed;
        private boolean shortLifeTold;
    }

    private State with(Consumer<Draft> change) {
        Draft draft = new Draft();
        draft.held = held;
        draft.refreshToken = refreshToken;
        draft.flight = flight;
        draft.pause = pause;
        draft.forcedFrom = forcedFrom;
        draft.accepted = accepted;
        draft.guarded = guarded;
        draft.forced = forced;
        draft.lastSuccess = lastSuccess;
        draft.closed = closed;
        draft.shortLifeTold = shortLifeTold;
        change.accept(draft);
        return new State(draft);
    }

    static State initial(long now) {
        Draft draft = new Draft();
        draft.forcedFrom = now;
        return new State(draft);
    }

    /** {@return the current token, usable or not} */
    @Nullable
    HeldToken held() {
        return held;
    }

    @Nullable
    HeldToken usable(long now) {
        return held != null && held.isUsable(now) ? held : null;
    }

    /** {@return what the next flight may present} */
    @Nullable
    RefreshToken refreshToken() {
        return refreshToken;
    }

    /** {@return the token request in flight} */
    @Nullable
    Flight flight() {
        return flight;
    }

    /** {@return what the last failure left behind; a success ends it} */
    @Nullable
    Pause pause() {
        return pause;
    }

    /** {@return when a rejected token may be renewed ahead of time again} */
    long forcedFrom() {
        return forcedFrom;
    }

    /** {@return fingerprint of the credentials that the server accepted last; zero for none} */
    int accepted() {
        return accepted;
    }

    /** {@return whether listeners were notified that the guard closed, and not yet that it opened} */
    boolean guarded() {
        return guarded;
    }

    /** {@return when the last token was issued} */
    @Nullable
    Instant lastSuccess() {
        return lastSuccess;
    }

    boolean closed() {
        return closed;
    }

    /** {@return whether operators were told that the provider's tokens live shorter than a caller needs them} */
    boolean shortLifeTold() {
        return shortLifeTold;
    }

    State withShortLifeTold() {
        return shortLifeTold ? this : with(next -> next.shortLifeTold = true);
    }

    /** {@return whether a flight may start} */
    boolean isCleared(long now) {
        return !closed && flight == null && (pause == null || pause.isOver(now));
    }

    State withFlight(@Nullable Flight started) {
        return with(next -> next.flight = started);
    }

    /** The current token was rejected, and the flight that is there or follows renews it. */
    State withInvalidated(HeldToken rejected) {
        return with(next -> {
            next.held = rejected.withInvalidated(true);
            next.forced = true;
        });
    }

    State withoutHeld() {
        return with(next -> next.held = null);
    }

    State withoutPause() {
        return with(next -> {
            next.pause = null;
            next.guarded = false;
        });
    }

    /** The client would prove itself otherwise by now, so that the next flight may start. */
    State withProofChanged(Pause seen) {
        return pause == seen ? with(next -> next.pause = null) : this;
    }

    State ended() {
        return with(next -> {
            next.held = null;
            next.refreshToken = null;
            next.flight = null;
            next.pause = null;
            next.closed = true;
        });
    }

    State after(Outcome.Obtained outcome, HeldToken obtained, long now) {
        return with(next -> {
            obtainedAnything(next, outcome, now);
            next.held = obtained;
            next.pause = null;
            next.lastSuccess = obtained.token().issuedAt();
        });
    }

    /** A token that had expired when it arrived: those who waited get it, and the next request waits a little. */
    State afterDeadArrival(Outcome.Obtained outcome, TokenException reason, long now) {
        long until = now + Backoff.deadOnArrival(now - outcome.sentAt());
        return with(next -> {
            obtainedAnything(next, outcome, now);
            next.held = trusted(usable(now), outcome.passwordSent());
            next.pause = new Pause(now, until, reason, FailureCause.TRANSIENT, now, 0, null, null);
        });
    }

    private void obtainedAnything(Draft next, Outcome.Obtained outcome, long now) {
        next.refreshToken = outcome.refreshToken();
        next.flight = null;
        endForced(next, now);
        next.accepted = outcome.accepted() == 0 ? accepted : outcome.accepted();
        next.guarded = guarded && !outcome.passwordSent();
    }

    /**
     * @param startedAt when the flight started
     */
    State after(Outcome.Failed outcome, SourceSetup setup, long startedAt, long now) {
        HeldToken remaining = remaining(outcome, now);
        return with(next -> {
            next.held = remaining;
            next.refreshToken = outcome.refreshToken();
            next.flight = null;
            next.pause = pauseAfter(outcome, setup, startedAt, now);
            if (outcome.cause() == FailureCause.POSTPONED) {
                next.forced = false;
            } else {
                endForced(next, now);
            }
            next.accepted = outcome.cause() == FailureCause.CREDENTIALS ? 0 : accepted;
            next.guarded = guarded || outcome.refusedLogin() != null;
        });
    }

    /**
     * Returns what is left of the current token after a flight without a new one: all of it, unless an API rejected it and
     * the server then refused to renew it.
     */
    @Nullable
    HeldToken remaining(Outcome.Failed outcome, long now) {
        HeldToken current = held != null && outcome.sameToken() ? held.toItsExpiry() : held;
        if (current == null
                || !current.isUsable(now)
                || (current.invalidated() && outcome.cause().isRefusal())) {
            return null;
        }
        return trusted(current, outcome.passwordSent());
    }

    private static @Nullable HeldToken trusted(@Nullable HeldToken usable, boolean passwordSent) {
        if (usable == null) {
            return null;
        }
        HeldToken trusted = usable.withInvalidated(false);
        return passwordSent ? trusted.withPasswordSpent() : trusted;
    }

    private void endForced(Draft next, long now) {
        if (forced) {
            next.forced = false;
            next.forcedFrom = now + BETWEEN_FORCED_RENEWALS;
        }
    }

    /** {@return until when nothing is sent after a flight without a new token} */
    Pause pauseAfter(Outcome.Failed outcome, SourceSetup setup, long startedAt, long now) {
        if (outcome.pause() != null) {
            return outcome.pause();
        }
        HeldToken remaining = remaining(outcome, now);
        int n = pause != null && pause.cause() == outcome.cause() ? pause.failures() + 1 : 0;
        long guarded = outcome.permit() == null ? 0 : outcome.permit().wait(setup.clock());
        long nothingFrom = remaining == null ? nothingFrom(startedAt, now) : remaining.trueEnd();
        long wait = Backoff.after(
                outcome.cause(),
                outcome.exception().retryAfter().orElse(null),
                n,
                guarded,
                remaining,
                nothingFrom,
                now,
                setup.random().getAsDouble());
        if (remaining != null && outcome.refreshToken() == null && remaining.passwordSpent()) {
            wait = Math.max(wait, remaining.trueEnd() - now);
        }
        CredentialsWatch watch = outcome.refusedLogin() != null ? CredentialsWatch.ofTheUser(setup, now) : null;
        CredentialsWatch clientWatch = outcome.proofChanged() == null
                ? null
                : CredentialsWatch.ofTheClient(setup, outcome.proofChanged(), now);
        return new Pause(
                now,
                now + wait,
                outcome.exception(),
                outcome.cause(),
                nothingFrom,
                n,
                watch,
                outcome.permit(),
                clientWatch);
    }

    private long nothingFrom(long startedAt, long now) {
        return pause != null && pause.isContinuedBy(startedAt) && pause.nothingFrom() - now < 0
                ? pause.nothingFrom()
                : now;
    }
}
