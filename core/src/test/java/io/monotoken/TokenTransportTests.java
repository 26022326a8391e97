package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.monotoken.TokenSourceState.Phase;
import io.monotoken.elsewhere.BlockingSdk;
import io.monotoken.elsewhere.BlockingSdk.SdkToken;
import io.monotoken.elsewhere.JsonEndpoint;
import io.monotoken.elsewhere.MetadataServer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;

/** A source does for anybody's transport what it does for a token endpoint; the transports know nothing of that. */
class TokenTransportTests {

    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final Duration STALE = Duration.ofSeconds(2_900);
    private static final Duration EXPIRED = Duration.ofSeconds(3_600);

    private final TestTime time = new TestTime();
    private final Sinks.Many<String> renewed = Sinks.many().replay().all();

    @StartStop
    final MockWebServer server = new MockWebServer();

    private TokenSource source(TokenSource.Builder builder) {
        return builder.clock(time.clock)
                .listener(new TokenListener() {
                    @Override
                    public void obtained(Token token, Duration took) {
                        renewed.tryEmitNext(token.value());
                    }
                })
                .build();
    }

    private void awaitObtained(String value) {
        renewed.asFlux().filter(value::equals).blockFirst(BOUND);
    }

    private static String obtain(TokenSource tokens) {
        return Objects.requireNonNull(tokens.token().block(BOUND)).value();
    }

    private static List<String> crowd(TokenSource tokens) {
        return Objects.requireNonNull(Flux.range(0, 1_000)
                .flatMap(i -> tokens.token().subscribeOn(Schedulers.boundedElastic()), 1_000)
                .map(Token::value)
                .distinct()
                .collectList()
                .block(BOUND));
    }

    private void answer(int status, String json) {
        server.enqueue(new MockResponse.Builder().code(status).body(json).build());
    }

    @Nested
    class AMetadataServer {

        private TokenSource tokens = TokenSource.fixed("none");

        @BeforeEach
        void connect() {
            tokens = source(TokenSource.builder(new MetadataServer(
                    HttpClient.newConnection(), server.url("/metadata/token").uri())));
        }

        private void answerToken(String value) {
            answer(
                    200,
                    "{\"access_token\":\"" + value + "\",\"expires_on\":\""
                            + Instant.now().plusSeconds(3_600).getEpochSecond() + "\"}");
        }

        @Test
        void isWhereItsSourceSaysThatTokensComeFrom() {
            assertThat(tokens.tokenUri())
                    .isEqualTo(server.url("/metadata/token").uri());
            assertThat(TokenSource.fixed("a-token").tokenUri()).isNull();
        }

        @Test
        void isAskedOnceForAThousandCallers() throws InterruptedException {
            answerToken("first");

            assertThat(crowd(tokens)).containsExactly("first");

            assertThat(server.getRequestCount()).isEqualTo(1);
            RecordedRequest request = server.takeRequest();
            assertThat(request.getMethod()).isEqualTo("GET");
            assertThat(request.getHeaders().get("Metadata")).isEqualTo("true");
        }

        @Test
        void isAskedAheadOfExpiryWhileCallersGetTheCurrentToken() {
            answerToken("first");
            answerToken("second");
            obtain(tokens);
            time.advance(STALE);

            assertThat(obtain(tokens)).isEqualTo("first");

            awaitObtained("second");
            assertThat(obtain(tokens)).isEqualTo("second");
        }

        @Test
        void isLeftInPeaceAfterAFailure() {
            answer(503, "");
            tokens.token().onErrorComplete().block(BOUND);

            for (int i = 0; i < 100; i++) {
                tokens.token().onErrorComplete().block(BOUND);
            }

            assertThat(server.getRequestCount()).isEqualTo(1);
            assertThat(tokens.state().phase()).isEqualTo(Phase.FAILING);
            answerToken("second");
            time.advance(Duration.ofSeconds(1));
            assertThat(obtain(tokens)).isEqualTo("second");
        }

        @Test
        void isAskedAgainForATokenThatAnApiRejected() {
            answerToken("first");
            answerToken("second");
            Token rejected = Objects.requireNonNull(tokens.token().block(BOUND));

            assertThat(tokens.invalidate(rejected)).isTrue();

            assertThat(obtain(tokens)).isEqualTo("second");
        }
    }

    @Nested
    class AnotherSdk {

        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicBoolean broken = new AtomicBoolean();
        private final Set<String> threads = ConcurrentHashMap.newKeySet();
        private final TokenSource tokens =
                source(TokenSource.builder(new BlockingSdk(URI.create("sdk:cloud"), this::blockingCall)));

        private SdkToken blockingCall() {
            threads.add(Thread.currentThread().getName());
            int call = calls.incrementAndGet();
            if (broken.get()) {
                throw new IllegalStateException("no such identity");
            }
            return new SdkToken("sdk-" + call, Duration.ofHours(1));
        }

        @Test
        void isCalledOnceForAThousandCallersOnAThreadThatMayBlock() {
            assertThat(crowd(tokens)).containsExactly("sdk-1");

            assertThat(calls).hasValue(1);
            assertThat(threads).singleElement().asString().startsWith("monotoken-blocking-");
        }

        @Test
        void isCalledAheadOfExpiry() {
            obtain(tokens);
            time.advance(STALE);

            assertThat(obtain(tokens)).isEqualTo("sdk-1");

            awaitObtained("sdk-2");
        }

