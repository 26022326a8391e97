package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.testing.StandInApi;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Clients that a certificate proves, at servers that show which one they saw: a token is bound to the certificate of its request,
 * and the API takes it on connections of that certificate alone.
 */
class MutualTlsTests {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static final HeldCertificate AUTHORITY =
            new HeldCertificate.Builder().certificateAuthority(0).build();
    private static final HeldCertificate ONE = signed("one");
    private static final HeldCertificate TWO = signed("two");

    private final AtomicInteger issued = new AtomicInteger();
    private final Queue<String> forms = new ConcurrentLinkedQueue<>();
    private final Set<Channel> apiConnections = ConcurrentHashMap.newKeySet();
    private DisposableServer provider;
    private DisposableServer api;

    private static HeldCertificate signed(String name) {
        return new HeldCertificate.Builder()
                .commonName(name)
                .ecdsa256()
                .signedBy(AUTHORITY)
                .addSubjectAlternativeName("localhost")
                .build();
    }

    private static HttpServer server() {
        HeldCertificate own = signed("server");
        return HttpServer.create().host("localhost").secure(spec -> {
            try {
                spec.sslContext(SslContextBuilder.forServer(own.keyPair().getPrivate(), own.certificate())
                        .trustManager(AUTHORITY.certificate())
                        .clientAuth(ClientAuth.OPTIONAL)
                        .build());
            } catch (SSLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** {@return the name in the certificate that the client showed} */
    private static String shown(HttpServerRequest request) {
        String[] name = {"nobody"};
        request.withConnection(connection -> {
            SslHandler tls =
                    Objects.requireNonNull(connection.channel().pipeline().get(SslHandler.class));
            try {
                X509Certificate certificate =
                        (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
                name[0] = certificate.getSubjectX500Principal().getName().replaceFirst(".*CN=([^,]*).*", "$1");
            } catch (SSLPeerUnverifiedException e) {
                // it showed none
            }
        });
        return name[0];
    }

    @BeforeEach
    void start() {
        provider = server().handle((request, response) -> request.receive()
                        .aggregate()
                        .asString()
                        .defaultIfEmpty("")
                        .flatMap(form -> {
                            forms.add(form);
                            String token = shown(request) + "-" + issued.incrementAndGet();
                            return response.header("Content-Type", "application/json")
                                    .sendString(Mono.just("{\"access_token\":\"" + token + "\",\"expires_in\":1800}"))
                                    .then();
                        }))
                .bindNow();
        api = server().doOnConnection(connection -> apiConnections.add(connection.channel()))
                .handle(MutualTlsTests::answer)
                .bindNow();
    }

    private static Mono<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        String token = String.valueOf(request.requestHeaders().get("Authorization"));
        String shown = shown(request);
        return token.startsWith("Bearer " + shown + "-")
                ? response.sendString(Mono.just(token.substring("Bearer ".length())))
                        .then()
                : response.status(401)
                        .header("WWW-Authenticate", "Bearer error=\"invalid_token\"")
                        .send();
    }

    @AfterEach
    void stop() {
        provider.disposeNow();
        api.disposeNow();
    }

    private static String[] bundle(String name, HeldCertificate held) {
        String prefix = "spring.ssl.bundle.pem." + name + ".";
        return new String[] {
            prefix + "keystore.certificate=" + held.certificatePem(),
            prefix + "keystore.private-key=" + held.privateKeyPkcs8Pem(),
            prefix + "truststore.certificate=" + AUTHORITY.certificatePem()
        };
    }

    private ApplicationContextRunner client(String... properties) {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withConfiguration(AutoConfigurations.of(ServiceGroupsTests.GROUP_AUTO_CONFIGURATIONS))
                .withPropertyValues(bundle("mine", ONE))
                .withPropertyValues(bundle("next", TWO))
                .withPropertyValues(
                        "spring.ssl.bundle.pem.trusting.truststore.certificate=" + AUTHORITY.certificatePem(),
                        "monotoken.clients.bank.token-uri=https://localhost:" + provider.port() + "/token",
                        "monotoken.clients.bank.grant=client-credentials",
                        "monotoken.clients.bank.client-id=bank-client",
                        "monotoken.clients.bank.client-authentication=tls-client-auth",
                        "monotoken.clients.bank.ssl.bundle=mine",
                        "monotoken.clients.bank.base-url=https://localhost:" + api.port())
                .withPropertyValues(Stream.of(properties)
                        .map(property ->
                                property.startsWith("spring.") ? property : "monotoken.clients.bank." + property)
                        .toArray(String[]::new));
    }

    private static Mono<String> call(WebClient client) {
        return client.get().uri("/accounts").retrieve().bodyToMono(String.class);
    }

    private static String called(ApplicationContext context) {
        return Objects.requireNonNull(call(context.getBean(WebClient.class)).block(TEN_SECONDS));
    }

    private static void reload(ApplicationContext context, String bundle, String from) {
        context.getBean(SslBundleRegistry.class)
                .updateBundle(bundle, context.getBean(SslBundles.class).getBundle(from));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls-client-auth", "self_signed_tls_client_auth"})
    void showTheCertificateAndTheIdAlone(String method) {
        client("client-authentication=" + method).run(context -> {
            String token = Objects.requireNonNull(
                            context.getBean(TokenSource.class).token().block(TEN_SECONDS))
                    .value();

            assertThat(token).isEqualTo("one-1");
            assertThat(forms).containsExactly("grant_type=client_credentials&client_id=bank-client");
        });
    }

    @Test
    void showItToTheApiAsWell() {
        client("api.ssl.bundle=mine").run(context -> {
            for (int i = 0; i < 20; i++) {
                assertThat(called(context)).isEqualTo("one-1");
            }

            assertThat(apiConnections)
                    .as("pooled, though one may not be back yet")
                    .hasSizeLessThan(10);
        });
    }

    @Test
    void doNotShowItToTheApiUnlessTold() {
        client("spring.http.clients.ssl.bundle=trusting")
                .run(context -> assertThat(context.getBean(WebClient.class)
                                .get()
                                .uri("/accounts")
                                .exchangeToMono(response -> response.releaseBody()
                                        .thenReturn(response.statusCode().value()))
                                .block(TEN_SECONDS))
                        .isEqualTo(401));
    }

    @Test
    void showTheApiABundleWithoutACertificateWhereItOnlyTrusts() {
        client("api.ssl.bundle=trusting", "retry-on-unauthorized=false")
                .run(context -> assertThat(context.getBean(WebClient.class)
                                .get()
                                .uri("/accounts")
                                .exchangeToMono(response -> response.releaseBody()
                                        .thenReturn(response.statusCode().value()))
                                .block(TEN_SECONDS))
                        .isEqualTo(401));
    }

    /** With one renewal, and no request that is refused in between. */
    @ParameterizedTest
    @CsvSource({"mine, mine", "mine, other", "other, mine"})
    void showAReloadedCertificateOnNewConnectionsWithANewToken(String first, String second) {
        boolean same = first.equals(second);
        client("api.ssl.bundle=" + (same ? "mine" : "other"))
                .withPropertyValues(bundle("other", ONE))
                .run(context -> {
                    assertThat(called(context)).isEqualTo("one-1");
                    CountDownLatch closed = new CountDownLatch(1);
                    apiConnections.forEach(channel -> channel.closeFuture().addListener(done -> closed.countDown()));

                    reload(context, first, "next");
                    if (!same) {
                        reload(context, second, "next");
                    }

                    assertThat(called(context)).isEqualTo("two-2");
                    assertThat(closed.await(10, TimeUnit.SECONDS))
                            .as("the connection of before")
                            .isTrue();
                    assertThat(issued).hasValue(2);
                });
    }

    @Test
    void askForNoTokenAtAReloadWhereThereWasNone() {
        client("api.ssl.bundle=mine").run(context -> {
            reload(context, "mine", "next");

            assertThat(context.getBean(TokenSource.class).state().phase()).isEqualTo(TokenSourceState.Phase.IDLE);
            assertThat(called(context)).isEqualTo("two-1");
        });
    }

    @Test
    void letARequestEndThatHasBegunBeforeAReload() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Sinks.Empty<Void> rest = Sinks.empty();
        DisposableServer slow = server().doOnConnection(
                        connection -> connection.channel().closeFuture().addListener(done -> closed.countDown()))
                .handle((request, response) -> response.sendString(Flux.concat(
                                Mono.just("begin-").doOnNext(text -> begun.countDown()),
                                rest.asMono().thenReturn("end")))
                        .then())
                .bindNow();
        try {
            client("api.ssl.bundle=mine", "base-url=https://localhost:" + slow.port())
                    .run(context -> {
                        Mono<String> answer =
                                call(context.getBean(WebClient.class)).cache();
                        answer.subscribe();
                        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

                        reload(context, "mine", "next");
                        rest.tryEmitEmpty();

                        assertThat(answer.block(TEN_SECONDS)).isEqualTo("begin-end");
                        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
                    });
        } finally {
            slow.disposeNow();
        }
    }

    @Test
    void failNoCallWhileABundleIsReloaded() {
        client("api.ssl.bundle=mine").run(context -> {
            WebClient client = context.getBean(WebClient.class);
            AtomicInteger ofTheNew = new AtomicInteger();
            AtomicInteger calls = new AtomicInteger();

            List<String> all = Flux.range(0, 4)
                    .flatMap(caller -> Mono.defer(() -> call(client))
                            .doOnNext(token -> {
                                if (token.startsWith("two-")) {
                                    ofTheNew.incrementAndGet();
                                }
                            })
                            .repeat(() -> ofTheNew.get() < 100))
                    .doOnNext(token -> {
                        if (calls.incrementAndGet() == 100) {
                            reload(context, "mine", "next");
                        }
                    })
                    .collectList()
                    .block(Duration.ofSeconds(30));

            assertThat(all).hasSizeGreaterThan(200).allMatch(token -> token.matches("(one|two)-\\d+"));
            assertThat(issued).hasValueLessThanOrEqualTo(3);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdk"})
    void showAReloadedCertificateWithAnotherHttpClient(String connector) {
        client("api.ssl.bundle=mine", "spring.http.clients.reactive.connector=" + connector)
                .run(context -> {
                    assertThat(called(context)).isEqualTo("one-1");

                    reload(context, "mine", "next");

                    assertThat(called(context)).isEqualTo("two-2");
                });
    }

    @Test
    void showItInAGroupOfHttpServices() {
        client("api.ssl.bundle=mine").withUserConfiguration(Groups.class).run(context -> {
            assertThat(context.getBean(Bank.class).accounts().block(TEN_SECONDS))
                    .isEqualTo("one-1");

            reload(context, "mine", "next");

            assertThat(context.getBean(Bank.class).accounts().block(TEN_SECONDS))
                    .isEqualTo("two-2");
            assertThat(called(context)).isEqualTo("two-2");
        });
    }

    @Test
    void refuseAnotherBundleOfTheGroup() {
        client("api.ssl.bundle=mine", "spring.http.serviceclient.bank.ssl.bundle=next")
                .withUserConfiguration(Groups.class)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage("spring.http.serviceclient.bank.ssl.bundle names 'next', and"
                                + " monotoken.clients.bank.api.ssl.bundle names 'mine'"));
    }

    @Test
    void needNoBundleBesideAStandIn() {
        try (StandIns standIns = new StandIns()) {
            client("grant=password", "scopes=email", "ssl.bundle=nowhere", "api.ssl.bundle=nowhere")
                    .withBean(StandInApi.class, standIns::api)
                    .run(context -> assertThat(
                                    context.getBean(TokenSource.class).token().block(TEN_SECONDS))
                            .isNotNull());
        }
    }

    @Test
    void needACertificateToShow() {
        List<String> said = new ArrayList<>();
        for (String[] properties : new String[][] {
            {"ssl.bundle="}, {"ssl.bundle=trusting"}, {"token-uri=http://localhost:1/token"}, {"client-secret=s"},
        }) {
            client(properties).run(context -> {
                Throwable failure = Objects.requireNonNull(context.getStartupFailure());
                var analysis = Objects.requireNonNull(new InvalidClientFailureAnalyzer().analyze(failure));
                said.add(analysis.getDescription() + " -> " + analysis.getAction());
            });
        }

        String bank = "monotoken.clients.bank.";
        assertThat(said)
                .containsExactly(
                        bank + "ssl.bundle is missing: tls_client_auth needs a certificate to show, and its key -> Set "
                                + bank + "ssl.bundle to an SSL bundle that has both",
                        bank
                                + "ssl.bundle names 'trusting', which has no private key: tls_client_auth needs a certificate"
                                + " to show, and its key -> Set spring.ssl.bundle.pem.trusting.keystore.certificate and"
                                + " .private-key, or spring.ssl.bundle.jks.trusting.keystore.location",
                        bank + "token-uri is plain http, and tls_client_auth shows a certificate, which needs https ->"
                                + " Write an https address, or another " + bank + "client-authentication",
                        bank + "client-secret would not be used: " + bank
                                + "client-authentication is tls_client_auth ->" + " Remove it, or write " + bank
                                + "client-authentication: client_secret_post");
    }

    @Test
    void needABundleForTheApiThatIsThere() {
        client("api.ssl.bundle=nowhere").run(context -> {
            var analysis = Objects.requireNonNull(
                    new InvalidClientFailureAnalyzer().analyze(Objects.requireNonNull(context.getStartupFailure())));

            assertThat(analysis.getDescription())
                    .isEqualTo("monotoken.clients.bank.api.ssl.bundle names 'nowhere', which is no SSL bundle");
        });
    }

    interface Bank {
        @GetExchange("/accounts")
        Mono<String> accounts();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportHttpServices(group = "bank", types = Bank.class, clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
    static class Groups {}
}
