package io.monotoken.micrometer;

import static io.monotoken.micrometer.ComplyOne.fail;
import static io.monotoken.micrometer.ComplyOne.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.monotoken.Token;
import io.monotoken.TokenListener;
import io.monotoken.TokenSource;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokenSourceMetricsTests {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final StandInTokenServer server = StandInTokenServer.stemsAccounts().start();
    private final TokenSourceMetrics metrics = TokenSourceMetrics.of("comply-one", meters);

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void countsWhatCallersMet() {
        try (TokenSource tokens = ComplyOne.tokens(server, metrics)) {
            Token token = token(tokens);
            token(tokens);
            tokens.invalidate(token);
            token(tokens);

            assertThat(lookups(meters, "fresh")).isOne();
            assertThat(lookups(meters, "waiting")).isEqualTo(2);
            assertThat(lookups(meters, "stale")).isZero();
            assertThat(lookups(meters, "failed")).isZero();
            assertThat(meters.get("monotoken.waits")
                            .tag("client", "comply-one")
                            .timer()
                            .count())
                    .isEqualTo(2);
            assertThat(gauge("monotoken.waiters")).isZero();
            assertThat(meters.get("monotoken.invalidations").counter().count()).isOne();
            assertThat(gauge("monotoken.token.expiry")).isBetween(1.0, 1800.0);
            assertThat(gauge("monotoken.guard.closed")).isZero();
            assertThat(meters.getMeters().toString()).doesNotContain(token.value());
        }
    }

    private static double lookups(MeterRegistry meters, String result) {
        return meters.get("monotoken.lookups")
                .tag("client", "comply-one")
                .tag("result", result)
                .counter()
                .count();
    }

    private double gauge(String name) {
        return meters.get(name).tag("client", "comply-one").gauge().value();
    }

    @Test
    void isThereBeforeTheFirstToken() {
        assertThat(meters.getMeters())
                .extracting(meter -> meter.getId().getName())
                .containsOnly(
                        "monotoken.lookups",
                        "monotoken.waits",
                        "monotoken.waiters",
                        "monotoken.token.expiry",
                        "monotoken.invalidations",
                        "monotoken.guard.closed");
        assertThat(gauge("monotoken.token.expiry")).isNaN();
    }

    @Test
    void showsAClosedGuard() {
        try (TokenSource tokens = ComplyOne.tokens(server.tokenUri(), "wrong", metrics)) {
            fail(tokens);
            fail(tokens);

            assertThat(gauge("monotoken.guard.closed")).isOne();
            assertThat(lookups(meters, "failed")).isOne();
            assertThat(gauge("monotoken.token.expiry")).isNaN();

            tokens.reset();

            assertThat(gauge("monotoken.guard.closed")).isZero();
        }
    }

    @Test
    void showsCallersWhoWait() {
        metrics.lookedUp(TokenListener.Lookup.WAITING);
        metrics.lookedUp(TokenListener.Lookup.WAITING);

        assertThat(gauge("monotoken.waiters")).isEqualTo(2);

        metrics.waited(Duration.ofMillis(5));

        assertThat(gauge("monotoken.waiters")).isOne();
    }

    @Test
    void countsDownByTheClockOfTheRegistryToBelowZero() {
        MockClock clock = new MockClock();
        SimpleMeterRegistry timed = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
        Instant end = Instant.ofEpochMilli(clock.wallTime()).plusSeconds(60);

        TokenSourceMetrics.of("timed", timed)
                .obtained(Token.of("a-token", Set.of(), Instant.EPOCH, end), Duration.ZERO);

        assertThat(timed.get("monotoken.token.expiry").gauge().value()).isEqualTo(60);
        clock.add(Duration.ofSeconds(61));
        assertThat(timed.get("monotoken.token.expiry").gauge().value()).isEqualTo(-1);
    }

    @Test
    void takesItsGaugesOutWhenClosedAndLeavesWhatCounts() {
        try (TokenSource tokens = ComplyOne.tokens(server, metrics)) {
            token(tokens);
        }

        metrics.close();

        assertThat(meters.getMeters())
                .extracting(Meter::getId)
                .extracting(Meter.Id::getName)
                .containsOnly("monotoken.lookups", "monotoken.waits", "monotoken.invalidations");
    }

    @Test
    void leavesItsNamesToTheNextSourceOfTheClient() {
        try (TokenSource tokens = ComplyOne.tokens(server, metrics)) {
            token(tokens);
        }
        metrics.close();

        try (TokenSourceMetrics next = TokenSourceMetrics.of("comply-one", meters);
                TokenSource tokens = ComplyOne.tokens(server, next)) {
            token(tokens);

            assertThat(gauge("monotoken.token.expiry")).isBetween(1.0, 1800.0);
            assertThat(lookups(meters, "waiting")).isEqualTo(2);
        }
    }

    private double counted(TokenListener.Sharing part) {
        return meters.get("monotoken.sharing")
                .tags("client", "comply-one", "part", part.name().toLowerCase(Locale.ROOT))
                .counter()
                .count();
    }

    private Timer asked(String operation, String outcome) {
        return meters.get("monotoken.store.requests")
                .tags("client", "comply-one", "operation", operation, "outcome", outcome)
                .timer();
    }

    @ParameterizedTest
    @EnumSource
    void countsWhatItDidToShareATokenWithOthers(TokenListener.Sharing part) {
        metrics.shared(part);

        for (TokenListener.Sharing each : TokenListener.Sharing.values()) {
            assertThat(counted(each)).as(each.name()).isEqualTo(each == part ? 1 : 0);
        }
    }

    @Test
    void timesTheStoreByOperationAndOutcome() {
        metrics.storeAnswered("read", null, Duration.ofMillis(2));
        metrics.storeAnswered("read", null, Duration.ofMillis(4));
        metrics.storeAnswered("replace", new TimeoutException("no answer"), Duration.ofMillis(500));

        assertThat(asked("read", "SUCCESS").count()).isEqualTo(2);
        assertThat(asked("read", "SUCCESS").totalTime(TimeUnit.MILLISECONDS)).isEqualTo(6);
        assertThat(asked("read", "FAILURE").count()).isZero();
        assertThat(asked("replace", "SUCCESS").count()).isZero();
        assertThat(asked("replace", "FAILURE").totalTime(TimeUnit.MILLISECONDS)).isEqualTo(500);
    }

    @Test
    void showsAStoreThatIsAway() {
        metrics.storeAnswered("read", null, Duration.ZERO);
        assertThat(gauge("monotoken.store.away")).isZero();

        metrics.storeAnswered("read", new TimeoutException("no answer"), Duration.ZERO);
        assertThat(gauge("monotoken.store.away")).isOne();

        metrics.storeAnswered("replace", null, Duration.ZERO);
        assertThat(gauge("monotoken.store.away")).isZero();
    }

    @Test
    void hasNoMetersOfSharingBeforeTheStoreWasAskedAndNoGaugeAfterTheEnd() {
        metrics.storeAnswered("read", null, Duration.ZERO);
        metrics.close();
        metrics.storeAnswered("read", null, Duration.ZERO);

        assertThat(meters.find("monotoken.store.away").gauge()).isNull();
        assertThat(asked("read", "SUCCESS").count()).isEqualTo(2);

        TokenSourceMetrics late = TokenSourceMetrics.of("late", meters);
        late.close();
        late.storeAnswered("read", null, Duration.ZERO);
        late.shared(TokenListener.Sharing.LED);

        assertThat(meters.find("monotoken.store.requests").tag("client", "late").timer())
                .isNull();
        assertThat(meters.find("monotoken.sharing").tag("client", "late").counter())
                .isNull();
    }
}
