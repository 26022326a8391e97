package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** The whole of core against an HTTP server that answers as the documentation of the Comply One API shows. */
class ComplyOneTests {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private final TestTime time = new TestTime();

    @StartStop
    final MockWebServer server = new MockWebServer();

    private TokenSource tokens =
            TokenSource.fixed(Token.of("none", List.of(), java.time.Instant.EPOCH, java.time.Instant.EPOCH));

    @BeforeEach
    void connect() {
        URI uri = server.url("/auth/connect/token").uri();
        TokenEndpoint endpoint = TokenEndpoint.builder(uri)
                .clientAuthentication(ClientAuthentication.clientSecretPost("your_client_id", "your_client_secret"))
                .build();
        List<String> scopes = List.of("email", "resources_stems_api");
        tokens = TokenSource.builder(endpoint, new PasswordGrant("john.smith@contoso.com", "P4ssw0rd", scopes))
                .clock(time.clock)
                .resumeOn(Schedulers.parallel())
                .build();
    }

    private void answer(int status, String json) {
        server.enqueue(new MockResponse.Builder()
                .code(status)
                .setHeader("Content-Type", "application/json")
                .body(json)
                .build());
    }

    private void answerToken(String accessToken, String refreshToken) {
        answer(200, """
                {
                "access_token": "%s",
                "expires_in": 1800,
                "token_type": "Bearer",
                "refresh_token": "%s"
                }""".formatted(accessToken, refreshToken));
    }

    private String form() throws InterruptedException {
        RecordedRequest request = server.takeRequest();
        return String.valueOf(
                request.getBody() == null ? null : request.getBody().utf8());
    }

    @Test
    void asksAndReadsAsDocumented() throws Exception {
        answerToken("ad8e51c5a981bb821cfd77cc52154ad0", "a497b7a990bbff512fe90efd395d09fa");

        tokens.token()
                .as(StepVerifier::create)
                .assertNext(token -> {
                    assertThat(token.value()).isEqualTo("ad8e51c5a981bb821cfd77cc52154ad0");
                    assertThat(token.authorization()).isEqualTo("Bearer ad8e51c5a981bb821cfd77cc52154ad0");
                    assertThat(token.scopes()).containsExactly("email", "resources_stems_api");
                    assertThat(Duration.between(token.issuedAt(), token.expiresAt()))
                            .isEqualTo(Duration.ofMinutes(30));
                })
                .expectComplete()
                .verify(BOUND);

        RecordedRequest request = server.takeRequest();
        assertThat(request.getMethod()).isEqualTo("POST");
        assertThat(request.getUrl().encodedPath()).isEqualTo("/auth/connect/token");
        assertThat(request.getHeaders().get("Accept")).isEqualTo("application/json");
        assertThat(request.getHeaders().get("Content-Type")).isEqualTo("application/x-www-form-urlencoded");
        assertThat(request.getBody()).isNotNull();
        assertThat(request.getBody().utf8().split("&"))
                .containsExactlyInAnyOrder(
                        "grant_type=password",
                        "username=john.smith%40contoso.com",
                        "client_id=your_client_id",
                        "client_secret=your_client_secret",
                        "scope=email+resources_stems_api",
                        "password=P4ssw0rd");
    }

    @Test
    void sendsOneRequestForAThousandConcurrentSubscribers() {
        answerToken("access-1", "refresh-1");

        Flux.range(0, 1_000)
                .flatMap(i -> tokens.token().subscribeOn(Schedulers.boundedElastic()), 1_000)
                .map(Token::value)
                .distinct()
                .as(StepVerifier::create)
                .expectNext("access-1")
                .expectComplete()
                .verify(BOUND);

        assertThat(server.getRequestCount()).isEqualTo(1);
    }

    @Test
    void refreshesAtExpiry() throws Exception {
        answerToken("access-1", "refresh-1");
        answerToken("access-2", "refresh-2");
        tokens.token().block(BOUND);
        form();
        time.advance(Duration.ofMinutes(30));

        tokens.token()
                .map(Token::value)
                .as(StepVerifier::create)
                .expectNext("access-2")
                .expectComplete()
                .verify(BOUND);

        assertThat(form().split("&"))
                .containsExactlyInAnyOrder(
                        "grant_type=refresh_token",
                        "refresh_token=refresh-1",
                        "client_id=your_client_id",
                        "client_secret=your_client_secret");
    }

    @Test
    void logsInOnceInTheSameCallWhenTheRefreshIsRefused() throws Exception {
        answerToken("access-1", "refresh-1");
        answer(400, "{\"error\":\"invalid_grant\"}");
        answerToken("access-3", "refresh-3");
        tokens.token().block(BOUND);
        time.advance(Duration.ofMinutes(30));

        tokens.token()
                .map(Token::value)
                .as(StepVerifier::create)
                .expectNext("access-3")
                .expectComplete()
                .verify(BOUND);

        assertThat(server.getRequestCount()).isEqualTo(3);
        form();
        assertThat(form()).startsWith("grant_type=refresh_token&");
        assertThat(form()).startsWith("grant_type=password&");
    }

    @Test
    void tellsAWrongPasswordFromTheRest() {
        answer(400, "{\"error\":\"invalid_grant\"}");

        tokens.token()
                .as(StepVerifier::create)
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(TokenException.Rejected.class)
                        .hasMessage(
                                server.url("/auth/connect/token") + " rejected client 'your_client_id' (grant password,"
                                        + " status 400): invalid_grant; check user name and password, and whether the account is"
                                        + " locked"))
                .verify(BOUND);
    }

    @Test
    void spreadsTheConnectionsOfThoseWhoWaitedOverTheLoops() {
        answerToken("access-1", "refresh-1");
        reactor.netty.DisposableServer api = reactor.netty.http.server.HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> response.sendString(Mono.just("ok")))
                .bindNow(BOUND);
        reactor.netty.http.client.HttpClient client =
                reactor.netty.http.client.HttpClient.newConnection().baseUrl("http://127.0.0.1:" + api.port());

        Long loops = Flux.range(0, 64)
                .flatMap(
                        i -> tokens.token()
                                .flatMap(token -> client.get()
                                        .uri("/")
                                        .responseSingle((response, body) -> body.map(
                                                text -> Thread.currentThread().getName()))),
                        64)
                .distinct()
                .count()
                .block(BOUND);
        api.disposeNow(BOUND);

        assertThat(loops).isGreaterThan(1);
    }
}
