package io.monotoken.samples.fromspringsecurity;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.util.Map;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** Calls one API twice: with Spring Security's filter, as before version 7, and with Monotoken's WebClient. */
@SpringBootApplication(proxyBeanMethods = false)
public class BothApplication {

    /**
     * Starts the stand-ins of a provider and an API, calls the API and ends.
     *
     * @param arguments Spring Boot's
     */
    public static void main(String[] arguments) {
        try (StandInTokenServer provider = StandInTokenServer.stemsAccounts().start();
                StandInApi api = StandInApi.complyOne(provider).start()) {
            start(provider, api, arguments).close();
        }
    }

    static ConfigurableApplicationContext start(StandInTokenServer provider, StandInApi api, String... arguments) {
        return new SpringApplicationBuilder(BothApplication.class)
                .properties(Map.of("provider", provider.tokenUri(), "api", api.baseUrl()))
                .run(arguments);
    }

    @Bean
    ApplicationRunner calls(WebClient formerWebClient, @Qualifier("complyOneWebClient") WebClient complyOne) {
        return arguments -> {
            System.out.println("Spring Security 7 with the left-over registration: " + status(formerWebClient));
            System.out.println("Monotoken: " + status(complyOne));
        };
    }

    static String status(WebClient client) {
        return String.valueOf(client.get()
                .uri("/me")
                .exchangeToMono(response -> response.releaseBody().thenReturn(response.statusCode()))
                .map(Object::toString)
                .onErrorResume(error -> Mono.just(String.valueOf(error.getMessage())))
                .block());
    }
}
