package io.monotoken;

import java.time.Duration;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * The token for a caller who needs it for a while. A renewal usually brings it; one that another caller began may take over what
 * another instance has, with less life than this one needs, and then one more follows.
 */
final class LastingToken {

    private static final long LONGEST = Long.MAX_VALUE / 4;
    private static final int MORE_RENEWALS = 2;

    private final SourceSetup setup;
    private final long needed;
    private final Renewal renewal;
    private final Supplier<State> state;
    private final BooleanSupplier shortLifeTold;

    /**
     * @param needed nanoseconds
     * @param renewal gives the token that there is, or lets the caller wait for the next
     * @param shortLifeTold whether nobody was told before that tokens live shorter than a caller needs them
     */
    LastingToken(
            SourceSetup setup, long needed, Renewal renewal, Supplier<State> state, BooleanSupplier shortLifeTold) {
        this.setup = setup;
        this.needed = needed;
        this.renewal = renewal;
        this.state = state;
        this.shortLifeTold = shortLifeTold;
    }

    /** How a source answers a caller who needs the token for a while. */
    @FunctionalInterface
    interface Renewal {
        Mono<Token> token(ContextView caller, long needed, long now);
    }

    /** {@return the nanoseconds that a caller needs a token for} */
    static long needed(Duration minimumRemaining) {
        if (Objects.requireNonNull(minimumRemaining, "minimumRemaining").isNegative()) {
            throw new IllegalArgumentException("minimumRemaining must not be negative, was " + minimumRemaining
                    + "; use token() for any usable one");
        }
        return Lifetime.nanos(minimumRemaining, LONGEST);
    }

    /** {@return a cold Mono; every subscription asks anew} */
    Mono<Token> token() {
        return Mono.deferContextual(caller -> asked(caller, MORE_RENEWALS));
    }

    private Mono<Token> asked(ContextView caller, int more) {
        HeldToken before = state.get().held();
        return renewal.token(caller, needed, setup.clock().now()).flatMap(token -> {
            long now = setup.clock().now();
            HeldToken held = state.get().usable(now);
            boolean isOther = before == null || !before.token().equals(token);
            if (isOther && more > 0 && held != null && !held.lasts(needed, now)) {
                return asked(caller, more - 1);
            }
            warnOfShortLife(held, now);
            return Mono.just(token);
        });
    }

    private void warnOfShortLife(@Nullable HeldToken held, long now) {
        if (held != null && held.expiry() - now < needed && held.lasts(needed, now) && shortLifeTold.getAsBoolean()) {
            SourceSetup.log.warn(
                    "TokenSource[{}]: a caller needs a token for {}, and the provider's live for {}; callers get the newest",
                    setup.shown(),
                    Duration.ofNanos(needed),
                    Duration.ofNanos(held.length()));
        }
    }
}
