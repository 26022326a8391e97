package io.monotoken.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Token sources close after those who use them. */
class ShutdownTests {

    private static final Duration BOUND = Duration.ofSeconds(20);

    private final StandIns standIns = new StandIns();

    @AfterEach
    void stop() {
        standIns.close();
    }

    private ConfigurableApplicationContext start() {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.REACTIVE)
                .properties(standIns.client("comply-one"))
                .properties("server.port=0", "server.address=127.0.0.1", "server.shutdown=graceful")
                .run();
    }

    @Test
    void servesTheLastRequestsWhileTheServerShutsDown() throws Exception {
        ConfigurableApplicationContext context = start();
        String port = context.getEnvironment().getProperty("local.server.port");
        CompletableFuture<String> slow = WebClient.create("http://127.0.0.1:" + port)
                .get()
                .uri("/slow")
                .retrieve()
                .bodyToMono(String.class)
                .toFuture();
        Doors doors = context.getBean(Doors.class);
        doors.entered.asMono().block(BOUND);

        CompletableFuture<Void> closing = CompletableFuture.runAsync(context::close);

        assertThat(slow.get(BOUND.toSeconds(), TimeUnit.SECONDS)).contains("john.smith@contoso.com");
        closing.get(BOUND.toSeconds(), TimeUnit.SECONDS);
        assertThat(standIns.server().passwordRequests()).isOne();
    }

    @Test
    void givesTokensToABeanThatWasMadeBeforeTheSourceUntilItsOwnEnd() {
        ConfigurableApplicationContext context = start();
        TokenSource tokens = context.getBean(TokenSource.class);
        tokens.token().block(BOUND);
        LastCaller caller = context.getBean(LastCaller.class);

        context.close();

        assertThat(caller.tokens).hasSize(1);
        assertThat(tokens.state().phase()).hasToString("CLOSED");
    }

    /** Opens when the context begins to close. */
    static final class Doors implements ApplicationListener<ContextClosedEvent> {

        final Sinks.Empty<Void> entered = Sinks.empty();
        final Sinks.Empty<Void> closing = Sinks.empty();

        @Override
        public void onApplicationEvent(ContextClosedEvent event) {
            closing.tryEmitEmpty();
        }
    }

    /** Uses a source by name, which no bean factory knows of. */
    static final class LastCaller implements DisposableBean {

        final List<Token> tokens = new ArrayList<>();
        private final MonotokenClients clients;

        LastCaller(MonotokenClients clients) {
            this.clients = clients;
        }

        @Override
        public void destroy() {
            tokens.add(Objects.requireNonNull(
                    clients.tokenSource("comply-one").token().block(BOUND)));
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        @Bean
        Doors doors() {
            return new Doors();
        }

        @Bean
        LastCaller lastCaller(MonotokenClients clients) {
            return new LastCaller(clients);
        }

        @Bean
        RouterFunction<ServerResponse> slow(WebClient complyOne, Doors doors) {
            Mono<String> me = complyOne.get().uri("/me").retrieve().bodyToMono(String.class);
            return RouterFunctions.route()
                    .GET("/slow", request -> {
                        doors.entered.tryEmitEmpty();
                        return doors.closing
                                .asMono()
                                .then(me)
                                .flatMap(body -> ServerResponse.ok().bodyValue(body));
                    })
                    .build();
        }
    }
}
