package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Schedulers;

/** Two clocks, one of which is wrong, stopped, set or slewed. */
class SourceClockTests {

    private static final long SECOND = 1_000_000_000;

    private final AtomicLong nanos = new AtomicLong(-5 * SECOND);
    private final AtomicLong wallNanos = new AtomicLong(
            Duration.ofMillis(Instant.parse("2026-01-01T00:00:00Z").toEpochMilli())
                    .toNanos());
    private Runnable betweenReadings = () -> {};
    private final SourceClock clock = new SourceClock(
            nanos::get,
            () -> {
                betweenReadings.run();
                return Instant.ofEpochSecond(0, wallNanos.get());
            },
            Schedulers::immediate);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        wallNanos.addAndGet(time.toNanos());
    }

    private Duration suspended() {
        return Duration.ofNanos(clock.now() - nanos.get());
    }

    @ParameterizedTest
    @ValueSource(longs = {500, -500, 100, -100, 50})
    void takesASlewedWallClockForNoSuspension(long partsPerMillion) {
        for (int second = 0; second < 86_400; second++) {
            pass(Duration.ofSeconds(1));
            wallNanos.addAndGet(partsPerMillion * 1_000);
            clock.now();
        }

        assertThat(suspended()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {500, -500})
    void takesItForNoSuspensionHoweverSeldomItIsAsked(long partsPerMillion) {
        for (int minute = 0; minute < 1_440; minute += 37) {
            pass(Duration.ofMinutes(37));
            wallNanos.addAndGet(37 * 60 * partsPerMillion * 1_000);
            clock.now();
        }

        assertThat(suspended()).isZero();
    }

    @Test
    void isNotMovedByAStopBetweenTheTwoReadings() {
        pass(Duration.ofSeconds(2));
        betweenReadings = () -> {
            betweenReadings = () -> {};
            pass(Duration.ofSeconds(5));
        };
        clock.now();
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(2));
            clock.now();
        }

        assertThat(suspended()).isZero();
    }

    @Test
    void countsASuspensionAtTheNextGlanceAfterSuchAStop() {
        pass(Duration.ofSeconds(2));
        betweenReadings = () -> {
            betweenReadings = () -> {};
            pass(Duration.ofSeconds(5));
        };
        clock.now();
        wallNanos.addAndGet(60 * SECOND);

        clock.now();

        assertThat(suspended()).isBetween(Duration.ofSeconds(59), Duration.ofSeconds(60));
    }

    @Test
    void addsUpSuspensionsThatAreShort() {
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(10));
            wallNanos.addAndGet(3 * SECOND / 2);
            clock.now();
        }

        assertThat(suspended()).isBetween(Duration.ofSeconds(13), Duration.ofSeconds(15));
    }

    @Test
    void noticesASuspensionWhileTheWallClockIsSlewed() {
        for (int second = 0; second < 1_000; second++) {
            pass(Duration.ofSeconds(1));
            wallNanos.addAndGet(500_000);
            clock.now();
        }
        wallNanos.addAndGet(3_600 * SECOND);
        pass(Duration.ofSeconds(1));

        assertThat(suspended()).isBetween(Duration.ofSeconds(3_599), Duration.ofSeconds(3_601));
    }

    @Test
    void ignoresAWallClockThatIsSetBackAgainAndAgain() {
        for (int i = 0; i < 100; i++) {
            pass(Duration.ofSeconds(2));
            wallNanos.addAndGet(-SECOND);
            clock.now();
        }

        assertThat(suspended()).isZero();
    }
}
