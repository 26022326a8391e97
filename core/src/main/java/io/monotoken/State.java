package io.monotoken;

import io.monotoken.Landing.Cause;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that a source knows. Immutable: every change is a new instance, put in place by one compareAndSet.
 *
 * @param held the current token, usable or not
 * @param refreshToken what the next flight may present
 * @param flight the one in the air
 * @param pause after a failure; a success ends it
 * @param forcedFrom when a rejected token may be renewed ahead of time again
 * @param worked tells the credentials that the server accepted last in this process from others; zero for none
 * @param guarded whether the listener was told that the guard closed, and not yet that it opened
 * @param lastSuccess when the last token was issued
 */
record State(
        @Nullable HeldToken held,
        @Nullable RefreshToken refreshToken,
        @Nullable Flight flight,
        @Nullable Pause pause,
        long forcedFrom,
        int worked,
        boolean guarded,
        @Nullable Instant lastSuccess,
        boolean closed) {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long BETWEEN_FORCED_RENEWALS = 10 * SECOND;

    static State initial(long now) {
        return new State(null, null, null, null, now, 0, false, null, false);
    }

    @Nullable
    HeldToken usable(long now) {
        return held != null && held.isUsable(now) ? held : null;
    }

    /** {@return whether a flight may start} */
    boolean isCleared(long now) {
        return !closed && flight == null && (pause == null || pause.isOver(now));
    }

    State inFlight(@Nullable Flight started) {
        return new State(held, refreshToken, started, pause, forcedFrom, worked, guarded, lastSuccess, closed);
    }

    State withHeld(@Nullable HeldToken token) {
        return new State(token, refreshToken, flight, pause, forcedFrom, worked, guarded, lastSuccess, closed);
    }

    State unguarded() {
        return new State(held, refreshToken, flight, null, forcedFrom, worked, false, lastSuccess, closed);
    }

    State ended() {
        return new State(null, null, null, null, forcedFrom, worked, guarded, lastSuccess, true);
    }

    State after(Landing.Arrived landing, HeldToken arrived, long now) {
        return new State(
                arrived,
                landing.refreshToken(),
                null,
                null,
                forcedFromAfterLanding(now),
                landing.worked() == 0 ? worked : landing.worked(),
                guarded && !landing.passwordSent(),
                arrived.token().issuedAt(),
                closed);
    }

    /** A token that had ended when it came: its waiters have it, and the next request waits a little. */
    State afterDeadArrival(Landing.Arrived landing, TokenException reason, long now) {
        long until = now + Math.max(SECOND, now - landing.sentAt());
        Pause next = new Pause(until, reason, Cause.TRANSIENT, 0, null, null);
        return new State(
                remaining(landing, false, now),
                landing.refreshToken(),
                null,
                next,
                forcedFromAfterLanding(now),
                landing.worked() == 0 ? worked : landing.worked(),
                guarded && !landing.passwordSent(),
                lastSuccess,
                closed);
    }

    State after(Landing.Missed landing, SourceSetup setup, long now) {
        HeldToken remaining = remaining(landing, landing.cause().isRefusal(), now);
        return new State(
                remaining,
                landing.refreshToken(),
                null,
                pauseAfter(landing, remaining, setup, now),
                forcedFromAfterLanding(now),
                landing.cause() == Cause.CREDENTIALS ? 0 : worked,
                guarded || landing.refusedLogin() != null,
                lastSuccess,
                closed);
    }

    /** A failed renewal takes a token away only when an API rejected it and the server then refused to renew it. */
    private @Nullable HeldToken remaining(Landing landing, boolean refused, long now) {
        HeldToken usable = usable(now);
        if (usable == null || (usable.suspect() && refused)) {
            return null;
        }
        HeldToken trusted = usable.withSuspect(false);
        return landing.passwordSent() ? trusted.withPasswordSpent() : trusted;
    }

    private long forcedFromAfterLanding(long now) {
        return held != null && held.suspect() ? now + BETWEEN_FORCED_RENEWALS : forcedFrom;
    }

    private Pause pauseAfter(Landing.Missed landing, @Nullable HeldToken remaining, SourceSetup setup, long now) {
        int n = pause != null && pause.cause() == landing.cause() ? pause.failures() + 1 : 0;
        long wait = waitAfter(landing, n, remaining, setup, now);
        if (remaining != null && landing.refreshToken() == null && remaining.passwordSpent()) {
            wait = Math.max(wait, remaining.usableUntil() - now);
        }
        CredentialsWatch watch = landing.refusedLogin() != null ? new CredentialsWatch(setup, now) : null;
        return new Pause(now + wait, landing.exception(), landing.cause(), n, watch, landing.guard());
    }

    private long waitAfter(Landing.Missed landing, int n, @Nullable HeldToken remaining, SourceSetup setup, long now) {
        long guarded = landing.guard() == null ? 0 : landing.guard().wait(setup.clock());
        return switch (landing.cause()) {
            case CONFIGURATION -> Backoff.configuration(n);
            case CREDENTIALS, GUARDED -> Math.max(SECOND, guarded);
            case LOGIN_LOST -> Math.max(Math.max(SECOND, guarded), transientWait(landing, n, remaining, setup, now));
            case TRANSIENT -> transientWait(landing, n, remaining, setup, now);
        };
    }

    private static long transientWait(
            Landing.Missed landing, int n, @Nullable HeldToken remaining, SourceSetup setup, long now) {
        double draw = setup.random().getAsDouble();
        Duration retryAfter = landing.exception().retryAfter().orElse(null);
        return remaining == null
                ? Backoff.withoutToken(n, retryAfter, draw)
                : Backoff.whileUsable(n, remaining.usableUntil() - now, remaining.length(), retryAfter, draw);
    }
}
