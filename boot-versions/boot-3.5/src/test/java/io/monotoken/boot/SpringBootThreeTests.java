package io.monotoken.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** An application of Spring Boot 3 that takes the starter, as a user would write it. */
@ExtendWith(OutputCaptureExtension.class)
class SpringBootThreeTests {

    @SpringBootApplication
    static class Application {}

    @Test
    void isToldWhatTheStarterNeeds(CapturedOutput output) {
        Throwable failure = catchThrowable(() -> SpringApplication.run(
                Application.class, "--monotoken.clients.comply-one.provider=stems-accounts", "--server.port=0"));

        String needed = "monotoken-spring-boot-starter needs Spring Boot 4.0 or newer, this application has Spring Boot "
                + SpringBootVersion.getVersion();
        assertThat(SpringBootVersion.getVersion()).startsWith("3.");
        assertThat(failure).hasMessage(needed);
        assertThat(output)
                .containsSubsequence(
                        "APPLICATION FAILED TO START",
                        "Description:",
                        needed,
                        "Action:",
                        "Update the application to Spring Boot 4, or use monotoken-core instead, which needs no Spring");
    }
}
