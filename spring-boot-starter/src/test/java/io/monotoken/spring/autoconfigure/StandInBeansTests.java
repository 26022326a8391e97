package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.monotoken.Credentials;
import io.monotoken.PasswordGrant;
import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DeferredImportSelector;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A context with a stand-in sends nothing that is real to any provider, whatever else the application declares. */
class StandInBeansTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    /** Plays the real provider, which must hear of nothing. */
    private final StandInTokenServer real = StandInTokenServer.stemsAccounts().start();

    @AfterEach
    void nothingRealWasSent() {
        assertThat(real.recordedRequests()).isEmpty();
        real.close();
    }

    @Configuration(proxyBeanMethods = false)
    static class Server {

        @Bean
        StandInTokenServer tokenServer() {
            return StandInTokenServer.start();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Api {

        @Bean
        StandInApi api(StandInTokenServer tokenServer) {
            return StandInApi.start(tokenServer).answer("/**", "\"from the stand-in\"");
        }
    }

    /** Everything that an application may know of its real provider. */
    private class Production implements MonotokenConnectionDetails {

        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public URI tokenUri(String client) {
            return real.tokenUri();
        }

        @Override
        public String clientId(String client) {
            return real.clientId();
        }

        @Override
        public String clientSecret(String client) {
            return real.clientSecret();
        }

        @Override
        public String username(String client) {
            return real.username();
        }

        @Override
        public String password(String client) {
            return real.password();
        }

        @Override
        public Mono<Credentials> credentials(String client) {
            asked.incrementAndGet();
            return Mono.just(new Credentials(real.username(), real.password()));
        }

        @Override
        public String refreshToken(String client) {
            return real.refreshToken();
        }

        @Override
        public Mono<String> changingClientSecret(String client) {
            asked.incrementAndGet();
            return Mono.just(real.clientSecret());
        }

        @Override
        public Mono<String> clientAssertion(String client) {
            asked.incrementAndGet();
            return Mono.just("e30.e30.c2ln");
        }
    }

    @Order(Ordered.HIGHEST_PRECEDENCE)
    private final class MoreImportantProduction extends Production {}

    private ApplicationContextRunner withClient(String... properties) {
        return context("orders", properties);
    }

    private ApplicationContextRunner context(String client, String... properties) {
        ApplicationContextRunner context = new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(
                        "monotoken.clients." + client + ".token-uri=" + real.tokenUri(),
                        "monotoken.clients." + client + ".client-id=" + real.clientId(),
                        "monotoken.clients." + client + ".client-secret=" + real.clientSecret());
        for (String property : properties) {
            context = context.withPropertyValues("monotoken.clients." + client + "." + property);
        }
        return context;
    }

    private static void obtain(TokenSource tokens) {
        StepVerifier.create(tokens.token()).expectNextCount(1).expectComplete().verify(FIVE_SECONDS);
    }

    private static void expectAnswer(WebClient client) {
        StepVerifier.create(client.get().uri("/orders").retrieve().bodyToMono(String.class))
                .expectNext("\"from the stand-in\"")
                .expectComplete()
                .verify(FIVE_SECONDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"client-credentials", "password", "refresh-token"})
    void areWhereEveryGrantGetsItsToken(String grant) {
        withClient("grant=" + grant)
                .withUserConfiguration(Server.class, Api.class)
                .run(context -> expectAnswer(context.getBean("ordersWebClient", WebClient.class)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"client-credentials", "password", "refresh-token"})
    void winOverConnectionDetailsOfTheApplication(String grant) {
        Production production = new Production();
        try (LogLines lines = new LogLines(StandInConnectionDetails.class, Level.INFO)) {
            withClient("grant=" + grant)
                    .withUserConfiguration(Server.class, Api.class)
                    .withBean("production", MonotokenConnectionDetails.class, () -> production)
                    .withBean("more", MonotokenConnectionDetails.class, MoreImportantProduction::new)
                    .run(context -> {
                        expectAnswer(context.getBean("ordersWebClient", WebClient.class));

                        assertThat(context.getBean(StandInTokenServer.class).tokenRequests())
                                .isOne();
                        assertThat(production.asked).hasValue(0);
                        assertThat(lines.all())
                                .singleElement()
                                .satisfies(line -> assertThat(line)
                                        .startsWith("INFO Tokens come from the stand-in at http://127.0.0.1:")
                                        .contains("MoreImportantProduction, ", "$Production]"));
                    });
        }
    }

    /** No key, file or bundle of the application need be there in a test, and none is shown to anybody. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "private-key-jwt,assertion.key=file:/nowhere/key.pem,assertion.audience=${NOWHERE}",
                "private-key-jwt,assertion.bundle=nowhere",
                "assertion,assertion.file=/nowhere/token",
                "assertion",
                "tls-client-auth,ssl.bundle=nowhere,api.ssl.bundle=nowhere",
                "tls-client-auth",
            })
    void needNoProofButTheirOwnSecret(String method) {
        Production production = new Production();
        String[] properties =
                ("grant=client-credentials,client-secret=,client-authentication=" + method).split(",", -1);
        withClient(properties)
                .withUserConfiguration(Server.class, Api.class)
                .withBean(MonotokenConnectionDetails.class, () -> production)
                .run(context -> {
                    expectAnswer(context.getBean(WebClient.class));

                    assertThat(production.asked).hasValue(0);
                });
    }

    @Test
    void areTakenForTheSameClientWhoseSecretSigns() {
        withClient("grant=client-credentials", "client-authentication=client-secret-jwt")
                .withUserConfiguration(Server.class, Api.class)
                .run(context -> expectAnswer(context.getBean(WebClient.class)));
    }

    @Test
    void getAnAssertionOfNobodysKey() {
        withClient("grant=jwt-bearer", "assertion.key=file:/nowhere/key.pem", "assertion.subject=${NOWHERE}")
                .withBean(
                        StandInTokenServer.class,
                        () -> StandInTokenServer.builder()
                                .grants("urn:ietf:params:oauth:grant-type:jwt-bearer")
                                .start())
                .withUserConfiguration(Api.class)
                .run(context -> expectAnswer(context.getBean(WebClient.class)));
    }

    @Test
    void areWhereEveryClientGetsItsToken() {
        context("billing", "grant=client-credentials")
                .withPropertyValues(
                        "monotoken.clients.orders.token-uri=" + real.tokenUri() + "/other",
                        "monotoken.clients.orders.grant=client-credentials",
                        "monotoken.clients.orders.client-authentication=client_secret_basic")
                .withUserConfiguration(Server.class, Api.class)
                .run(context -> {
                    expectAnswer(context.getBean("billingWebClient", WebClient.class));
                    expectAnswer(context.getBean("ordersWebClient", WebClient.class));

                    assertThat(context.getBean(StandInTokenServer.class).tokenRequests("client_credentials"))
                            .isEqualTo(2);
                });
    }

    @Test
    void needNoMoreThanTheApi() {
        try (StandInTokenServer elsewhere = StandInTokenServer.start()) {
            withClient("grant=client-credentials")
                    .withBean(
                            StandInApi.class, () -> StandInApi.start(elsewhere).answer("/**", "\"from the stand-in\""))
                    .withBean(MonotokenConnectionDetails.class, Production::new)
                    .run(context -> expectAnswer(context.getBean(WebClient.class)));
        }
    }

    @Test
    void leaveTheApiToTheTestWhereThereIsNone() {
        try (StandInTokenServer elsewhere = StandInTokenServer.start();
                StandInApi own = StandInApi.start(elsewhere).challenges()) {
            withClient("grant=client-credentials", "retry-on-unauthorized=false")
                    .withUserConfiguration(Server.class)
                    .withBean(MonotokenConnectionDetails.class, () -> new Production() {
                        @Override
                        public URI baseUrl(String client) {
                            return own.baseUrl();
                        }
                    })
                    .run(context -> {
                        StepVerifier.create(context.getBean(WebClient.class)
                                        .get()
                                        .uri("/orders")
                                        .retrieve()
                                        .toBodilessEntity())
                                .expectError()
                                .verify(FIVE_SECONDS);

                        assertThat(own.rejected()).isOne();
                    });
        }
    }

    @Test
    void mayBeDeclaredAfterTheAutoConfiguration() {
        withClient("grant=client-credentials")
                .withUserConfiguration(Later.class)
                .run(context -> obtain(context.getBean(TokenSource.class)));
    }

    @Configuration(proxyBeanMethods = false)
    @Import(AtTheEnd.class)
    static class Later {}

    static class AtTheEnd implements DeferredImportSelector {

        @Override
        public String[] selectImports(AnnotationMetadata importing) {
            return new String[] {Server.class.getName()};
        }
    }

    @Test
    void mayComeFromAParentContext() {
        new ApplicationContextRunner()
                .withUserConfiguration(Server.class)
                .run(parent -> withClient("grant=client-credentials")
                        .withParent(parent)
                        .run(context -> obtain(context.getBean(TokenSource.class))));
    }

    @Test
    void areNotAskedForWhereTheModuleIsMissing() {
        context("orders", "grant=client-credentials")
                .withClassLoader(new FilteredClassLoader("io.monotoken.testing"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasBean("ordersTokenSource")
                        .hasSingleBean(ClientCatalog.class));
    }

    @Test
    void mayHaveAClientWithoutASecret() {
        withClient("grant=client-credentials", "client-authentication=none")
                .withBean(
                        StandInTokenServer.class,
                        () -> StandInTokenServer.builder().client("public").start())
                .run(context -> obtain(context.getBean(TokenSource.class)));
        withClient("grant=client-credentials")
                .withBean(
                        StandInTokenServer.class,
                        () -> StandInTokenServer.builder().client("public").start())
                .run(context ->
                        assertThat(context).getFailure().rootCause().hasMessageContaining("client-secret is missing"));
    }

    @Test
    void areReachedWithoutTheProxyOfTheApplication() {
        withClient(
                        "grant=client-credentials",
                        "proxy.host=127.0.0.1",
                        "proxy.port=" + real.tokenUri().getPort(),
                        "proxy.username=real",
                        "proxy.password=secret")
                .withUserConfiguration(Server.class)
                .run(context -> obtain(context.getBean(TokenSource.class)));
    }

    @Nested
    class Several {

        @Test
        void serversFailTheStartWithWhatToWrite() {
            withClient("grant=client-credentials")
                    .withUserConfiguration(Server.class)
                    .withBean("second", StandInTokenServer.class, StandInTokenServer::start)
                    .run(context -> assertThat(context)
                            .getFailure()
                            .rootCause()
                            .isInstanceOf(InvalidClientException.class)
                            .hasMessage("there are several beans of type StandInTokenServer, and one of them has to"
                                    + " serve all clients"));
        }

        @Test
        void serversMayHaveAPrimaryOne() {
            withClient("grant=client-credentials")
                    .withUserConfiguration(Server.class, First.class)
                    .run(context -> {
                        obtain(context.getBean(TokenSource.class));

                        assertThat(context.getBean("first", StandInTokenServer.class)
                                        .tokenRequests())
                                .isOne();
                    });
        }

        @Configuration(proxyBeanMethods = false)
        static class First {

            @Bean
            @Primary
            StandInTokenServer first() {
                return StandInTokenServer.start();
            }
        }
    }

    @Nested
    class TokenSourcesOfTheApplication {

        private ApplicationContextRunner with(TokenSource own) {
            return withClient("grant=client-credentials")
                    .withUserConfiguration(Server.class)
                    .withBean("own", TokenSource.class, () -> own);
        }

        private static TokenSource at(String tokenUri) {
            TokenEndpoint endpoint = TokenEndpoint.builder(URI.create(tokenUri))
                    .clientAuthentication(ClientAuthentication.clientSecretPost("real", "secret"))
                    .build();
            return TokenSource.builder(endpoint, new PasswordGrant("real", "secret", List.of()))
                    .build();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "https://idp.example.com/token",
                    "https://127.example.com/token",
                    "https://localhost.example.com/token",
                    "https://[2001:db8::1]/token"
                })
        void failTheStartWhereTheyWouldAskAnotherMachine(String tokenUri) {
            with(at(tokenUri + "?tenant=x"))
                    .run(context -> assertThat(context)
                            .getFailure()
                            .rootCause()
                            .isInstanceOf(InvalidClientException.class)
                            .hasMessage("the bean 'own' would get tokens from " + tokenUri
                                    + " although there is a stand-in bean:"
                                    + " a test must not send credentials to a provider"));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "http://localhost:1/token",
                    "https://LOCALHOST/token",
                    "http://127.0.0.1:1/token",
                    "http://127.1.2.3/token",
                    "http://[::1]:1/token"
                })
        void mayAskThisMachine(String tokenUri) {
            with(at(tokenUri)).run(context -> assertThat(context).hasNotFailed());
        }

        @Test
        void mayAskNobody() {
            with(TokenSource.fixed("a-token"))
                    .run(context -> assertThat(context).hasNotFailed());
            with(new Handwritten()).run(context -> assertThat(context).hasNotFailed());
        }

        @Test
        void areNamedWithoutASecretOfTheirAddress() {
            TokenSource odd = new Handwritten() {
                @Override
                public URI tokenUri() {
                    return URI.create("https://user:s3cret@idp.example.com/token?key=s3cret");
                }
            };

            with(odd)
                    .run(context -> assertThat(context)
                            .getFailure()
                            .rootCause()
                            .hasMessageContaining("from https://idp.example.com/token although")
                            .hasMessageNotContaining("s3cret"));
        }

        @Test
        void mayAskAnybodyWithoutAStandIn() {
            withClient("grant=client-credentials")
                    .withBean("own", TokenSource.class, () -> at("https://idp.example.com/token"))
                    .run(context -> assertThat(context).hasNotFailed());
        }

        @Test
        void failTheStartBesideAnApiAloneToo() {
            try (StandInTokenServer elsewhere = StandInTokenServer.start()) {
                withClient("grant=client-credentials")
                        .withBean(StandInApi.class, () -> StandInApi.start(elsewhere))
                        .withBean("own", TokenSource.class, () -> at("https://idp.example.com/token"))
                        .run(context -> assertThat(context).hasFailed());
            }
        }
    }

    private static class Handwritten implements TokenSource {

        @Override
        public Mono<Token> token() {
            return Mono.empty();
        }

        @Override
        public Mono<Token> token(Duration minimumRemaining) {
            return token();
        }

        @Override
        public boolean invalidate(Token token) {
            return false;
        }

        @Override
        public TokenSourceState state() {
            return TokenSource.fixed("a-token").state();
        }

        @Override
        public void reset() {}

        @Override
        public void close() {}
    }

    @Nested
    class ServiceGroup {

        @StartStop
        private final MockWebServer realApi = new MockWebServer();

        @Test
        void goesToTheStandInAlsoWithABaseUrlOfItsOwn() {
            realApi.enqueue(new MockResponse.Builder().body("real").build());

            withClient("grant=client-credentials")
                    .withConfiguration(AutoConfigurations.of(ServiceGroupsTests.GROUP_AUTO_CONFIGURATIONS))
                    .withPropertyValues("spring.http.serviceclient.orders.base-url=" + realApi.url("/"))
                    .withUserConfiguration(Server.class, Api.class, Groups.class)
                    .run(context -> StepVerifier.create(
                                    context.getBean(Orders.class).all())
                            .expectNext("\"from the stand-in\"")
                            .expectComplete()
                            .verify(FIVE_SECONDS));

            assertThat(realApi.getRequestCount()).isZero();
        }

        interface Orders {

            @GetExchange("/orders")
            Mono<String> all();
        }

        @Configuration(proxyBeanMethods = false)
        @ImportHttpServices(group = "orders", types = Orders.class, clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
        static class Groups {}
    }

    /** Core remembers by address for a whole day what was refused there. */
    @Test
    void doNotInheritTheRefusalsOfAnEarlierOneOnTheirPort() {
        int port;
        try (StandInTokenServer earlier = StandInTokenServer.start()) {
            port = earlier.tokenUri().getPort();
            earlier.changePassword(earlier.username(), "another");
            StepVerifier.create(loginAt(earlier).token())
                    .expectError(TokenException.Rejected.class)
                    .verify(FIVE_SECONDS);
        }

        try (StandInTokenServer later = StandInTokenServer.builder().port(port).start()) {
            obtain(loginAt(later));
        }
    }

    private static TokenSource loginAt(StandInTokenServer server) {
        TokenEndpoint endpoint = TokenEndpoint.builder(server.tokenUri())
                .clientAuthentication(ClientAuthentication.clientSecretPost(server.clientId(), server.clientSecret()))
                .build();
        return TokenSource.builder(endpoint, new PasswordGrant("test-user", "test-password", List.of()))
                .build();
    }
}
