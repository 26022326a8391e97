package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Days of several instances in injected time: their clocks differ by up to a minute and run fast or slow, their connections to
 * the store are cut and lose what they carry, they are killed, stopped and started anew, APIs reject their tokens, and the
 * provider loses answers. What must be true all the time is checked in {@link FleetSoak}, and a test names what broke and its
 * seed. Run {@code -Dtest=FleetSoakTests -Dmonotoken.soak=21-500} for other seeds than those of every build.
 */
class FleetSoakTests {

    private static final Duration DAY = Duration.ofHours(24);

    static LongStream seeds() {
        String[] range = System.getProperty("monotoken.soak", "1-20").split("-", 2);
        return LongStream.rangeClosed(Long.parseLong(range[0]), Long.parseLong(range[range.length - 1]));
    }

    /** Even seeds log in with a password, and the credential guard counts with them; odd ones with an assertion. */
    private static FleetSoak soak(int size, long seed) {
        return new FleetSoak(size, seed, seed % 2 == 0);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void tenInstancesKeepTheirPromisesInAStormAndAfterIt(long seed) {
        FleetSoak soak = soak(10, seed);

        soak.round();
        soak.finish();

        assertThat(soak.violations()).as("seed %d", seed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {101, 102})
    void tenInstancesKeepTheirPromisesForADay(long seed) {
        FleetSoak soak = soak(10, seed);

        while (soak.elapsed().compareTo(DAY) < 0) {
            soak.round();
        }
        soak.finish();

        assertThat(soak.violations()).as("seed %d", seed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 30})
    void soDoTwoAndThirty(int size) {
        FleetSoak soak = soak(size, size);

        soak.round();
        soak.finish();

        assertThat(soak.violations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void logInOnceAndRenewOnceALifetimeWhileNothingGoesWrong(long seed) {
        FleetSoak soak = soak(10, seed);

        soak.goOn(40, 1);
        soak.finish();

        assertThat(soak.violations()).isEmpty();
        assertThat(soak.requests("login")).isOne();
    }
}
