package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.monotoken.Credentials;
import io.monotoken.TokenException;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.spring.client.BearerTokenFilter;
import io.monotoken.spring.client.ScriptedTokens;
import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class MonotokenAutoConfigurationTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    private final StandIns standIns = new StandIns();
    private final StandInTokenServer server = standIns.server();
    private final StandInApi api = standIns.api();

    @AfterEach
    void stop() {
        standIns.close();
    }

    private ApplicationContextRunner context() {
        return new ApplicationContextRunner().withConfiguration(StandIns.AUTO_CONFIGURATIONS);
    }

    private ApplicationContextRunner withComplyOne() {
        return context().withPropertyValues(standIns.client("comply-one"));
    }

    private static String me(WebClient client) {
        return Objects.requireNonNull(
                client.get().uri("/me").retrieve().bodyToMono(String.class).block(FIVE_SECONDS));
    }

    @Test
    void makesAWebClientThatIsAuthorised() {
        withComplyOne().run(context -> {
            assertThat(context).hasSingleBean(TokenSource.class).hasBean("complyOneTokenSource");
            assertThat(context).hasSingleBean(BearerTokenFilter.class).hasBean("complyOneBearerTokenFilter");
            assertThat(context).hasSingleBean(WebClient.class).hasBean("complyOneWebClient");
            assertThat(me(context.getBean(WebClient.class))).contains("john.smith@contoso.com");
            assertThat(server.passwordRequests()).isOne();
        });
    }

    @Test
    void asksForTheLifeThatRequestsNeed() {
        ScriptedTokens tokens = new ScriptedTokens("one");
        withComplyOne()
                .withBean("own", TokenSource.class, () -> tokens)
                .withPropertyValues("monotoken.clients.comply-one.minimum-remaining-life=20m")
                .run(context -> {
                    context.getBean(WebClient.class)
                            .get()
                            .uri("/me")
                            .exchangeToMono(ClientResponse::releaseBody)
                            .block(FIVE_SECONDS);

                    assertThat(tokens.needed()).startsWith(Duration.ofMinutes(20));
                });
    }

    @Test
    void healsWhatAnApiAnswersInPlaceOf401() {
        ScriptedTokens tokens = new ScriptedTokens("one", "two");
        try (MockWebServer gone = new MockWebServer()) {
            gone.start();
            gone.enqueue(new MockResponse.Builder().code(419).build());
            gone.enqueue(new MockResponse.Builder().body("healed").build());
            context()
                    .withBean("own", TokenSource.class, () -> tokens)
                    .withPropertyValues(
                            "monotoken.clients.api.base-url=" + gone.url("/"),
                            "monotoken.clients.api.unauthorized-statuses=403,419")
                    .run(context -> {
                        assertThat(me(context.getBean(WebClient.class))).isEqualTo("healed");
                        assertThat(tokens.invalidated()).containsExactly("one");
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void healsARevokedToken() {
        withComplyOne().run(context -> {
            me(context.getBean(WebClient.class));
            server.revokeAccessTokens();

            assertThat(me(context.getBean(WebClient.class))).contains("john.smith@contoso.com");
            assertThat(server.refreshRequests()).isOne();
        });
    }

    @Test
    void worksInAReactiveWebApplication() {
        new ReactiveWebApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(standIns.client("comply-one"))
                .run(context -> assertThat(me(context.getBean(WebClient.class))).contains("john.smith"));
    }

    @Test
    void worksInAServletApplication() {
        new WebApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(standIns.client("comply-one"))
                .run(context -> assertThat(me(context.getBean(WebClient.class))).contains("john.smith"));
    }

    @Test
    void sendsNothingBeforeTheFirstRequest() {
        withComplyOne().run(context -> assertThat(server.tokenRequests()).isZero());
    }

    @Test
    void fetchesATokenAtStartIfAskedTo() {
        withComplyOne()
                .withPropertyValues("monotoken.clients.comply-one.eager=true")
                .run(context -> {
                    context.getBean(TokenSource.class).token().block(FIVE_SECONDS);

                    assertThat(server.tokenRequests()).isOne();
                });
    }

    @Test
    void startsAlsoIfTheFirstTokenDoesNotCome() {
        withComplyOne()
                .withPropertyValues(
                        "monotoken.clients.comply-one.eager=true", "monotoken.clients.comply-one.password=wrong")
                .run(context -> {
                    StepVerifier.create(context.getBean(TokenSource.class).token())
                            .expectError(TokenException.Rejected.class)
                            .verify(FIVE_SECONDS);

                    assertThat(context).hasNotFailed();
                    assertThat(server.passwordRequests()).isOne();
                });
    }

    @Test
    void closesTokenSourcesWithTheContext() {
        TokenSource[] tokens = new TokenSource[1];
        withComplyOne().run(context -> tokens[0] = context.getBean(TokenSource.class));

        assertThat(tokens[0].state().phase()).isEqualTo(TokenSourceState.Phase.CLOSED);
    }

    @Test
    void tellsAtStartWhatAClientDoes() {
        try (LogLines lines = new LogLines(ClientBeans.class, Level.INFO)) {
            withComplyOne()
                    .withPropertyValues("monotoken.clients.comply-one.allowed-origins=https://files.example.com")
                    .run(context -> assertThat(lines.all())
                            .containsExactly("INFO Client 'comply-one' gets tokens from " + server.tokenUri()
                                    + " by password grant, for "
                                    + api.baseUrl().resolve("/").toString().replaceFirst("/$", "")
                                    + ", https://files.example.com"));
        }
    }

    @Test
    void tellsAtStartThatAClientHasNoOriginYet() {
        try (LogLines lines = new LogLines(ClientBeans.class, Level.INFO)) {
            context()
                    .withPropertyValues(Stream.of(standIns.client("comply-one"))
                            .filter(property -> !property.contains(".base-url="))
                            .toArray(String[]::new))
                    .run(context -> assertThat(lines.all())
                            .containsExactly(
                                    "INFO Client 'comply-one' gets tokens from " + server.tokenUri()
                                            + " by password grant, for no origin",
                                    "WARN monotoken.clients.comply-one.base-url is missing: the token of client"
                                            + " 'comply-one' may go nowhere, and requests of its WebClient fail. Set it to"
                                            + " the address of the API, such as https://api.example.com/v1"));
        }
    }

    @Test
    void warnsOfAFirstTokenThatDoesNotCome() {
        try (LogLines lines = new LogLines(MonotokenAutoConfiguration.class, Level.WARN)) {
            withComplyOne()
                    .withPropertyValues(
                            "monotoken.clients.comply-one.eager=true", "monotoken.clients.comply-one.password=wrong")
                    .run(context -> {
                        await().atMost(FIVE_SECONDS).until(() -> !lines.all().isEmpty());

                        assertThat(context).hasNotFailed();
                        assertThat(lines.all())
                                .singleElement(InstanceOfAssertFactories.STRING)
                                .startsWith("WARN No first token for client 'comply-one': " + server.tokenUri())
                                .contains("invalid_grant")
                                .doesNotContain("wrong\"", "your_client_secret");
                        context.getBean(TokenSource.class).reset();
                    });
        }
    }

    @Nested
    class StepsBack {

        @Test
        void withoutAClient() {
            context().run(context -> {
                assertThat(context).hasNotFailed().doesNotHaveBean(WebClient.class);
                assertThat(context.getBean(MonotokenClients.class).names()).isEmpty();
            });
        }

        @Test
        void withoutWebFlux() {
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(MonotokenAutoConfiguration.class))
                    .withPropertyValues(standIns.client("comply-one"))
                    .withClassLoader(new FilteredClassLoader(WebClient.class))
                    .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(TokenSource.class));
        }

        @Test
        void withoutActuator() {
            withComplyOne()
                    .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
                    .run(context -> assertThat(context).hasNotFailed().hasSingleBean(TokenSource.class));
        }

        @Test
        void forADisabledClient() {
            withComplyOne()
                    .withPropertyValues("monotoken.clients.comply-one.enabled=false")
                    .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(WebClient.class));
        }

        @Test
        void forATokenSourceOfTheApplication() {
            context()
                    .withPropertyValues(
                            "monotoken.clients.comply-one.base-url=" + api.baseUrl()) // no credentials needed then
                    .withUserConfiguration(OwnTokenSource.class)
                    .run(context -> {
                        assertThat(context.getBean(TokenSource.class)).isInstanceOf(ScriptedTokens.class);
                        context.getBean(WebClient.class)
                                .get()
                                .uri("/me")
                                .exchangeToMono(ClientResponse::releaseBody)
                                .block(FIVE_SECONDS);

                        assertThat(((ScriptedTokens) context.getBean(TokenSource.class)).asked())
                                .isPositive();
                    });
        }

        @Test
        void forAFilterOfTheApplication() {
            withComplyOne().withUserConfiguration(OwnFilter.class).run(context -> {
                assertThat(context.getBean(BearerTokenFilter.class))
                        .hasToString("BearerTokenFilter[client=own, origins=[]]");
                StepVerifier.create(context.getBean(WebClient.class)
                                .get()
                                .uri("/me")
                                .retrieve()
                                .toBodilessEntity())
                        .expectErrorSatisfies(error -> assertThat(error)
                                .hasMessage("the token of client 'own' may go nowhere yet; set the client's base-url"))
                        .verify(FIVE_SECONDS);
            });
        }

        @Test
        void forAWebClientOfTheApplication() {
            withComplyOne().withUserConfiguration(OwnWebClient.class).run(context -> {
                assertThat(context.getBean(WebClient.class)).isSameAs(context.getBean("own"));
                assertThat(me(context.getBean(MonotokenClients.class).webClient("comply-one")))
                        .contains("john.smith");
            });
        }
    }

    @Nested
    class SeveralClients {

        private ApplicationContextRunner both() {
            return withComplyOne().withPropertyValues(standIns.client("billing"));
        }

        @Test
        void haveBeansOfTheirOwn() {
            both().withUserConfiguration(ByParameterName.class).run(context -> {
                assertThat(context).hasBean("complyOneWebClient").hasBean("billingWebClient");
                assertThat(me(context.getBean(ByParameterName.class).client)).contains("john.smith");
                assertThat(me(context.getBean("billingWebClient", WebClient.class)))
                        .contains("john.smith");
                assertThat(server.passwordRequests()).isEqualTo(2);
            });
        }

        @Test
        void areNoCandidatesByTypeAlone() {
            both().run(context -> assertThatExceptionOfType(NoUniqueBeanDefinitionException.class)
                    .isThrownBy(() -> context.getBean(WebClient.class)));
        }

        @Test
        void areFoundByNameWithoutDashesAndCase() {
            both().run(context -> {
                MonotokenClients clients = context.getBean(MonotokenClients.class);

                assertThat(clients.names()).containsExactly("billing", "comply-one");
                assertThat(clients.tokenSource("ComplyOne")).isSameAs(context.getBean("complyOneTokenSource"));
                assertThat(clients.bearerTokenFilter("comply-one"))
                        .isSameAs(context.getBean("complyOneBearerTokenFilter"));
                assertThat(clients.webClient("billing")).isSameAs(context.getBean("billingWebClient"));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> clients.webClient("bill"))
                        .withMessage("no client 'bill'; known are [billing, comply-one]; describe it below"
                                + " monotoken.clients.bill");
            });
        }

        @Test
        void areChosenForEachRequestByAttribute() {
            both().withPropertyValues("monotoken.clients.billing.password=wrong")
                    .run(context -> {
                        WebClient client = WebClient.builder()
                                .baseUrl(api.baseUrl().toString())
                                .filter(context.getBean(MonotokenClients.class).filter())
                                .build();

                        StepVerifier.create(status(client, "complyOne"))
                                .expectNext(200)
                                .expectComplete()
                                .verify(FIVE_SECONDS);
                        StepVerifier.create(status(client, "billing"))
                                .expectError(TokenException.Rejected.class)
                                .verify(FIVE_SECONDS);
                        StepVerifier.create(client.get().uri("/me").retrieve().toBodilessEntity())
                                .expectErrorMessage(
                                        "the request has no attribute 'io.monotoken.client', which names the client"
                                                + " whose token it needs; known are [billing, comply-one]")
                                .verify(FIVE_SECONDS);
                    });
        }

        private static Mono<Integer> status(WebClient client, String name) {
            return client.get()
                    .uri("/me")
                    .attribute(BearerTokenFilter.CLIENT, name)
                    .retrieve()
                    .toBodilessEntity()
                    .map(answer -> answer.getStatusCode().value());
        }
    }

    @Nested
    class Names {

        @Test
        void ofEnvironmentVariablesNeedNoDashes() {
            withComplyOne()
                    .withPropertyValues("monotoken.clients.comply-one.client-secret=wrong")
                    .withInitializer(environment("MONOTOKEN_CLIENTS_COMPLYONE_CLIENTSECRET", "your_client_secret"))
                    .run(context ->
                            assertThat(me(context.getBean(WebClient.class))).contains("john.smith"));
        }

        @Test
        void ofEnvironmentVariablesMayHaveUnderscoresForDashes() {
            withComplyOne()
                    .withPropertyValues("monotoken.clients.comply-one.client-secret=wrong")
                    .withInitializer(environment("MONOTOKEN_CLIENTS_COMPLY_ONE_CLIENT_SECRET", "your_client_secret"))
                    .run(context ->
                            assertThat(me(context.getBean(WebClient.class))).contains("john.smith"));
        }

        private static ApplicationContextInitializer<ConfigurableApplicationContext> environment(
                String variable, String value) {
            return context -> context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new SystemEnvironmentPropertySource(
                            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, Map.of(variable, value)));
        }
    }

    @Nested
    class TheWebClient {

        @Test
        void isMadeByTheContextsBuilder() {
            withComplyOne().withUserConfiguration(Customizer.class).run(context -> {
                me(context.getBean(WebClient.class));

                assertThat(context.getBean(Customizer.class).sawToken).isFalse();
                assertThat(context.getBean(Customizer.class).called).isTrue();
            });
        }

        @Test
        void isTheOnlyOneThatGetsTheFilter() {
            withComplyOne()
                    .run(context -> context.getBean(WebClient.Builder.class)
                            .filters(filters -> assertThat(filters).isEmpty()));
        }

        @Test
        void leavesASharedBuilderAsItWas() {
            withComplyOne().withUserConfiguration(SharedBuilder.class).run(context -> {
                me(context.getBean("complyOneWebClient", WebClient.class));

                context.getBean(WebClient.Builder.class)
                        .filters(filters -> assertThat(filters).isEmpty());
            });
        }

        @Test
        void sendsNothingToOtherOrigins() {
            withComplyOne()
                    .run(context -> StepVerifier.create(context.getBean(WebClient.class)
                                    .get()
                                    .uri(URI.create("https://evil.example/"))
                                    .retrieve()
                                    .toBodilessEntity())
                            .expectErrorMessage("the token of client 'comply-one' may go to [http://127.0.0.1:"
                                    + api.baseUrl().getPort()
                                    + "], not to https://evil.example; if that may see the token, add it"
                                    + " to the client's allowed-origins")
                            .verify(FIVE_SECONDS));
        }
    }

    @Nested
    class ConnectionDetails {

        @Test
        void winOverProperties() {
            withComplyOne()
                    .withPropertyValues(
                            "monotoken.clients.comply-one.token-uri=http://127.0.0.1:1/token",
                            "monotoken.clients.comply-one.base-url=http://127.0.0.1:1",
                            "monotoken.clients.comply-one.client-id=x",
                            "monotoken.clients.comply-one.client-secret=x",
                            "monotoken.clients.comply-one.username=x",
                            "monotoken.clients.comply-one.password=x")
                    .withBean(MonotokenConnectionDetails.class, () -> new Details(server, api))
                    .run(context ->
                            assertThat(me(context.getBean(WebClient.class))).contains("john.smith"));
        }

        @Test
        void supplyCredentialsThatMayChangeAndNeedNoProperties() {
            AtomicReference<Credentials> vault =
                    new AtomicReference<>(new Credentials("john.smith@contoso.com", "a wr0ng one"));
            MonotokenConnectionDetails changing = new MonotokenConnectionDetails() {
                @Override
                public Mono<Credentials> credentials(String client) {
                    return Mono.fromSupplier(vault::get);
                }
            };
            withComplyOne()
                    .withPropertyValues(
                            "monotoken.clients.comply-one.username=", "monotoken.clients.comply-one.password=")
                    .withBean(MonotokenConnectionDetails.class, () -> changing)
                    .run(context -> {
                        TokenSource tokens = context.getBean(TokenSource.class);
                        StepVerifier.create(tokens.token())
                                .expectError(TokenException.Rejected.class)
                                .verify(FIVE_SECONDS);

                        vault.set(new Credentials("john.smith@contoso.com", "P4ssw0rd"));

                        await().atMost(Duration.ofSeconds(20))
                                .ignoreExceptions()
                                .untilAsserted(() -> assertThat(me(context.getBean(WebClient.class)))
                                        .contains("john.smith"));
                        assertThat(server.wrongPasswords()).isOne();
                    });
        }

        @Test
        void leaveToPropertiesWhatTheyDoNotKnow() {
            withComplyOne()
                    .withBean(MonotokenConnectionDetails.class, () -> new MonotokenConnectionDetails() {})
                    .run(context ->
                            assertThat(me(context.getBean(WebClient.class))).contains("john.smith"));
        }
    }

    private record Details(StandInTokenServer server, StandInApi api) implements MonotokenConnectionDetails {

        @Override
        public URI tokenUri(String client) {
            return server.tokenUri();
        }

        @Override
        public URI baseUrl(String client) {
            return api.baseUrl();
        }

        @Override
        public String clientId(String client) {
            return "your_client_id";
        }

        @Override
        public String clientSecret(String client) {
            return "your_client_secret";
        }

        @Override
        public String username(String client) {
            return "john.smith@contoso.com";
        }

        @Override
        public String password(String client) {
            return "P4ssw0rd";
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnTokenSource {

        @Bean
        TokenSource own() {
            return new ScriptedTokens("own").withNoOtherToken();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnFilter {

        @Bean
        BearerTokenFilter own() {
            return BearerTokenFilter.builder("own", new ScriptedTokens("own")).build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnWebClient {

        @Bean
        WebClient own() {
            return WebClient.create();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ByParameterName {

        private final WebClient client;

        ByParameterName(WebClient complyOneWebClient) {
            this.client = complyOneWebClient;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class SharedBuilder {

        @Bean
        WebClient.Builder builder() {
            return WebClient.builder();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Customizer {

        private volatile boolean called;
        private volatile boolean sawToken;

        @Bean
        WebClientCustomizer looksAtRequests() {
            return builder -> builder.filter((request, next) -> {
                called = true;
                sawToken = request.headers().containsHeader("Authorization");
                return next.exchange(request);
            });
        }
    }
}
