package io.monotoken.samples.complyone.live;

import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.samples.complyone.CalledService;
import io.monotoken.samples.complyone.Closing;
import io.monotoken.samples.complyone.StandIns;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;

/** Looks at the application four times a second, whoever watches, and keeps the last minute and a half. */
@Component
final class Moments {

    private static final Duration PACE = Duration.ofMillis(250);
    private static final int KEPT = 360;

    private final TokenSource tokens;
    private final Tally tally;
    private final Siblings siblings;
    private final CalledService called;
    private final Actions actions;
    private final @Nullable StandIns standIns;
    private final Flux<Moment> moments;

    Moments(
            TokenSource tokens,
            Tally tally,
            Siblings siblings,
            CalledService called,
            Actions actions,
            ObjectProvider<StandIns> played,
            Closing closing) {
        this.tokens = tokens;
        this.tally = tally;
        this.siblings = siblings;
        this.called = called;
        this.actions = actions;
        this.standIns = played.getIfAvailable();
        this.moments = Flux.interval(PACE)
                .onBackpressureDrop()
                .map(tick -> now())
                .takeUntilOther(closing.begun())
                .replay(KEPT)
                .autoConnect(0);
    }

    /** {@return the moments kept and all to come; a watcher that is too slow misses the oldest} */
    Flux<Moment> all() {
        return moments.onBackpressureBuffer(KEPT, dropped -> {}, BufferOverflowStrategy.DROP_OLDEST);
    }

    private Moment now() {
        TokenSourceState source = tokens.state();
        Siblings.Parts parts = siblings.parts(source.shared());
        return new Moment(
                Instant.now(),
                source,
                tally.mostWaiting(),
                tally.counts(),
                parts,
                called.isReal(),
                standIns == null ? null : provider(standIns.stemsAccounts(), standIns.isStopped()),
                actions.obstacles(),
                tally.happenings());
    }

    private static Moment.Provider provider(StandInTokenServer stemsAccounts, boolean stopped) {
        return new Moment.Provider(
                stemsAccounts.wrongPasswords(), stemsAccounts.refreshTokensPresentedTwice(), stopped);
    }
}
