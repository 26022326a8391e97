package io.monotoken;

import io.monotoken.StoreClient.Read;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Lets what other instances did take effect at a source before its own next renewal. */
final class OtherInstances implements Fleet.Sibling {

    private static final long LONGEST_DELAY = Duration.ofSeconds(1).toNanos();

    private final Fleet fleet;
    private final SourceSetup setup;
    private final Source source;

    OtherInstances(Fleet fleet, SourceSetup setup, Source source) {
        this.fleet = fleet;
        this.setup = setup;
        this.source = source;
    }

    /** The source of this instance. */
    interface Source {

        State state();

        /** {@return whether the token is newer than what the state that was seen has, and now current} */
        boolean adopt(State seen, Outcome.Obtained token);

        /** Hands a token out no more that another instance saw rejected. */
        void renewRejected(State seen, HeldToken rejected);

        void open(Pause pause);
    }

    @Override
    public void tokenChanged(RecordTag.Kind kind) {
        String key = fleet.tokenKey();
        State seen = source.state();
        boolean concerned = seen.flight() == null && !seen.closed() && (seen.held() != null || seen.pause() != null);
        if (key != null && concerned && (kind == RecordTag.Kind.TOKEN || kind == RecordTag.Kind.REJECTED)) {
            fleet.runAside(Mono.delay(
                            Duration.ofNanos(delay(seen.held(), kind)),
                            setup.clock().timer())
                    .then(fleet.read(key))
                    .doOnNext(read -> see(key, read)));
        }
    }

    /** Instances that have a good token take the next one over a little after each other. */
    private long delay(@Nullable HeldToken held, RecordTag.Kind kind) {
        return held == null || held.invalidated() || kind == RecordTag.Kind.REJECTED
                ? 0
                : (long) (Math.min(LONGEST_DELAY, held.length() / 100)
                        * setup.random().getAsDouble());
    }

    private void see(String key, Read read) {
        SharedRecord shared = FleetFlight.read(key, read);
        SharedRecord.SharedToken token = shared.token();
        State seen = source.state();
        HeldToken held = seen.usable(setup.clock().now());
        if (token == null || seen.flight() != null || seen.closed()) {
            return;
        }
        fleet.show(shared, read);
        boolean mine = held != null && held.token().value().equals(token.value());
        if (held != null && mine && shared.isRejected() && !held.invalidated()) {
            source.renewRejected(seen, held);
        } else if (!mine && !shared.isRejected() && source.adopt(seen, FleetFlight.adopted(read, token))) {
            fleet.did(TokenListener.Sharing.ADOPTED);
        }
    }

    @Override
    public void accountOpened() {
        Pause pause = source.state().pause();
        if (pause != null && pause.permit() != null) {
            pause.permit().reset();
            source.open(pause);
        }
    }
}
