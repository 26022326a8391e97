package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.monotoken.PasswordGrant;
import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState.Phase;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;
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
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        CompletableFuture<String> slow = WebClient.create("http://127.0.0.1:" + port)
                .get()
                .uri("/slow")
                .retrieve()
                .bodyToMono(String.class)
                .toFuture();
        Doors doors = context.getBean(Doors.class);
        doors.entered.asMono().block(BOUND);

        CompletableFuture<Void> closing = CompletableFuture.runAsync(context::close);
        await().atMost(BOUND).until(() -> refusesConnections(port));
        doors.leave.tryEmitEmpty();

        assertThat(slow.get(BOUND.toSeconds(), TimeUnit.SECONDS)).contains("john.smith@contoso.com");
        closing.get(BOUND.toSeconds(), TimeUnit.SECONDS);
        assertThat(standIns.server().passwordRequests()).isOne();
    }

    private static boolean refusesConnections(String port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
            return !socket.isConnected();
        } catch (IOException refused) {
            return true;
        }
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

    @Test
    void closesAfterFilterAndWebClient() {
        try (ConfigurableApplicationContext context = start()) {
            ConfigurableListableBeanFactory beans = context.getBeanFactory();

            assertThat(beans.getDependentBeans("complyOneTokenSource")).contains("complyOneBearerTokenFilter");
            assertThat(beans.getDependentBeans("complyOneBearerTokenFilter")).contains("complyOneWebClient");
            assertThat(beans.getDependentBeans("complyOneWebClient")).contains("slow");
        }
    }

    @Test
    void closesAfterTheUsersOfAnHttpServiceGroup() {
        ConfigurableApplicationContext context = start();
        GroupUser user = context.getBean(GroupUser.class);
        user.tokens = context.getBean(TokenSource.class);

        context.close();

        assertThat(user.phaseAtItsEnd).isNotNull().isNotEqualTo(Phase.CLOSED);
        assertThat(user.tokens.state().phase()).isEqualTo(Phase.CLOSED);
    }

    @Test
    void closesASourceOfTheApplicationsOwnAfterThoseWhoLookItUp() {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, OwnSource.class)
                .web(WebApplicationType.NONE)
                .properties(standIns.client("comply-one"))
                .run();
        TokenSource own = context.getBean("own", TokenSource.class);
        LastCaller caller = context.getBean(LastCaller.class);

        context.close();

        assertThat(caller.tokens).hasSize(1);
        assertThat(own.state().phase()).isEqualTo(Phase.CLOSED);
    }

    /** Keeps a request inside until it is told to leave. */
    static final class Doors {

        final Sinks.Empty<Void> entered = Sinks.empty();
        final Sinks.Empty<Void> leave = Sinks.empty();
    }

    interface Me {

        @GetExchange("/me")
        Mono<String> me();
    }

    /** Knows the proxy of a group, and by it alone that there is a source. */
    static final class GroupUser implements DisposableBean {

        @Nullable
        TokenSource tokens;

        @Nullable
        Phase phaseAtItsEnd;

        GroupUser(Me proxy) {
            assertThat(proxy).isNotNull();
        }

        @Override
        public void destroy() {
            phaseAtItsEnd = tokens == null ? null : tokens.state().phase();
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
    @ImportHttpServices(group = "comply-one", types = Me.class, clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
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
        GroupUser groupUser(Me proxy) {
            return new GroupUser(proxy);
        }

        @Bean
        RouterFunction<ServerResponse> slow(WebClient complyOne, Doors doors) {
            Mono<String> me = complyOne.get().uri("/me").retrieve().bodyToMono(String.class);
            return RouterFunctions.route()
                    .GET("/slow", request -> {
                        doors.entered.tryEmitEmpty();
                        return doors.leave
                                .asMono()
                                .then(me)
                                .flatMap(body -> ServerResponse.ok().bodyValue(body));
                    })
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnSource {

        @Bean
        TokenSource own(@Value("${monotoken.clients.comply-one.token-uri}") URI tokenUri) {
            TokenEndpoint endpoint = TokenEndpoint.builder(tokenUri)
                    .clientAuthentication(ClientAuthentication.clientSecretPost("your_client_id", "your_client_secret"))
                    .build();
            return TokenSource.builder(
                            endpoint, new PasswordGrant("john.smith@contoso.com", "P4ssw0rd", List.of("email")))
                    .build();
        }
    }
}
