package io.monotoken.samples.complyone.live;

import io.monotoken.samples.complyone.Closing;
import io.monotoken.samples.complyone.live.Happening.Kind;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Ends this instance as {@code kill -9} does. Nothing is settled, said or closed. */
@Component
@Profile("fleet") // where somebody starts it again
final class Killing {

    private static final Duration LOOK = Duration.ofMillis(20);
    private static final int KILLED = 137;

    private final Siblings siblings;
    private final Tally tally;
    private final Closing closing;

    Killing(Siblings siblings, Tally tally, Closing closing) {
        this.siblings = siblings;
        this.tally = tally;
        this.closing = closing;
    }

    List<Action> actions() {
        return List.of(
                action(
                        "kill",
                        "Kill this instance",
                        "As kill -9 does. The other one has the token and goes on; this one is started again after a"
                                + " while, and takes the token over.",
                        () -> true),
                action(
                        "kill-renewing",
                        "Kill it while it renews",
                        "In the midst of the next token request that it sends. The other one waits until the lease has"
                                + " ended, and leads.",
                        siblings::isLeading));
    }

    private Action action(String name, String label, String effect, BooleanSupplier when) {
        return new Action(
                new Action.Button(name, label, effect),
                () -> null,
                () -> {
                    tally.tell(Kind.DEED, label);
                    return Flux.interval(LOOK)
                            .takeUntil(tick -> when.getAsBoolean())
                            .then(Mono.fromRunnable(() -> Runtime.getRuntime().halt(KILLED)));
                },
                closing);
    }
}
