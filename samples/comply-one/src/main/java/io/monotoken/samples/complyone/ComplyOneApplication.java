package io.monotoken.samples.complyone;

import io.monotoken.spring.TokenSourceBuilderCustomizer;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Calls Comply One with an account, or stand-ins without one. */
@SpringBootApplication(proxyBeanMethods = false)
public class ComplyOneApplication {

    /**
     * Starts the application.
     *
     * @param arguments Spring Boot's, such as {@code --server.port=9090}
     */
    public static void main(String[] arguments) {
        start(arguments);
    }

    @Bean
    static TokenSourceBuilderCustomizer listening(Tally tally) {
        return (client, builder) -> builder.listener(tally);
    }

    @Bean
    static WebClientCustomizer counting(Tally tally) {
        return builder -> builder.filter(tally);
    }

    static ConfigurableApplicationContext start(String... arguments) {
        return new SpringApplicationBuilder(ComplyOneApplication.class)
                .initializers(new StandInsWithoutAccount())
                .run(arguments);
    }
}
