package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.PasswordGrant;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import io.netty.buffer.ByteBuf;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.client.MultipartBodyBuilder;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** Bodies that are sent again after a 401, over a pool of one connection: an answer left unreleased would block it. */
class BodyReplayTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    private StandInTokenServer server;
    private StandInApi api;
    private TokenSource tokens;
    private ConnectionProvider pool;
    private WebClient client;

    record Case(String name, BodyInserter<?, ? super ClientHttpRequest> body) {
        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Case> replayable = List.of(
            new Case("no body", BodyInserters.empty()),
            new Case("a string", BodyInserters.fromValue("text")),
            new Case("bytes", BodyInserters.fromValue("text".getBytes(StandardCharsets.UTF_8))),
            new Case("an object", BodyInserters.fromValue(Map.of("a", List.of(1, 2)))),
            new Case("a large object", BodyInserters.fromValue(Map.of("a", "x".repeat(300_000)))),
            new Case("a Mono.just", BodyInserters.fromPublisher(Mono.just("text"), String.class)),
            new Case("an empty Mono", BodyInserters.fromPublisher(Mono.empty(), String.class)),
            new Case("a form", BodyInserters.fromFormData("a", "b").with("c", "d")),
            new Case(
                    "a resource",
                    BodyInserters.fromResource(new ByteArrayResource("text".getBytes(StandardCharsets.UTF_8)))));

    static final List<Case> notReplayable = List.of(
            new Case("a stream", BodyInserters.fromPublisher(Flux.just("a", "b"), String.class)),
            new Case(
                    "a Mono that is computed", BodyInserters.fromPublisher(Mono.fromSupplier(() -> "a"), String.class)),
            new Case("a stream of bytes", BodyInserters.fromDataBuffers(Flux.defer(() -> Flux.just(buffer())))),
            new Case(
                    "an output stream",
                    BodyInserters.fromOutputStream(out -> write(out), Schedulers.boundedElastic()::schedule)),
            new Case(
                    "a buffer",
                    (request, context) -> BodyInserters.fromValue(buffer()).insert(request, context)),
            new Case(
                    "an open resource",
                    (request, context) -> BodyInserters.fromResource(
                                    new InputStreamResource(new ByteArrayInputStream(new byte[10])))
                            .insert(request, context)),
            new Case("multipart", BodyInserters.fromMultipartData("a", "b")),
            new Case("a map of parts", BodyInserters.fromValue(parts())));

    @BeforeEach
    void start() {
        server = StandInTokenServer.stemsAccounts().start();
        api = StandInApi.complyOne(server).start();
        tokens = TokenSource.builder(
                        TokenEndpoint.builder(server.tokenUri())
                                .clientAuthentication(
                                        ClientAuthentication.clientSecretPost("your_client_id", "your_client_secret"))
                                .build(),
                        new PasswordGrant("john.smith@contoso.com", "P4ssw0rd", List.of("email", "offline_access")))
                .build();
        pool = ConnectionProvider.builder("one")
                .maxConnections(1)
                .pendingAcquireMaxCount(-1) // who has left stays in the queue for a moment
                .build();
        client = client(Function.identity());
    }

    @AfterEach
    void stop() {
        tokens.close();
        pool.dispose();
        api.close();
        server.close();
    }

    private WebClient client(Function<HttpClient, HttpClient> http) {
        return WebClient.builder()
                .clientConnector(new ReactorClientHttpConnector(http.apply(HttpClient.create(pool))))
                .baseUrl(api.baseUrl().toString())
                .filter(BearerTokenFilter.builder("comply-one", tokens)
                        .originOf(api.baseUrl())
                        .build())
                .build();
    }

    private static DataBuffer buffer() {
        return DefaultDataBufferFactory.sharedInstance.wrap("text".getBytes(StandardCharsets.UTF_8));
    }

    private static void write(OutputStream out) {
        try {
            out.write(new byte[10]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object parts() {
        MultipartBodyBuilder parts = new MultipartBodyBuilder();
        parts.part("a", "b");
        return new LinkedMultiValueMap<>(parts.build());
    }

    private Mono<String> post(BodyInserter<?, ? super ClientHttpRequest> body) {
        return client.post()
                .uri("/echo")
                .body(body)
                .exchangeToMono(response -> response.bodyToMono(String.class)
                        .defaultIfEmpty("")
                        .map(text -> response.statusCode().value() + text));
    }

    private String answer(Mono<String> exchange) {
        return Objects.requireNonNull(exchange.block(FIVE_SECONDS));
    }

    @ParameterizedTest
    @FieldSource("replayable")
    void areWholeTheSecondTime(Case body) {
        String unharmed = answer(post(body.body()));
        api.rejectNext(1);

        String healed = answer(post(body.body()));

        assertThat(healed).startsWith("200").isEqualTo(unharmed);
        assertThat(api.requests()).isEqualTo(3);
        assertThat(server.tokenRequests()).isEqualTo(2);
    }

    @ParameterizedTest
    @FieldSource("notReplayable")
    void areNotSentTwiceIfTheyMayBeSpent(Case body) {
        api.rejectNext(1);

        assertThat(answer(post(body.body()))).startsWith("401{");
        assertThat(api.requests()).isOne();
        assertThat(answer(post(BodyInserters.empty()))).startsWith("200");
        assertThat(server.tokenRequests()).isEqualTo(2); // the rejected one is not used again
    }

    @Test
    void ofOneShotAreSentTwiceOnlyIfSomebodyVouchesForThem() {
        api.rejectNext(1);

        Mono<String> answer = client.post()
                .uri("/echo")
                .attribute(BearerTokenFilter.REPLAYABLE, true)
                .body(Flux.just("a", "b"), String.class)
                .retrieve()
                .bodyToMono(String.class);

        assertThat(answer(answer)).contains("\"length\":2");
        assertThat(api.requests()).isEqualTo(2);
    }

    @Test
    void healAThousandRequestsWithOneRenewal() {
        try (var many = ConnectionProviderOf.size(50)) {
            WebClient wide = client(http -> HttpClient.create(many.provider()));
            answer(wide.get().uri("/me").retrieve().bodyToMono(String.class));
            server.revokeAccessTokens();

            StepVerifier.create(Flux.range(0, 1000)
                            .flatMap(i -> wide.get().uri("/me").retrieve().toBodilessEntity(), 1000)
                            .count())
                    .expectNext(1000L)
                    .expectComplete()
                    .verify(Duration.ofSeconds(30));

            assertThat(server.tokenRequests()).isEqualTo(2);
            assertThat(server.refreshTokensPresentedTwice()).isZero();
        }
    }

    private record ConnectionProviderOf(ConnectionProvider provider) implements AutoCloseable {
        static ConnectionProviderOf size(int connections) {
            return new ConnectionProviderOf(ConnectionProvider.builder("many")
                    .maxConnections(connections)
                    .pendingAcquireMaxCount(-1)
                    .build());
        }

        @Override
        public void close() {
            provider.dispose();
        }
    }

    @RepeatedTest(3)
    void leakNothing() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        assertThat(ResourceLeakDetectorFactory.instance().newResourceLeakDetector(ByteBuf.class))
                .isInstanceOf(RecordingLeakDetector.class);
        Stream.concat(replayable.stream(), notReplayable.stream()).forEach(body -> {
            api.rejectNext(1);
            answer(post(body.body()));
            tokens.reset();
        });
        assertThat(RecordingLeakDetector.reports()).isEmpty();

        cancelled();

        assertThat(RecordingLeakDetector.reports())
                .hasSizeLessThanOrEqualTo(RecordingLeakDetector.LOST_BY_REACTOR_NETTY);
    }

    /**
     * Leaves at another moment each time, so before, during and after the exchange. Leaving closes a connection, and a
     * request that the pool has just given it then hears of a premature close.
     */
    private void cancelled() {
        api.latency(Duration.ofMillis(2));
        for (int i = 0; i < 30; i++) {
            api.rejectNext(i % 2);
            StepVerifier.create(post(BodyInserters.fromValue("text"))
                            .timeout(Duration.ofMillis(i / 3), Mono.empty())
                            .onErrorComplete(WebClientRequestException.class))
                    .thenConsumeWhile(text -> true)
                    .expectComplete()
                    .verify(FIVE_SECONDS);
        }
        api.latency(Duration.ZERO);
        api.rejectNext(0);
        assertThat(answer(post(BodyInserters.fromValue("text"))
                        .retryWhen(Retry.max(5).filter(WebClientRequestException.class::isInstance))))
                .startsWith("200");
    }
}
