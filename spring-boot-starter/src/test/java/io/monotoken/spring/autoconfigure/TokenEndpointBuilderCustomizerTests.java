package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.testing.StandInTokenServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.tcp.TcpServer;

/** What beans of the application do to a client's token endpoint. */
class TokenEndpointBuilderCustomizerTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    @StartStop
    private final MockWebServer provider = new MockWebServer();

    private static MockResponse token() {
        return new MockResponse.Builder()
                .addHeader("Content-Type", "application/json")
                .body("{\"access_token\":\"abc\",\"expires_in\":1800,\"token_type\":\"Bearer\"}")
                .build();
    }

    /** A client without a word of who it is. */
    private ApplicationContextRunner nameless(String... properties) {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(
                        "monotoken.clients.idp.token-uri=" + provider.url("/token"),
                        "monotoken.clients.idp.grant=client_credentials")
                .withPropertyValues(properties);
    }

    private ApplicationContextRunner named(String... properties) {
        return nameless(properties)
                .withPropertyValues("monotoken.clients.idp.client-id=id", "monotoken.clients.idp.client-secret=secret");
    }

    private static ApplicationContextRunner with(
            ApplicationContextRunner runner, TokenEndpointBuilderCustomizer customizer) {
        return runner.withBean(TokenEndpointBuilderCustomizer.class, () -> customizer);
    }

    private RecordedRequest request(ApplicationContextRunner runner) {
        provider.enqueue(token());
        AtomicReference<RecordedRequest> request = new AtomicReference<>();
        runner.run(context -> {
            assertThat(context.getBean(TokenSource.class)
                            .token()
                            .map(Token::value)
                            .block(FIVE_SECONDS))
                    .isEqualTo("abc");
            request.set(provider.takeRequest(5, TimeUnit.SECONDS));
        });
        return Objects.requireNonNull(request.get());
    }

    private static String form(RecordedRequest request) {
        return request.getBody() == null ? "" : request.getBody().utf8();
    }

    @Test
    void addsHeadersAndLeavesTheRestToTheProperties() {
        RecordedRequest request = request(with(
                named("monotoken.clients.idp.client-authentication=client_secret_basic"),
                (client, endpoint) -> endpoint.httpClient(http ->
                        http.headers(headers -> headers.set("X-Tenant", client).set("Authorization", "Bearer mine")))));

        assertThat(request.getHeaders().get("X-Tenant")).isEqualTo("idp");
        assertThat(request.getHeaders().values("Authorization")).containsExactly("Basic aWQ6c2VjcmV0");
    }

    @Test
    void keepsTheProxyOfTheProperties() {
        Sinks.One<String> connect = Sinks.one();
        DisposableServer proxy = TcpServer.create()
                .handle((in, out) -> in.receive()
                        .asString()
                        .doOnNext(connect::tryEmitValue)
                        .take(1)
                        .then())
                .bindNow();
        with(
                        named(
                                "monotoken.clients.idp.token-uri=https://idp.example/token",
                                "monotoken.clients.idp.proxy.host=127.0.0.1",
                                "monotoken.clients.idp.proxy.port=" + proxy.port()),
                        (client, endpoint) ->
                                endpoint.httpClient(http -> http.headers(headers -> headers.set("X-Tenant", "one"))))
                .run(context -> context.getBean(TokenSource.class)
                        .token()
                        .onErrorComplete()
                        .block(FIVE_SECONDS));

        assertThat(connect.asMono().block(FIVE_SECONDS))
                .startsWith("CONNECT idp.example:443")
                .doesNotContain("X-Tenant");
        proxy.disposeNow();
    }

    @Test
    void isCalledForEachClientInOrder() {
        List<String> calls = new CopyOnWriteArrayList<>();

        named(
                        "monotoken.clients.other.token-uri=" + provider.url("/token"),
                        "monotoken.clients.other.grant=client_credentials",
                        "monotoken.clients.other.client-id=id",
                        "monotoken.clients.other.client-secret=secret")
                .withBean("calls", List.class, () -> calls)
                .withUserConfiguration(InOrder.class)
                .run(context -> {
                    context.getBean("idpTokenSource");
                    context.getBean("otherTokenSource");
                    assertThat(calls).containsExactlyInAnyOrder("idp first", "idp last", "other first", "other last");
                    assertThat(calls.indexOf("idp first")).isLessThan(calls.indexOf("idp last"));
                    assertThat(calls.indexOf("other first")).isLessThan(calls.indexOf("other last"));
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class InOrder {

        @Bean
        @Order(2)
        TokenEndpointBuilderCustomizer last(List<String> calls) {
            return (client, endpoint) -> calls.add(client + " last");
        }

        @Bean
        @Order(1)
        TokenEndpointBuilderCustomizer first(List<String> calls) {
            return (client, endpoint) -> calls.add(client + " first");
        }
    }

    @Test
    void saysWhoTheClientIsInPlaceOfItsProperties() {
        assertThat(form(request(with(
                        nameless(),
                        (client, endpoint) -> endpoint.clientAuthentication(
                                ClientAuthentication.clientSecretPost("from-a-vault", Mono.just("the-secret")))))))
                .isEqualTo("grant_type=client_credentials&client_id=from-a-vault&client_secret=the-secret");
    }

    @Test
    void namesTheIssuerOfTheGrantsAssertions() {
        RecordedRequest request = request(with(
                nameless(
                        "monotoken.clients.idp.grant=jwt_bearer",
                        "monotoken.clients.idp.assertion.subject=ann",
                        "monotoken.clients.idp.assertion.key=" + SampleKeys.pem(SampleKeys.P256)),
                (client, endpoint) -> endpoint.clientAuthentication(ClientAuthentication.none("from-bean"))));

        String payload = form(request).replaceFirst(".*&?assertion=[^.]+\\.([^.]+)\\..*", "$1");
        assertThat(new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8))
                .contains("\"iss\":\"from-bean\"", "\"sub\":\"ann\"");
    }

    @Test
    void leavesTheGrantOneKey() {
        with(
                        nameless(
                                "monotoken.clients.idp.grant=jwt_bearer",
                                "monotoken.clients.idp.assertion.subject=ann",
                                "monotoken.clients.idp.assertion.bundle=orders",
                                "monotoken.clients.idp.assertion.key=" + SampleKeys.pem(SampleKeys.P256)),
                        (client, endpoint) -> endpoint.clientAuthentication(ClientAuthentication.none("from-bean")))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("monotoken.clients.idp.assertion.key and"
                                + " monotoken.clients.idp.assertion.bundle each name a key"));
    }

    @Test
    void winsOverTheProperties() {
        assertThat(form(request(with(
                        named(),
                        (client, endpoint) ->
                                endpoint.clientAuthentication(ClientAuthentication.none("from-the-bean"))))))
                .isEqualTo("grant_type=client_credentials&client_id=from-the-bean");
    }

    @Test
    void leavesTheSecretToTheProperties() {
        with(nameless(), (client, endpoint) -> {})
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOf(InvalidClientException.class)
                        .hasMessageContaining("client-id is missing")
                        .hasMessageContaining("client-secret is missing"));
    }

    @Test
    void isNotCalledWithoutAnAddress() {
        with(
                        new ApplicationContextRunner()
                                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                                .withPropertyValues("monotoken.clients.idp.grant=client_credentials"),
                        (client, endpoint) -> {
                            throw new AssertionError("called");
                        })
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOf(InvalidClientException.class)
                        .hasMessageContaining("token-uri is missing")
                        .hasMessageNotContaining("client-secret"));
    }

    @Test
    void isToldWhatDoesNotFit() {
        with(named(), (client, endpoint) -> endpoint.connectTimeout(Duration.ofMinutes(1)))
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining(
                                "The token endpoint of client 'idp' cannot be built: connectTimeout PT1M is"
                                        + " longer than timeout PT5S"));
        with(named(), (client, endpoint) -> endpoint.httpClient(http -> http.protocol(HttpProtocol.H2)))
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining(
                                "The token endpoint of client 'idp' cannot be built: a customizer of the HTTP"
                                        + " client asks for [H2]"));
    }

    @Test
    void turnsOnTheMetricsOfReactorNetty() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Metrics.addRegistry(registry);
        try {
            request(with(
                    named(), (client, endpoint) -> endpoint.httpClient(http -> http.metrics(true, path -> "/token"))));

            assertThat(registry.get("reactor.netty.http.client.response.time")
                            .tag("uri", "/token")
                            .timer()
                            .count())
                    .isEqualTo(1);
        } finally {
            Metrics.removeRegistry(registry);
        }
    }

    @Test
    void isNotCalledBesideAStandIn() {
        try (StandInTokenServer server = StandInTokenServer.start()) {
            with(named(), (client, endpoint) -> {
                        throw new AssertionError("called");
                    })
                    .withBean(StandInTokenServer.class, () -> server)
                    .run(context -> assertThat(
                                    context.getBean(TokenSource.class).token().block(FIVE_SECONDS))
                            .isNotNull());
        }
    }

    /** As somebody does who has a vault, and has never seen this before. */
    @Test
    void takesASecretFromAVaultThroughAWholeApplication() throws InterruptedException {
        provider.enqueue(new MockResponse.Builder()
                .code(200)
                .addHeader("Content-Type", "application/json")
                .body("{\"access_token\":\"abc\",\"expires_in\":1,\"token_type\":\"Bearer\"}")
                .build());
        provider.enqueue(token());
        Vault.SECRET.set("the-first-secret");
        try (ConfigurableApplicationContext application = new SpringApplicationBuilder(WithAVault.class)
                .web(WebApplicationType.NONE)
                .properties(
                        "monotoken.clients.orders.token-uri=" + provider.url("/token"),
                        "monotoken.clients.orders.grant=client_credentials",
                        "monotoken.clients.orders.base-url=https://api.example.com")
                .run()) {
            TokenSource tokens = application.getBean(TokenSource.class);
            Token first = Objects.requireNonNull(tokens.token().block(FIVE_SECONDS));
            Vault.SECRET.set("the-second-secret");
            tokens.invalidate(first);
            assertThat(Objects.requireNonNull(tokens.token().block(FIVE_SECONDS))
                            .value())
                    .isEqualTo("abc");
        }

        assertThat(form(Objects.requireNonNull(provider.takeRequest(5, TimeUnit.SECONDS))))
                .contains("client_id=orders", "client_secret=the-first-secret");
        assertThat(form(Objects.requireNonNull(provider.takeRequest(5, TimeUnit.SECONDS))))
                .contains("client_id=orders", "client_secret=the-second-secret");
    }

    static final class Vault {

        static final AtomicReference<String> SECRET = new AtomicReference<>();

        private Vault() {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WithAVault {

        @Bean
        TokenEndpointBuilderCustomizer secretFromTheVault() {
            return (client, endpoint) -> endpoint.clientAuthentication(
                    ClientAuthentication.clientSecretPost(client, Mono.fromSupplier(Vault.SECRET::get)));
        }
    }
}
