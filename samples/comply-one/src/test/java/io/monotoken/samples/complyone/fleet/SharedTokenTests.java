package io.monotoken.samples.complyone.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.samples.complyone.RunningApplication;
import io.monotoken.samples.complyone.TokenRequestCounts;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What the live pages of two instances tell of the token that they share. */
@Timeout(60)
class SharedTokenTests {

    @Test
    void bothPagesShowOneTokenAndWhoLed() {
        try (RunningFleet fleet = new RunningFleet()) {
            List<JsonNode> moments = fleet.instances().stream()
                    .map(instance -> RunningFleet.momentOf(instance.client(), 1))
                    .toList();

            JsonNode first = moments.get(0).at("/source/shared");
            JsonNode second = moments.get(1).at("/source/shared");
            assertThat(fleet.standIns().tokenRequests()).isEqualTo(new TokenRequestCounts(1, 0));
            assertThat(first.get("instance")).isNotEqualTo(second.get("instance"));
            assertThat(first.get("leader")).isEqualTo(second.get("leader")).isEqualTo(first.get("instance"));
            assertThat(moments.get(0).at("/parts/led").asInt()).isOne();
            assertThat(moments.get(1).at("/parts/adopted").asInt()).isOne();
        }
    }

    @Test
    void nothingIsSharedUnlessAskedFor() {
        try (RunningApplication alone = RunningApplication.with(Map.of("sample.story", false))) {
            alone.get("/token").expectBody().jsonPath("$.shared").isEmpty();
            alone.get("/live/actions")
                    .expectBody()
                    .jsonPath("$[?(@.name =~ /kill.*/)]")
                    .isEmpty();
        }
    }
}
