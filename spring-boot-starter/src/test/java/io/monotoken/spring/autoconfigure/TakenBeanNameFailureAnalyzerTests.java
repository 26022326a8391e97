package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The message at start, as a user sees it. */
@ExtendWith(OutputCaptureExtension.class)
class TakenBeanNameFailureAnalyzerTests {

    @Test
    void tellsWhichClientHasTheName(CapturedOutput output) {
        SpringApplication application = new SpringApplicationBuilder(SameName.class)
                .web(WebApplicationType.NONE)
                .properties("monotoken.clients.comply-one.provider=stems-accounts")
                .build();

        assertThat(catchThrowable(application::run)).isNotNull();

        assertThat(output)
                .contains("The bean 'complyOneTokenSource' of the application has the name of one that"
                        + " monotoken.clients.comply-one brings")
                .contains(
                        "Give it another name: as the only bean of its type it takes the client's place where there is"
                                + " one client. Or set monotoken.clients.comply-one.enabled to false, which leaves all names to"
                                + " the application");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class SameName {

        @Bean
        TokenSource complyOneTokenSource() {
            return TokenSource.fixed(Token.of("a-token", List.of(), Instant.EPOCH, Instant.EPOCH.plusSeconds(60)));
        }
    }
}
