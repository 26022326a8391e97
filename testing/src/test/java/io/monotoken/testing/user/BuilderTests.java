package io.monotoken.testing.user;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** The builders as a user in another package sees them: their common settings come from a class that is not public. */
class BuilderTests {

    @Test
    void chainCommonSettingsWithTheirOwn() {
        try (StandInTokenServer tokenServer = StandInTokenServer.builder()
                        .port(0)
                        .latency(Duration.ofMillis(1))
                        .path("/token")
                        .start();
                StandInApi api = StandInApi.builder(tokenServer)
                        .port(0)
                        .latency(Duration.ofMillis(1))
                        .path("/v4")
                        .start()) {
            assertThat(tokenServer.tokenUri()).hasPath("/token");
            assertThat(api.baseUrl()).hasPath("/v4");
        }
    }

    @Test
    void reachCommonSettingsThroughMethodReferencesAndReflection() throws Exception {
        BiFunction<StandInTokenServer.Builder, Duration, StandInTokenServer.Builder> latency =
                StandInTokenServer.Builder::latency;
        StandInTokenServer.Builder builder = StandInTokenServer.builder();

        BiFunction<StandInTokenServer.Builder, String, StandInTokenServer.Builder> client =
                StandInTokenServer.Builder::client;

        assertThat(latency.apply(builder, Duration.ZERO)).isSameAs(builder);
        assertThat(client.apply(builder, "public")).isSameAs(builder);
        assertThat(StandInTokenServer.Builder.class.getMethod("port", int.class).invoke(builder, 0))
                .isSameAs(builder);
    }
}
