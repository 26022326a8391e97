package io.monotoken.samples.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.monotoken.TokenSource;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class WorkerApplicationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static ConfigurableApplicationContext start() {
        return SpringApplication.run(WorkerApplication.class, "--worker.pace=50ms");
    }

    @Test
    void worksThroughARenewal(CapturedOutput console) {
        try (ConfigurableApplicationContext context = start()) {
            StandInTokenServer provider = context.getBean(StandInTokenServer.class);

            await().atMost(PATIENCE).until(() -> provider.refreshRequests() > 0);

            assertThat(provider.passwordRequests()).isOne();
            assertThat(console)
                    .containsPattern("Round [0-9]+, token fresh, employees checked: 3")
                    .doesNotContain("no token", "no answer");
        }
    }

    @Test
    void getsNoMicrometerCoreFromTheStarter() {
        assertThat(ClassUtils.isPresent("io.monotoken.micrometer.TokenSourceMetrics", null))
                .isTrue();
        assertThat(ClassUtils.isPresent("io.micrometer.core.instrument.MeterRegistry", null))
                .isFalse();
    }

    @Test
    void outlivesARefusalAndWorksAgainWhenItIsMended(CapturedOutput console) {
        try (ConfigurableApplicationContext context = start()) {
            StandInTokenServer provider = context.getBean(StandInTokenServer.class);
            provider.changePassword(provider.username(), "another");
            provider.revokeRefreshTokens();
            provider.revokeAccessTokens();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(console)
                            .contains("token guarded, no token: somebody must look at the account (invalid_grant)"));

            provider.changePassword(provider.username(), provider.password());
            context.getBean(TokenSource.class).reset();
            int soFar = console.length();

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(console.toString().substring(soFar))
                            .contains("token fresh, employees checked: 3"));
            assertThat(provider.wrongPasswords()).isOne();
        }
    }
}
