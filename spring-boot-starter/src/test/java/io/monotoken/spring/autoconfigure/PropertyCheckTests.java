package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class PropertyCheckTests {

    private static String describe(String property) {
        StringBuilder description = new StringBuilder();
        new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues("monotoken.clients.comply-one." + property)
                .run(context -> description.append(Objects.requireNonNull(new InvalidClientFailureAnalyzer()
                                .analyze(Objects.requireNonNull(context.getStartupFailure())))
                        .getDescription()
                        .replaceAll(" \\(.*\\)", "")));
        return description.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "passwort=an-actual-secret, monotoken.clients.comply-one.passwort is no property of a client",
        "refresh.later=5s, monotoken.clients.comply-one.refresh.later is no property of a client",
        "timeout=, monotoken.clients.comply-one.timeout is empty"
    })
    void namesThePropertyAndNoValue(String property, String description) {
        assertThat(describe(property)).isEqualTo(description);
    }

    @Test
    void comesBeforeSpringBootsOwnAnalysis(CapturedOutput output) {
        assertThat(catchThrowable(() -> SpringApplication.run(
                        Application.class,
                        "--spring.main.web-application-type=none",
                        "--monotoken.clients.comply-one.passwort=an-actual-secret")))
                .isNotNull();

        assertThat(output)
                .contains("monotoken.clients.comply-one.passwort")
                .contains("is no property of a client")
                .contains("Did you mean monotoken.clients.comply-one.password?")
                .doesNotContain("an-actual-secret", "left unbound.\n");
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
