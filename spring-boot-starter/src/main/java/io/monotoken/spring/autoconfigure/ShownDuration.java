package io.monotoken.spring.autoconfigure;

import java.time.Duration;

/** A duration for people: {@code 5 ms}, {@code 1500 ms}, {@code 20 s}, {@code 30 min}, {@code 6 h}. */
final class ShownDuration {

    private ShownDuration() {}

    static String of(Duration duration) {
        long millis = duration.toMillis();
        if (millis != 0 && millis % 3_600_000 == 0) {
            return millis / 3_600_000 + " h";
        }
        if (millis != 0 && millis % 60_000 == 0) {
            return millis / 60_000 + " min";
        }
        return millis != 0 && millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
    }
}
