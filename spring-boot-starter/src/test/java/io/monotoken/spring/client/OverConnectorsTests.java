package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** Answers without end and redirects, over the connectors that people have. */
class OverConnectorsTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    /**
     * A connector.
     *
     * @param cancels whether it closes the connection of an answer that is cancelled; Spring's JDK connector reads on
     */
    record Case(String name, Supplier<ClientHttpConnector> connector, boolean cancels) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final ConnectionProvider one = ConnectionProvider.builder("one")
            .maxConnections(1)
            .pendingAcquireMaxCount(-1)
            .build();

    static final List<Case> connectors = List.of(
            new Case(
                    "Reactor Netty",
                    () -> new ReactorClientHttpConnector(reactor.netty.http.client.HttpClient.create(one)),
                    true),
            new Case("JDK", () -> new JdkClientHttpConnector(HttpClient.newHttpClient()), false));

    private final LoopResources loops = LoopResources.create("api", 2, true);
    private final CountDownLatch dropped = new CountDownLatch(1);
    private DisposableServer api;
    private DisposableServer elsewhere;
    private volatile String elsewhereSaw = "nothing";

    @BeforeEach
    void start() {
        elsewhere = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .runOn(loops)
                .handle((request, response) -> {
                    elsewhereSaw = request.requestHeaders().get("Authorization", "no token");
                    return request.receive()
                            .aggregate()
                            .asString()
                            .defaultIfEmpty("")
                            .flatMap(body -> response.sendString(Mono.just(request.method() + body))
                                    .then());
                })
                .bindNow();
        api = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .runOn(loops)
                .route(routes -> routes.get("/endless", (request, response) -> {
                            if (isOf(request.requestHeaders().get("Authorization"), "two")) {
                                return response.sendString(Mono.just("fine"));
                            }
                            request.withConnection(connection -> connection.onDispose(dropped::countDown));
                            return response.status(401)
                                    .send(
                                            Flux.interval(Duration.ofMillis(1))
                                                    .onBackpressureDrop()
                                                    .map(i -> Unpooled.copiedBuffer(
                                                            "x".repeat(1_000), StandardCharsets.UTF_8)),
                                            buffer -> true);
                        })
                        .get("/silent", (request, response) -> {
                            if (isOf(request.requestHeaders().get("Authorization"), "two")) {
                                return response.sendString(Mono.just("fine"));
                            }
                            request.withConnection(connection -> connection.onDispose(dropped::countDown));
                            return response.status(401)
                                    .header("Content-Length", "10")
                                    .sendHeaders()
                                    .then(Mono.never());
                        })
                        .get(
                                "/moved",
                                (request, response) -> response.status(307)
                                        .header("Location", "http://127.0.0.1:" + elsewhere.port() + "/")
                                        .sendString(Mono.just("moved")))
                        .post(
                                "/moved",
                                (request, response) -> response.status(307)
                                        .header("Location", "http://127.0.0.1:" + elsewhere.port() + "/")
                                        .sendString(
                                                request.receive().aggregate().asString())))
                .bindNow();
    }

    @AfterEach
    void stop() {
        api.disposeNow();
        elsewhere.disposeNow();
        loops.disposeLater(Duration.ZERO, FIVE_SECONDS).block(FIVE_SECONDS);
    }

    private static boolean isOf(String authorization, String token) {
        return authorization.equals("Bearer " + token);
    }

    private static URI url(DisposableServer server) {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private WebClient client(Case connector, boolean elsewhereToo) {
        BearerTokenFilter.Builder filter = BearerTokenFilter.builder("comply-one", new ScriptedTokens("one", "two"))
                .originOf(url(api))
                .followRedirects(true);
        return WebClient.builder()
                .clientConnector(connector.connector().get())
                .baseUrl(url(api).toString())
                .filter(elsewhereToo ? filter.originOf(url(elsewhere)).build() : filter.build())
                .build();
    }

    private static Mono<String> answer(WebClient.RequestHeadersSpec<?> request) {
        return request.exchangeToMono(response -> response.bodyToMono(String.class)
                .defaultIfEmpty("")
                .map(body -> response.statusCode().value() + body));
    }

    private static String answered(WebClient.RequestHeadersSpec<?> request) {
        return Objects.requireNonNull(answer(request).block(FIVE_SECONDS));
    }

    @ParameterizedTest
    @FieldSource("connectors")
    void anEndless401HoldsNobody(Case connector) throws InterruptedException {
        assertThat(answered(client(connector, false).get().uri("/endless"))).isEqualTo("200fine");

        if (connector.cancels()) {
            assertThat(dropped.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @FieldSource("connectors")
    void aSilent401HoldsNobody(Case connector) {
        assertThat(answered(client(connector, false).get().uri("/silent"))).isEqualTo("200fine");
    }

    @ParameterizedTest
    @FieldSource("connectors")
    void aRedirectElsewhereDoesNotTakeTheTokenAlong(Case connector) {
        assertThat(answered(client(connector, false).get().uri("/moved"))).isEqualTo("307moved");

        assertThat(elsewhereSaw).isEqualTo("nothing");
    }

    @ParameterizedTest
    @FieldSource("connectors")
    void aRedirectToAnAllowedOriginIsFollowedWithTheBody(Case connector) {
        WebClient client = client(connector, true);

        assertThat(answered(client.get().uri("/moved"))).isEqualTo("200GET");
        assertThat(answered(client.post().uri("/moved").bodyValue("text"))).isEqualTo("200POSTtext");

        assertThat(elsewhereSaw).startsWith("Bearer ");
    }

    @RepeatedTest(2)
    void leakNothing() {
        WebClient client = client(connectors.get(0), true);
        for (int i = 0; i < 10; i++) {
            answered(client.get().uri("/moved"));
            answered(client.post().uri("/moved").bodyValue("text"));
        }
        assertThat(RecordingLeakDetector.reports()).isEmpty();

        answered(client.get().uri("/endless")); // whose body is cancelled
        for (int i = 0; i < 40; i++) {
            StepVerifier.create(answer(client.post().uri("/moved").bodyValue("text"))
                            .timeout(Duration.ofMillis(i / 8), Mono.empty())
                            .onErrorComplete(WebClientRequestException.class))
                    .thenConsumeWhile(text -> true)
                    .expectComplete()
                    .verify(FIVE_SECONDS);
        }
        // the pool may hold a connection that is closing, since its last request was given up
        StepVerifier.create(answer(client.get().uri("/moved")).retryWhen(Retry.max(5)))
                .expectNext("200GET")
                .expectComplete()
                .verify(FIVE_SECONDS);

        assertThat(RecordingLeakDetector.reports())
                .hasSizeLessThanOrEqualTo(RecordingLeakDetector.LOST_BY_REACTOR_NETTY);
    }
}
