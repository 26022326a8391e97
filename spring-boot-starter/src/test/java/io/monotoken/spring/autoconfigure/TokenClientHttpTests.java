package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;
import reactor.test.StepVerifier;

/** What the properties of a client, and those of Boot's HTTP clients, do to token requests. */
class TokenClientHttpTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    @StartStop
    private final MockWebServer provider = new MockWebServer();

    private static MockResponse token() {
        return new MockResponse.Builder()
                .addHeader("Content-Type", "application/json")
                .body("{\"access_token\":\"abc\",\"expires_in\":1800,\"token_type\":\"Bearer\"}")
                .build();
    }

    private ApplicationContextRunner context(String... properties) {
        ApplicationContextRunner runner = new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(
                        "monotoken.clients.idp.token-uri=" + provider.url("/token"),
                        "monotoken.clients.idp.grant=client_credentials",
                        "monotoken.clients.idp.client-id=the client",
                        "monotoken.clients.idp.client-secret=s:cret");
        return runner.withPropertyValues(properties);
    }

    private RecordedRequest request(String... properties) {
        provider.enqueue(token());
        RecordedRequest[] request = new RecordedRequest[1];
        context(properties).run(context -> {
            expectToken(context.getBean(TokenSource.class));
            request[0] = provider.takeRequest(5, TimeUnit.SECONDS);
        });
        return request[0];
    }

    private static String form(RecordedRequest request) {
        return request.getBody() == null ? "" : request.getBody().utf8();
    }

    private static void expectToken(TokenSource tokens) {
        tokens.token()
                .map(Token::value)
                .as(StepVerifier::create)
                .expectNext("abc")
                .expectComplete()
                .verify(FIVE_SECONDS);
    }

    private static void expectUnavailable(TokenSource tokens, String message) {
        tokens.token()
                .as(StepVerifier::create)
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(TokenException.Unavailable.class)
                        .hasMessageContaining(message))
                .verify(FIVE_SECONDS);
    }

    @Nested
    class Form {

        @Test
        void hasClientCredentialsAndScopes() {
            assertThat(form(request("monotoken.clients.idp.scopes=a,b")))
                    .isEqualTo("grant_type=client_credentials&scope=a+b&client_id=the+client&client_secret=s%3Acret");
        }

        @Test
        void hasThePasswordGrant() {
            assertThat(form(request(
                            "monotoken.clients.idp.grant=password",
                            "monotoken.clients.idp.username=john",
                            "monotoken.clients.idp.password=P4ss w0rd")))
                    .isEqualTo("grant_type=password&username=john&password=P4ss+w0rd&client_id=the+client"
                            + "&client_secret=s%3Acret");
        }

        @Test
        void hasFurtherParameters() {
            assertThat(form(request(
                            "monotoken.clients.idp.parameters.audience=api",
                            "monotoken.clients.idp.parameters.resource=one,two")))
                    .contains("&audience=api", "&resource=one&resource=two");
        }

        @Test
        void hasNoSecretWithBasicAuthentication() {
            RecordedRequest request = request("monotoken.clients.idp.client-authentication=client_secret_basic");

            assertThat(form(request)).isEqualTo("grant_type=client_credentials");
            assertThat(request.getHeaders().get("Authorization")).isEqualTo("Basic dGhlK2NsaWVudDpzJTNBY3JldA==");
        }

        @Test
        void hasNoSecretWithRawBasicAuthentication() {
            RecordedRequest request = request("monotoken.clients.idp.client-authentication=client-secret-basic-raw");

            assertThat(form(request)).isEqualTo("grant_type=client_credentials");
            assertThat(request.getHeaders().get("Authorization")).isEqualTo("Basic dGhlIGNsaWVudDpzOmNyZXQ=");
        }

        @Test
        void hasTheIdAloneForAPublicClient() {
            RecordedRequest request =
                    request("monotoken.clients.idp.client-authentication=none", "monotoken.clients.idp.client-secret=");

            assertThat(form(request)).isEqualTo("grant_type=client_credentials&client_id=the+client");
            assertThat(request.getHeaders().get("Authorization")).isNull();
        }
    }

    @Nested
    class Answers {

        @Test
        void mayCallBearerByAnotherName() {
            provider.enqueue(new MockResponse.Builder()
                    .body("{\"access_token\":\"abc\",\"expires_in\":1800,\"token_type\":\"BearerToken\"}")
                    .build());

            context("monotoken.clients.idp.bearer-types=BearerToken")
                    .run(context -> expectToken(context.getBean(TokenSource.class)));
        }

        @Test
        void withoutALifetimeGetTheConfiguredOne() {
            provider.enqueue(new MockResponse.Builder()
                    .body("{\"access_token\":\"abc\"}")
                    .build());

            context("monotoken.clients.idp.refresh.default-lifetime=1h")
                    .run(context -> context.getBean(TokenSource.class)
                            .token()
                            .map(token -> Duration.between(token.issuedAt(), token.expiresAt()))
                            .as(StepVerifier::create)
                            .assertNext(life -> assertThat(life).isCloseTo(Duration.ofHours(1), Duration.ofSeconds(1)))
                            .expectComplete()
                            .verify(FIVE_SECONDS));
        }
    }

    @Nested
    class TimeOuts {

        @Test
        void areThoseOfBootsHttpClients() {
            try (StandIns standIns = new StandIns()) {
                standIns.server().stopAnswering();
                context(
                                "monotoken.clients.idp.token-uri="
                                        + standIns.server().tokenUri(),
                                "spring.http.clients.read-timeout=200ms")
                        .run(context -> expectUnavailable(
                                context.getBean(TokenSource.class), "no complete answer within 200 ms"));
            }
        }

        @Test
        void areTheClientsOwnBeforeThose() {
            try (StandIns standIns = new StandIns()) {
                standIns.server().stopAnswering();
                context(
                                "monotoken.clients.idp.token-uri="
                                        + standIns.server().tokenUri(),
                                "monotoken.clients.idp.timeout=300ms",
                                "spring.http.clients.read-timeout=20s",
                                "spring.http.clients.connect-timeout=20s")
                        .run(context -> expectUnavailable(
                                context.getBean(TokenSource.class), "no complete answer within 300 ms"));
            }
        }

        @Test
        void ofBootsHttpClientsNeverExceedTheWhole() {
            provider.enqueue(token());

            context(
                            "monotoken.clients.idp.refresh.timeout=1s",
                            "spring.http.clients.read-timeout=20s",
                            "spring.http.clients.connect-timeout=20s")
                    .run(context -> expectToken(context.getBean(TokenSource.class)));
        }
    }

    @Test
    void neverFollowsARedirect() throws Exception {
        try (MockWebServer elsewhere = new MockWebServer()) {
            elsewhere.start();
            elsewhere.enqueue(token());
            provider.enqueue(new MockResponse.Builder()
                    .code(307)
                    .addHeader("Location", elsewhere.url("/token"))
                    .build());

            context("spring.http.clients.redirects=follow")
                    .run(context -> context.getBean(TokenSource.class)
                            .token()
                            .as(StepVerifier::create)
                            .expectError(TokenException.class)
                            .verify(FIVE_SECONDS));

            assertThat(elsewhere.getRequestCount()).isZero();
        }
    }

    @Test
    void goesThroughAProxy() {
        Sinks.One<String> seen = Sinks.one();
        DisposableServer proxy = TcpServer.create()
                .host("127.0.0.1")
                .handle((in, out) -> in.receive()
                        .asString(StandardCharsets.US_ASCII)
                        .next()
                        .doOnNext(seen::tryEmitValue)
                        .flatMap(text -> out.sendString(Mono.just("HTTP/1.1 403 Forbidden\r\n\r\n"))
                                .then()))
                .bindNow();

        context(
                        "monotoken.clients.idp.token-uri=https://idp.example/token",
                        "monotoken.clients.idp.proxy.host=127.0.0.1",
                        "monotoken.clients.idp.proxy.port=" + proxy.port(),
                        "monotoken.clients.idp.proxy.username=user",
                        "monotoken.clients.idp.proxy.password=secret")
                .run(context -> expectUnavailable(context.getBean(TokenSource.class), "idp.example"));

        assertThat(seen.asMono().block(FIVE_SECONDS))
                .startsWith("CONNECT idp.example:443 HTTP/1.1\r\n")
                .contains("proxy-authorization: Basic dXNlcjpzZWNyZXQ=\r\n");
        proxy.disposeNow();
    }

    @Nested
    class Tls {

        private final HeldCertificate authority =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        private final HeldCertificate stranger =
                new HeldCertificate.Builder().certificateAuthority(0).build();

        private void serveTls() {
            serveTls(token());
        }

        private void serveTls(MockResponse answer) {
            HeldCertificate certificate = new HeldCertificate.Builder()
                    .signedBy(authority)
                    .addSubjectAlternativeName("localhost")
                    .build();
            provider.useHttps(new HandshakeCertificates.Builder()
                    .heldCertificate(certificate)
                    .build()
                    .sslSocketFactory());
            provider.enqueue(answer);
        }

        private void run(Consumer<ApplicationContext> test, String... properties) {
            context("monotoken.clients.idp.token-uri=https://localhost:" + provider.getPort() + "/token")
                    .withPropertyValues(
                            "spring.ssl.bundle.pem.good.truststore.certificate=" + authority.certificatePem(),
                            "spring.ssl.bundle.pem.bad.truststore.certificate=" + stranger.certificatePem())
                    .withPropertyValues(properties)
                    .run(test::accept);
        }

        @Test
        void isThatOfTheClientsBundle() {
            serveTls();

            run(
                    context -> expectToken(context.getBean(TokenSource.class)),
                    "monotoken.clients.idp.ssl.bundle=good",
                    "spring.http.clients.ssl.bundle=bad");
        }

        @Test
        void isThatOfBootsHttpClients() {
            serveTls();

            run(context -> expectToken(context.getBean(TokenSource.class)), "spring.http.clients.ssl.bundle=good");
        }

        /** With the clock of the machine: a source looks every five seconds. */
        @Test
        void endsThePauseOfAnUnknownClientWhenItsBundleIsReloaded() {
            serveTls(new MockResponse.Builder()
                    .code(400)
                    .body("{\"error\":\"invalid_client\"}")
                    .build());
            provider.enqueue(token());

            run(
                    context -> {
                        TokenSource tokens = context.getBean(TokenSource.class);
                        tokens.token().onErrorComplete().block(FIVE_SECONDS);
                        SslBundle good = context.getBean(SslBundles.class).getBundle("good");
                        context.getBean(SslBundleRegistry.class).updateBundle("good", good);

                        await().atMost(Duration.ofSeconds(20))
                                .until(() -> tokens.token()
                                        .onErrorComplete()
                                        .blockOptional(FIVE_SECONDS)
                                        .isPresent());
                        assertThat(provider.getRequestCount()).isEqualTo(2);
                    },
                    "monotoken.clients.idp.ssl.bundle=good");
        }

        @Test
        void followsABundleThatIsReloaded() {
            serveTls();

            run(
                    context -> {
                        TokenSource tokens = context.getBean(TokenSource.class);
                        expectUnavailable(tokens, "TLS failed");
                        SslBundle good = context.getBean(SslBundles.class).getBundle("good");

                        context.getBean(SslBundleRegistry.class).updateBundle("bad", good);
                        tokens.reset();

                        expectToken(tokens);
                    },
                    "monotoken.clients.idp.ssl.bundle=bad");
        }
    }
}
