package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSource;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import org.springframework.web.util.UriComponentsBuilder;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.test.StepVerifier;

/** What an application has for all its WebClients, and what the ready one of a client does with it. */
class ApiWebClientsTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
    private static final List<String> USED = new CopyOnWriteArrayList<>();

    @StartStop
    private final MockWebServer silent = new MockWebServer();

    private final StandIns standIns = new StandIns();

    @AfterEach
    void stop() {
        standIns.close();
        USED.clear();
    }

    private ApplicationContextRunner with(Class<?> configuration) {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(standIns.client("comply-one"))
                .withPropertyValues("api=" + standIns.api().baseUrl())
                .withUserConfiguration(configuration);
    }

    private ApplicationContextRunner withService(Class<?> configuration) {
        return with(configuration).withPropertyValues("monotoken.clients.comply-one.base-url=http://orders/v3");
    }

    private static Mono<String> me(WebClient client) {
        return client.get().uri("/me").retrieve().bodyToMono(String.class);
    }

    private static void expectMe(ApplicationContextRunner application) {
        application.run(context -> StepVerifier.create(me(context.getBean("complyOneWebClient", WebClient.class)))
                .assertNext(body -> assertThat(body).contains("john.smith"))
                .expectComplete()
                .verify(FIVE_SECONDS));
    }

    private void expectRefusal(ApplicationContextRunner application, String message) {
        application.run(context -> StepVerifier.create(me(context.getBean("complyOneWebClient", WebClient.class)))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(message))
                .verify(FIVE_SECONDS));
        assertThat(standIns.server().tokenRequests()).isZero();
    }

    private static ClientHttpConnector connector(String name) {
        return new ReactorClientHttpConnector(HttpClient.create().doOnRequest((request, connection) -> USED.add(name)));
    }

    static class NoBeans {}

    @Nested
    class Connectors {

        @Test
        void ofTheApplicationAreUsed() {
            expectMe(with(OwnConnector.class));

            assertThat(USED).containsExactly("connector");
        }

        @ParameterizedTest
        @EnumSource(java.net.http.HttpClient.Redirect.class)
        void ofTheJdkMustNotFollowRedirects(java.net.http.HttpClient.Redirect redirect) {
            with(NoBeans.class)
                    .withBean(
                            "ownConnector",
                            ClientHttpConnector.class,
                            () -> new JdkClientHttpConnector(java.net.http.HttpClient.newBuilder()
                                    .followRedirects(redirect)
                                    .build()))
                    .run(context -> {
                        if (redirect == java.net.http.HttpClient.Redirect.NEVER) {
                            assertThat(me(context.getBean("complyOneWebClient", WebClient.class))
                                            .block(FIVE_SECONDS))
                                    .contains("john.smith");
                        } else {
                            assertThat(context)
                                    .getFailure()
                                    .rootCause()
                                    .isInstanceOf(InvalidClientException.class)
                                    .hasMessageContaining("the bean 'ownConnector' follows redirects, and would take"
                                            + " the token wherever they lead");
                        }
                    });
        }

        @Test
        void ofACustomizerAreUsed() {
            expectMe(with(ConnectorByCustomizer.class));

            assertThat(USED).containsExactly("customizer");
        }

        @Test
        void ofABuilderOfTheApplicationAreUsed() {
            expectMe(with(OwnBuilder.class));

            assertThat(USED).containsExactly("builder");
        }

        @Test
        void areCustomizedAsSpringBootsAre() {
            expectMe(with(ConnectorBuilderCustomizer.class));

            assertThat(USED).containsExactly("connector builder");
        }

        @Test
        void haveTheSettingsOfTheApplication() {
            with(OwnSettings.class)
                    .withBean(TokenSource.class, () -> TokenSource.fixed("a-token"))
                    .withPropertyValues("monotoken.clients.comply-one.base-url=" + silent.url("/v3"))
                    .run(context -> StepVerifier.create(me(context.getBean(WebClient.class)))
                            .expectError(WebClientRequestException.class)
                            .verify(FIVE_SECONDS));
        }
    }

    @Nested
    class Builders {

        @Test
        void withAQualifierAreForOthers() {
            expectMe(with(QualifiedBuilder.class));
        }

        @Test
        void withAQualifierAreForOthersAlsoBesideAPlainOne() {
            expectMe(with(QualifiedBesidePlain.class));

            assertThat(USED).containsExactly("plain");
        }

        @Test
        void thatArePrimaryAreForEverybody() {
            expectMe(withService(PrimaryBuilder.class));

            assertThat(USED).containsExactly("balanced");
        }

        @Test
        void withoutAPrimaryOneAreLeftAlone() {
            expectMe(with(TwoBuilders.class));

            assertThat(USED).isEmpty();
        }
    }

    @Nested
    class RewrittenAddresses {

        @Test
        void areAllowedByTheAddressThatTheCallerWrote() {
            expectMe(withService(Balancer.class));

            assertThat(USED).containsExactly("balanced");
        }

        @Test
        void areAllowedForTheRepeatedRequest() {
            withService(Balancer.class).run(context -> {
                WebClient client = context.getBean(WebClient.class);
                me(client).block(FIVE_SECONDS);
                standIns.server().revokeAccessTokens();

                assertThat(me(client).block(FIVE_SECONDS)).contains("john.smith");
            });
        }

        @Test
        void areRefusedWhereTheyAreLessSafe() {
            expectRefusal(
                    with(Balancer.class)
                            .withPropertyValues("monotoken.clients.comply-one.base-url=https://api.example.com"),
                    "may go to [https://api.example.com], not to http://127.0.0.1:");
        }

        @Test
        void areRefusedWhereMoreThanHostAndPortIsAnother() {
            expectRefusal(withService(Redirector.class), "may go to [http://orders], not to http://127.0.0.1:");
        }

        @Test
        void areNotAllowedByWhatARequestSaysOfItself() {
            withService(Balancer.class)
                    .run(context -> StepVerifier.create(context.getBean(WebClient.class)
                                    .get()
                                    .uri("http://evil.example/v3/me")
                                    .attribute("io.monotoken.address", URI.create("http://orders/v3/me"))
                                    .retrieve()
                                    .toBodilessEntity())
                            .expectError(IllegalArgumentException.class)
                            .verify(FIVE_SECONDS));
        }
    }

    @Test
    void needALoadBalancerForAServiceAddress() {
        with(OwnSettings.class)
                .withPropertyValues("monotoken.clients.comply-one.base-url=lb://orders/v3")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage("monotoken.clients.comply-one.base-url begins with lb://, but there is no load"
                                + " balancer"));
    }

    @Retention(RetentionPolicy.RUNTIME)
    @Qualifier
    private @interface Balanced {}

    /** Stands for a load balancer: knows one service only. */
    private static ExchangeFilterFunction balancer(String api) {
        return (request, next) -> {
            if (request.url().getHost().equals("127.0.0.1")) {
                return Mono.error(new IllegalStateException("no service 127.0.0.1"));
            }
            USED.add("balanced");
            URI to = URI.create(api);
            return next.exchange(ClientRequest.from(request)
                    .url(UriComponentsBuilder.fromUri(request.url())
                            .scheme("http")
                            .host(to.getHost())
                            .port(to.getPort())
                            .build(true)
                            .toUri())
                    .build());
        };
    }

    private static ExchangeFilterFunction recorder(String name) {
        return (request, next) -> {
            USED.add(name);
            return next.exchange(request);
        };
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnConnector {

        @Bean
        ClientHttpConnector ownConnector() {
            return connector("connector");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ConnectorByCustomizer {

        @Bean
        @Order(-1) // before Spring Boot's own, which must not take it back
        WebClientCustomizer ownConnector() {
            return builder -> builder.clientConnector(connector("customizer"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ConnectorBuilderCustomizer {

        @Bean
        ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> ownHttpClient() {
            return builder -> builder.withHttpClientCustomizer(
                    http -> http.doOnRequest((request, connection) -> USED.add("connector builder")));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnSettings {

        @Bean
        HttpClientSettings ownSettings() {
            return HttpClientSettings.defaults().withReadTimeout(Duration.ofMillis(300));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnBuilder {

        @Bean
        WebClient.Builder ownBuilder() {
            return WebClient.builder().clientConnector(connector("builder"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class QualifiedBuilder {

        @Bean
        @Balanced
        WebClient.Builder balanced(Environment environment) {
            return WebClient.builder().filter(balancer(environment.getRequiredProperty("api")));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class QualifiedBesidePlain extends QualifiedBuilder {

        @Bean
        WebClient.Builder plain() {
            return WebClient.builder().filter(recorder("plain"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class PrimaryBuilder {

        @Bean
        @Primary
        @Balanced
        WebClient.Builder balanced(Environment environment) {
            return WebClient.builder().filter(balancer(environment.getRequiredProperty("api")));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoBuilders {

        @Bean
        WebClient.Builder one() {
            return WebClient.builder().filter(recorder("one"));
        }

        @Bean
        WebClient.Builder two() {
            return WebClient.builder().filter(recorder("two"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Balancer {

        @Bean
        WebClientCustomizer balancing(Environment environment) {
            return builder -> builder.filter(balancer(environment.getRequiredProperty("api")));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Redirector {

        @Bean
        WebClientCustomizer redirecting(Environment environment) {
            URI elsewhere = URI.create(Objects.requireNonNull(environment.getProperty("api")) + "/elsewhere");
            return builder -> builder.filter((request, next) ->
                    next.exchange(ClientRequest.from(request).url(elsewhere).build()));
        }
    }
}
