package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.monotoken.TokenSource;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.web.reactive.function.client.WebClient;

class ContextThreadsTests {

    @Test
    void fiftyContextsLeaveNoThreads() {
        try (StandIns standIns = new StandIns()) {
            ApplicationContextRunner runner = new ApplicationContextRunner()
                    .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                    .withPropertyValues(standIns.client("comply-one"));
            startAndStop(runner); // starts what the whole process shares
            Set<Thread> before = threads();

            for (int i = 0; i < 50; i++) {
                startAndStop(runner);
            }

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(threads()).isSubsetOf(before));
        }
    }

    private static void startAndStop(ApplicationContextRunner runner) {
        runner.run(context -> {
            context.getBean(WebClient.class)
                    .get()
                    .uri("/me")
                    .retrieve()
                    .toBodilessEntity()
                    .block(Duration.ofSeconds(5));
            assertThat(context).hasSingleBean(TokenSource.class);
        });
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("awaitility"))
                .collect(Collectors.toSet());
    }
}
