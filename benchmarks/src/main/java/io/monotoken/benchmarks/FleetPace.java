package io.monotoken.benchmarks;

import java.time.Duration;

/** What several instances need of a pace. */
final class FleetPace {

    private static final Duration LONG = Duration.ofSeconds(3);
    private static final Duration SHORT = Duration.ofSeconds(1);

    private FleetPace() {}

    /** {@return how many processes are started together} */
    static int processes(Pace pace) {
        return pace.load().compareTo(SHORT) > 0 ? 5 : 2;
    }

    /** {@return the life of tokens that are to be renewed often; whole seconds, as the endpoint tells them} */
    static Duration life(Pace pace) {
        return pace.load().compareTo(LONG) > 0 ? LONG : SHORT;
    }
}
