package io.monotoken.samples.complyone;

import java.util.HashMap;
import java.util.Map;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.web.reactive.server.WebTestClient;

/** The whole application on a free port, with nothing from the machine's own COMPLY_ONE_* variables. */
public record RunningApplication(ConfigurableApplicationContext context) implements AutoCloseable {

    private static final Map<String, String> NO_ACCOUNT = Map.of(
            "COMPLY_ONE_CLIENT_ID", "",
            "COMPLY_ONE_CLIENT_SECRET", "",
            "COMPLY_ONE_USERNAME", "",
            "COMPLY_ONE_PASSWORD", "");

    public static RunningApplication with(Map<String, ?> properties) {
        Map<String, Object> all = new HashMap<>(NO_ACCOUNT);
        all.put("server.port", 0);
        all.put("logging.level.io.monotoken", "debug");
        all.putAll(properties);
        return new RunningApplication(ComplyOneApplication.start(all.entrySet().stream()
                .map(property -> "--" + property.getKey() + "=" + property.getValue())
                .toArray(String[]::new)));
    }

    public WebTestClient.ResponseSpec get(String path) {
        return client().get().uri(path).exchange();
    }

    public WebTestClient client() {
        return client(context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    public static WebTestClient client(Object port) {
        return WebTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
    }

    @Override
    public void close() {
        context.close();
    }
}
