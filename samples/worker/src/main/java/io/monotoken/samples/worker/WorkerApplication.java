package io.monotoken.samples.worker;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Does a round of work each second until it is stopped. */
@EnableScheduling
@SpringBootApplication(proxyBeanMethods = false)
public class WorkerApplication {

    /**
     * Starts the worker.
     *
     * @param arguments Spring Boot's
     */
    public static void main(String[] arguments) {
        SpringApplication.run(WorkerApplication.class, arguments);
    }

    /** Plays the provider. With credentials in application.yml, this bean and the next may go. */
    @Bean
    StandInTokenServer provider() {
        return StandInTokenServer.stemsAccounts()
                .accessTokenLife(Duration.ofSeconds(8))
                .start();
    }

    @Bean
    StandInApi complyOne(StandInTokenServer provider) {
        return StandInApi.complyOne(provider).start();
    }
}
