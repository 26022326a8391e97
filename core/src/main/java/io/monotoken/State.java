package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All that a source knows. Immutable: every change is a new instance, put in place by one compareAndSet. */
final class State {

    private static final long BETWEEN_FORCED_RENEWALS = Duration.ofSeconds(10).toNanos();

    private final @Nullable HeldToken held;
    private final @Nullable RefreshToken refreshToken;
    private final @Nullable Flight flight;
    private final @Nullable Pause pause;
    private final long forcedFrom;
    private final int accepted;
    private final boolean guarded;
    private final @Nullable Instant lastSuccess;
    private final boolean closed;

    private State(Draft draft) {
        this.held = draft.held;
        this.refreshToken = draft.refreshToken;
        this.flight = draft.flight;
        this.pause = draft.pause;
        this.forcedFrom = draft.forcedFrom;
        this.accepted = draft.accepted;
        this.guarded = draft.guarded;
        this.lastSuccess = draft.lastSuccess;
        this.closed = draft.closed;
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
        private @Nullable Instant lastSuccess;
        private boolean closed;
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
        draft.lastSuccess = lastSuccess;
        draft.closed = closed;
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

    /** {@return whether a flight may start} */
    boolean isCleared(long now) {
        return !closed && flight == null && (pause == null || pause.isOver(now));
    }

    State withFlight(@Nullable Flight started) {
        return with(next -> next.flight = started);
    }

    State withHeld(@Nullable HeldToken token) {
        return with(next -> next.held = token);
    }

    State withoutPause() {
        return with(next -> {
            next.pause = null;
            next.guarded = false;
        });
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
            next.held = remaining(outcome, false, now);
            next.pause = new Pause(until, reason, FailureCause.TRANSIENT, 0, null, null);
        });
    }

    private void obtainedAnything(Draft next, Outcome.Obtained outcome, long now) {
        next.refreshToken = outcome.refreshToken();
        next.flight = null;
        next.forcedFrom = forcedFromAfterFlight(now);
        next.accepted = outcome.accepted() == 0 ? accepted : outcome.accepted();
        next.guarded = guarded && !outcome.passwordSent();
    }

    State after(Outcome.Failed outcome, SourceSetup setup, long now) {
        HeldToken remaining = remaining(outcome, outcome.cause().isRefusal(), now);
        return with(next -> {
            next.held = remaining;
            next.refreshToken = outcome.refreshToken();
            next.flight = null;
            next.pause = pauseAfter(outcome, remaining, setup, now);
            next.forcedFrom = forcedFromAfterFlight(now);
            next.accepted = outcome.cause() == FailureCause.CREDENTIALS ? 0 : accepted;
            next.guarded = guarded || outcome.refusedLogin() != null;
        });
    }

    /** A failed renewal takes a token away only when an API rejected it and the server then refused to renew it. */
    private @Nullable HeldToken remaining(Outcome outcome, boolean refused, long now) {
        HeldToken usable = usable(now);
        if (usable == null || (usable.invalidated() && refused)) {
            return null;
        }
        HeldToken trusted = usable.withInvalidated(false);
        return outcome.passwordSent() ? trusted.withPasswordSpent() : trusted;
    }

    private long forcedFromAfterFlight(long now) {
        return held != null && held.invalidated() ? now + BETWEEN_FORCED_RENEWALS : forcedFrom;
    }

    private Pause pauseAfter(Outcome.Failed outcome, @Nullable HeldToken remaining, SourceSetup setup, long now) {
        int n = pause != null && pause.cause() == outcome.cause() ? pause.failures() + 1 : 0;
        long guarded = outcome.permit() == null ? 0 : outcome.permit().wait(setup.clock());
        long wait = Backoff.after(
                outcome.cause(),
                outcome.exception().retryAfter().orElse(null),
                n,
                guarded,
                remaining,
                now,
                setup.random().getAsDouble());
        if (remaining != null && outcome.refreshToken() == null && remaining.passwordSpent()) {
            wait = Math.max(wait, remaining.usableUntil() - now);
        }
        CredentialsWatch watch = outcome.refusedLogin() != null ? new CredentialsWatch(setup, now) : null;
        return new Pause(now + wait, outcome.exception(), outcome.cause(), n, watch, outcome.permit());
    }
}
