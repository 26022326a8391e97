package io.monotoken.endpoint;

import java.time.InstantSource;

/** A token endpoint as a machine sees it whose clock is wrong. */
public final class AnotherWallClock {

    private AnotherWallClock() {}

    public static TokenEndpoint.Builder of(TokenEndpoint.Builder builder, InstantSource clock) {
        return builder.wallClock(clock);
    }
}
