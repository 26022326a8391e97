package io.monotoken.samples.complyone;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

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

    static ConfigurableApplicationContext start(String... arguments) {
        return new SpringApplicationBuilder(ComplyOneApplication.class)
                .initializers(new StandInsWithoutAccount())
                .run(arguments);
    }
}
