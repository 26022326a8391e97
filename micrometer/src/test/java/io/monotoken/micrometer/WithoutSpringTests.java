package io.monotoken.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.monotoken.TokenSource;
import io.monotoken.testing.StandInTokenServer;
import org.junit.jupiter.api.Test;

/** The class path of a service on plain Reactor. */
class WithoutSpringTests {

    @Test
    void hasNoSpring() {
        assertThatExceptionOfType(ClassNotFoundException.class)
                .isThrownBy(() -> Class.forName("org.springframework.core.SpringVersion"));
    }

    @Test
    void hasMetersAndObservationsFromALineEach() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));

        try (StandInTokenServer server = StandInTokenServer.stemsAccounts().start();
                TokenSource tokens = ComplyOne.tokens(
                        server,
                        TokenSourceMetrics.of("comply-one", meters),
                        ObservedRequests.of("comply-one", observations))) {
            ComplyOne.token(tokens);
        }

        assertThat(meters.get("monotoken.waits").timer().count()).isOne();
        assertThat(meters.get("monotoken.token.request")
                        .tag("outcome", "SUCCESS")
                        .timer()
                        .count())
                .isOne();
    }
}
