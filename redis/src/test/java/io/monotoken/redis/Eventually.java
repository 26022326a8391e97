package io.monotoken.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Looks again and again, within limits. */
final class Eventually {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private Eventually() {}

    static <T> T eventually(Supplier<T> look, Predicate<? super T> found) {
        return eventually(LIMIT, look, found);
    }

    static <T> T eventually(Duration limit, Supplier<T> look, Predicate<? super T> found) {
        long end = System.nanoTime() + limit.toNanos();
        T seen = look.get();
        while (!found.test(seen) && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            seen = look.get();
        }
        assertThat(found.test(seen)).as("last seen: " + seen).isTrue();
        return seen;
    }
}