        @Test
        void isNotCalledForEachCallerWhileItFails() {
            broken.set(true);

            for (int i = 0; i < 100; i++) {
                assertThat(tokens.token()
                                .map(Token::value)
                                .onErrorResume(error -> Mono.just(String.valueOf(error.getMessage())))
                                .block(BOUND))
                        .isEqualTo("sdk:cloud gave no token: the token client failed with"
                                + " java.lang.IllegalStateException");
            }

            assertThat(calls).hasValue(1);
            broken.set(false);
            time.advance(Duration.ofSeconds(1));
            assertThat(obtain(tokens)).isEqualTo("sdk-2");
        }

        @Test
        void isCalledAgainForATokenThatAnApiRejected() {
            Token rejected = Objects.requireNonNull(tokens.token().block(BOUND));

            assertThat(tokens.invalidate(rejected)).isTrue();

            assertThat(obtain(tokens)).isEqualTo("sdk-2");
        }
    }

    @Nested
    class AnEndpointThatWantsJson {

        private TokenSource tokens = TokenSource.fixed("none");

        @BeforeEach
        void connect() {
            tokens = source(TokenSource.builder(
                    new JsonEndpoint(
                            HttpClient.newConnection(), server.url("/token").uri(), "client", "secret"),
                    new PasswordGrant("ann", "P4ssw0rd", List.of("email"))));
        }

        private void answerToken(int n) {
            answer(
                    200,
                    "{\"access_token\":\"access-" + n + "\",\"expires_in\":3600,\"refresh_token\":\"refresh-" + n
                            + "\"}");
        }

        private String body() throws InterruptedException {
            RecordedRequest request = server.takeRequest();
            return request.getBody() == null ? "" : request.getBody().utf8();
        }

        @Test
        void getsLoginsAndRefreshesAsJson() throws InterruptedException {
            answerToken(1);
            answerToken(2);
            obtain(tokens);
            time.advance(EXPIRED);

            assertThat(obtain(tokens)).isEqualTo("access-2");

            assertThat(body())
                    .isEqualTo("{\"grant_type\":\"password\",\"username\":\"ann\",\"password\":\"P4ssw0rd\",\"scope\":"
                            + "\"email\",\"client_id\":\"client\",\"client_secret\":\"secret\"}");
            assertThat(body())
                    .isEqualTo("{\"grant_type\":\"refresh_token\",\"refresh_token\":\"refresh-1\",\"client_id\":"
                            + "\"client\",\"client_secret\":\"secret\"}");
        }

        @Test
        void isGuardedAgainstAWrongPassword() {
            answer(400, "{\"error\":\"invalid_grant\"}");

            for (int i = 0; i < 100; i++) {
                tokens.token().onErrorComplete().block(BOUND);
            }

            assertThat(server.getRequestCount()).isEqualTo(1);
            assertThat(tokens.state().phase()).isEqualTo(Phase.GUARDED);
            tokens.reset();
        }

        @Test
        void neverGetsARefreshTokenAgainWhoseAnswerWasLost() throws InterruptedException {
            answerToken(1);
            server.enqueue(new MockResponse.Builder()
                    .onResponseStart(new SocketEffect.CloseSocket())
                    .build());
            answerToken(3);
            obtain(tokens);
            time.advance(EXPIRED);
            tokens.token().onErrorComplete().block(BOUND);
            time.advance(Duration.ofSeconds(10));

            assertThat(obtain(tokens)).isEqualTo("access-3");

            body();
            assertThat(body()).contains("refresh-1");
            assertThat(body()).contains("\"grant_type\":\"password\"");
        }
    }

    @Nested
    class Deliveries {

        private final SourceFixture fixture = new SourceFixture();
        private final ScriptedEndpoint endpoint = fixture.endpoint;

        @Test
        void takesAnErrorSignalForSentAndUnanswered() {
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(1_800));
            endpoint.answer(request -> Mono.error(new IllegalStateException("broken")));
            fixture.failure();
            endpoint.answerTokens();
            fixture.time.advance(Duration.ofSeconds(20));

            fixture.obtain();

            assertThat(endpoint.grants()).containsExactly("password", "refresh_token", "password");
        }

        @Test
        void notifiesListenersOfARequestThatEndsWithoutAnAnswer() {
            endpoint.answer(request -> Mono.empty());

            fixture.failure();

            assertThat(fixture.answers).containsExactly("password Unavailable 0");
        }

        @Test
        void letsATransportRefuseWhatASourceIsBuiltFrom() {
            TokenTransport strict = new TokenTransport() {
                @Override
                public Mono<TokenAnswer> send(TokenRequest request) {
                    return Mono.never();
                }

                @Override
                public URI uri() {
                    return URI.create("https://idp.example/token?key=secret");
                }

                @Override
                public void validate(Grant grant, RefreshSettings refresh) {
                    throw new IllegalArgumentException("not with " + grant);
                }
            };

            assertThat(strict.name()).isEqualTo("https://idp.example/token");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TokenSource.builder(strict, new ClientCredentialsGrant(List.of()))
                            .build())
                    .withMessage("not with ClientCredentialsGrant[scopes=[], parameters=[]]");
        }

        @Test
        void refusesATokenThatFitsNoHeader() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TokenResponse.builder("to ken"))
                    .withMessage("accessToken must be visible ASCII without spaces, to fit a header");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TokenResponse.builder("token").refreshToken("re\nfresh"))
                    .withMessage("refreshToken must be visible ASCII and spaces");
        }
    }
}
