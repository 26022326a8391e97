package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.monotoken.endpoint.Exchanges;
import io.monotoken.endpoint.RawServer;
import io.monotoken.endpoint.TokenEndpoint;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.transport.ProxyProvider;

/** A source that starts from a refresh token and never sees a password. */
class RefreshTokenGrantTests {

    private static final Duration ENDED = Duration.ofSeconds(1800);
    private static final Duration AFTER_ANY_PAUSE = Duration.ofMinutes(6);

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;
    private final AtomicReference<String> stored = new AtomicReference<>("given-1");
    private final AtomicInteger asked = new AtomicInteger();

    RefreshTokenGrantTests() {
        fixture.grant = new RefreshTokenGrant(Mono.fromSupplier(() -> {
            asked.incrementAndGet();
            return stored.get();
        }));
    }

    @Test
    void presentsWhatItWasGivenAndThenWhatTheAnswersBring() {
        fixture.obtain();
        fixture.time.advance(ENDED);

        assertThat(fixture.obtain().value()).isEqualTo("access-2");
        assertThat(endpoint.grants()).containsExactly("refresh_token", "refresh_token");
        assertThat(endpoint.last().first("refresh_token")).isEqualTo("refresh-1");
        assertThat(endpoint.last().first("scope")).isNull();
        assertThat(asked).hasValue(1);
    }

    @Test
    void keepsPresentingOneThatTheServerDoesNotRotate() {
        endpoint.rotating = false;
        fixture.obtain();
        fixture.time.advance(ENDED);

        fixture.obtain();

        assertThat(endpoint.last().first("refresh_token")).isEqualTo("given-1");
        assertThat(asked).hasValue(1);
    }

    @Test
    void doesNotPresentOneAgainWhoseAnswerWasLost() {
        endpoint.answerWith(ScriptedEndpoint.lost());
        fixture.failure();
        endpoint.answerTokens();
        fixture.time.advance(AFTER_ANY_PAUSE);

        TokenException failure = fixture.failure();

        assertThat(failure)
                .isInstanceOf(TokenException.Unavailable.class)
                .hasMessage(fixture.tokenUri + " gave client 'client' no token: the refresh token that it was given has"
                        + " been presented before and may be spent; give it a new one");
        assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void staysAliveWhenTheFlightsTimeEndsWhileItIsConnecting() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        try (RawServer proxy = RawServer.holding(socket -> {
            try {
                done.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        })) {
            TokenEndpoint behindASilentProxy = Exchanges.endpointAt(URI.create("https://idp.example/token"))
                    .connectTimeout(Duration.ofSeconds(1))
                    .timeout(Duration.ofSeconds(1))
                    .httpClient(client -> client.proxy(spec -> spec.type(ProxyProvider.Proxy.HTTP)
                            .host("127.0.0.1")
                            .port(proxy.uri().getPort())))
                    .build();
            TokenSource tokens = TokenSource.builder(behindASilentProxy, new RefreshTokenGrant("given"))
                    .refresh(RefreshSettings.defaults()
                            .withTimeout(Duration.ofMillis(1_300))
                            .withCredentialsTimeout(Duration.ofMillis(100)))
                    .build();

            for (int i = 0; i < 2; i++) {
                assertThat(Objects.requireNonNull(tokens.token()
                                .map(Token::value)
                                .onErrorResume(error -> Mono.just(String.valueOf(error.getMessage())))
                                .block(SourceFixture.BOUND)))
                        .contains("no token: not connected within ");
                tokens.reset();
            }
            tokens.close();
        } finally {
            done.countDown();
        }
    }

    @Test
    void saysWhatTheServerSaidOfOneThatItRefuses() {
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));

        assertThat(fixture.failure()).isInstanceOf(TokenException.Rejected.class);
        assertThat(fixture.failure().error()).contains("invalid_grant");
        assertThat(endpoint.requests()).isEqualTo(1);
        assertThat(fixture.source().state().phase()).isEqualTo(TokenSourceState.Phase.FAILING);
    }

    @Test
    void asksItsSupplierAgainWithinTheCallWhoseRefreshIsRefused() {
        fixture.obtain();
        fixture.time.advance(ENDED);
        stored.set("given-2");
        endpoint.answer(request -> "refresh-1".equals(request.first("refresh_token"))
                ? Mono.just(ScriptedEndpoint.rejected(400, "invalid_grant"))
                : Mono.just(endpoint.token()));

        assertThat(fixture.obtain().value()).isEqualTo("access-2");
        assertThat(endpoint.last().first("refresh_token")).isEqualTo("given-2");
    }

    @Test
    void doesNotPresentWhatItsStoreGotFromItself() {
        fixture.store = rotated -> Mono.fromRunnable(() -> stored.set(rotated));
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));

        TokenException failure = fixture.failure();

        assertThat(failure.error()).contains("invalid_grant");
        assertThat(endpoint.presentedTwice()).isEmpty();
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void triesOneOfItsSupplierInACall() {
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.grant = new RefreshTokenGrant(Mono.fromSupplier(() -> "given-" + asked.incrementAndGet()));

        fixture.failure();

        assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void keepsOneThatTheServerDidNotLookAt() {
        endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
        fixture.failure();
        endpoint.answerTokens();
        fixture.time.advance(AFTER_ANY_PAUSE);

        fixture.obtain();

        assertThat(endpoint.last().first("refresh_token")).isEqualTo("given-1");
        assertThat(asked).hasValue(1);
    }

    @Test
    void presentsOneOnceThoughTwoSourcesShareTheGrant() {
        SourceFixture sibling = fixture.sibling();
        sibling.grant = fixture.grant;
        fixture.obtain();

        sibling.failure();

        assertThat(sibling.endpoint.requests()).isZero();
    }

    @Test
    void failsWithoutAnythingSentWhenItsSupplierHasNone() {
        fixture.grant = new RefreshTokenGrant(Mono.empty());

        assertThat(fixture.failure())
                .hasMessage(fixture.tokenUri + " gave client 'client' no token: its credentials were empty");
        assertThat(endpoint.requests()).isZero();
    }

    @Test
    void sendsTheParametersOfTheRefreshGrant() {
        fixture.settings = RefreshSettings.defaults()
                .withParameters(Map.of("resource", List.of("https://a.example", "https://b.example")));

        fixture.obtain();

        assertThat(endpoint.last().fields())
                .containsExactly(
                        Map.entry("grant_type", "refresh_token"),
                        Map.entry("refresh_token", "given-1"),
                        Map.entry("resource", "https://a.example"),
                        Map.entry("resource", "https://b.example"));
    }

    @Test
    void refusesOneThatWasReadWithItsLineEnd() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RefreshTokenGrant("token\n"))
                .withMessage(
                        "refreshToken must not be blank or contain control characters; was it read from a file with"
                                + " its last line end?");
    }
}
