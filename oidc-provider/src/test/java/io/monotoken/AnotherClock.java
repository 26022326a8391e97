package io.monotoken;

import java.time.Duration;
import java.time.InstantSource;

/** Assertions of a machine whose clock is wrong. */
public final class AnotherClock {

    private AnotherClock() {}

    public static InstantSource ahead(Duration by) {
        return InstantSource.offset(InstantSource.system(), by);
    }

    public static AssertionSettings of(AssertionSettings settings, InstantSource clock) {
        return settings.withClock(clock);
    }
}
