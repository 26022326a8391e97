package io.monotoken;

import io.monotoken.TokenSourceState.Phase;
import org.jspecify.annotations.Nullable;

/** What a source tells onlookers of its state, without secrets. */
final class Snapshot {

    private Snapshot() {}

    static TokenSourceState of(State seen, SourceSetup setup, long now) {
        HeldToken usable = seen.usable(now);
        Pause pause = seen.pause();
        Fleet fleet = setup.fleet();
        return new TokenSourceState(
                phase(seen, usable, now),
                usable == null ? null : usable.token().expiresAt(),
                usable == null ? null : usable.renewal(),
                seen.lastSuccess(),
                pause == null ? null : TokenSourceState.Failure.of(pause.reason()),
                pause == null || pause.isOver(now) || pause.isEndless()
                        ? null
                        : setup.clock().instant(pause.until()),
                seen.flight() == null ? 0 : seen.flight().waiting(),
                fleet == null ? null : fleet.shared(now));
    }

    private static Phase phase(State seen, @Nullable HeldToken usable, long now) {
        if (seen.closed()) {
            return Phase.CLOSED;
        }
        if (usable != null && !usable.invalidated()) {
            return usable.isFresh(now) ? Phase.FRESH : Phase.STALE;
        }
        if (seen.flight() != null) {
            return Phase.WAITING;
        }
        if (seen.isCleared(now)) {
            return Phase.IDLE;
        }
        return seen.pause() != null && seen.pause().watch() != null ? Phase.GUARDED : Phase.FAILING;
    }
}
