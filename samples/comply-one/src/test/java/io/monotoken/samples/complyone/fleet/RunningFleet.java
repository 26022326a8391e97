package io.monotoken.samples.complyone.fleet;

import io.monotoken.samples.complyone.RunningApplication;
import io.monotoken.samples.complyone.StandIns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two instances in this process that share one token, which is not renewed soon. */
public final class RunningFleet implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Map<String, String> PATIENT = Map.of( // a busy machine is no store that is away
            "monotoken.clients.comply-one.refresh.timeout", "30s",
            "monotoken.store.redis.timeout", "10s",
            "monotoken.store.redis.lease", "50s");
    private static final JsonMapper JSON = new JsonMapper();

    private final EmbeddedRedis redis = EmbeddedRedis.start(null);
    private final StandIns standIns = StandIns.start(Duration.ofMinutes(30));
    private final List<RunningApplication> instances = new ArrayList<>();

    public RunningFleet() {
        Surroundings surroundings = Surroundings.of(redis, standIns);
        Map<String, String> properties = new HashMap<>(surroundings.properties());
        properties.putAll(PATIENT);
        for (int i = 0; i < 2; i++) {
            instances.add(RunningApplication.with(properties));
        }
    }

    StandIns standIns() {
        return standIns;
    }

    public List<RunningApplication> instances() {
        return instances;
    }

    /** {@return the first moment of an instance's live page that shows so many tokens} */
    static JsonNode momentOf(WebTestClient client, int tokens) {
        String moment = client.get()
                .uri("/live/moments")
                .exchange()
                .expectStatus()
                .isOk()
                .returnResult(String.class)
                .getResponseBody()
                .filter(told -> told.contains("\"generation\":" + tokens + ","))
                .blockFirst(PATIENCE);
        return JSON.readTree(moment);
    }

    @Override
    public void close() {
        instances.forEach(RunningApplication::close);
        standIns.close();
        redis.close();
    }
}
