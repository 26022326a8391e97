package io.monotoken.benchmarks;

import java.time.Duration;

/** Lets a load go on for a while. */
final class Pauses {

    private Pauses() {}

    static void of(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
