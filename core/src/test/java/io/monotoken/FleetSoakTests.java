package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Storms of faults over several instances in injected time: their clocks differ by up to a minute and run fast or slow, their
 * connections to the store are cut and lose what they carry, the store forgets, they are killed, stopped and started anew, APIs
 * reject their tokens, and the provider is away and loses answers. Instances of even seeds log in with a password, those of odd
 * ones with an assertion that no guard counts.
 *
 * <p>A failure names its seed, which takes the same course again: {@code -Dtest=FleetSoakTests -Dmonotoken.soak=17}, or
 * {@code 21-500} for other seeds than those of every build.
 */
class FleetSoakTests {

    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration STORM = Duration.ofMinutes(30);

    static LongStream seeds() {
        String[] range = System.getProperty("monotoken.soak", "1-20").split("-", 2);
        return LongStream.rangeClosed(Long.parseLong(range[0]), Long.parseLong(range[range.length - 1]));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void tenInstancesKeepTheirPromisesInAStormAndAfterIt(long seed) {
        keepTheirPromises(10, seed);
    }

    @ParameterizedTest
    @CsvSource({"2, 1001", "2, 1002", "30, 1003"})
    void soDoTwoAndThirty(int size, long seed) {
        keepTheirPromises(size, seed);
    }

    private static void keepTheirPromises(int size, long seed) {
        FleetSoak soak = new FleetSoak(size, seed, seed % 2 == 0);

        soak.weather(STORM, 3);
        soak.finish();

        assertThat(soak.violations()).as("seed %d", seed).isEmpty();
        assertThat(soak.presentedTwice()).as("seed %d", seed).isEmpty();
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void tenInstancesPresentNoRefreshTokenTwiceInADay() {
        FleetSoak soak = new FleetSoak(10, 101, false);

        while (soak.now().compareTo(DAY) < 0) {
            soak.weather(STORM, 8);
        }
        soak.finish();

        assertThat(soak.violations()).isEmpty();
        assertThat(soak.presentedTwice()).isEmpty();
        assertThat(soak.served()).isGreaterThan(200_000);
        assertThat(soak.mostTasks()).isLessThan(60);
        assertThat(soak.faults())
                .hasSizeGreaterThan(40)
                .allSatisfy((kind, times) -> assertThat(times).as(kind).isGreaterThanOrEqualTo(5));
    }

    @Test
    void tenInstancesLogInOnceAndRenewOnceALifetimeWhileNothingGoesWrong() {
        FleetSoak soak = new FleetSoak(10, 1, true);

        soak.goOn(40, 1);
        soak.finish();

        assertThat(soak.violations()).isEmpty();
        assertThat(soak.requests("login")).isOne();
    }
}
