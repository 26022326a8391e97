package io.monotoken.spring.orders;

import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.reactive.function.client.WebClient;

/** The application, started by its own main method with the stand-ins beside it. */
record RunningOrders(ConfigurableApplicationContext context) implements AutoCloseable {

    static RunningOrders start() {
        return new RunningOrders(SpringApplication.from(OrdersApplication::main)
                .with(StandIns.class)
                .run("--server.port=0")
                .getApplicationContext());
    }

    String get(String path) {
        return WebClient.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port"))
                .get()
                .uri(path)
                .retrieve()
                .bodyToMono(String.class)
                .blockOptional(Duration.ofSeconds(10))
                .orElseThrow();
    }

    StandInTokenServer tokenServer() {
        return context.getBean(StandInTokenServer.class);
    }

    @Override
    public void close() {
        context.close();
    }
}
