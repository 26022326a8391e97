package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Which refresh token and which password a flight may send. */
class SharedTokenSourceRotationTests {

    private static final Duration STALE = Duration.ofSeconds(1500);
    private static final Duration ENDED = Duration.ofSeconds(1800);

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;

    static List<Arguments> refusals() {
        return List.of(
                Arguments.of(ScriptedEndpoint.rejected(400, "invalid_grant")),
                Arguments.of(ScriptedEndpoint.rejected(400, "invalid_request")),
                Arguments.of(ScriptedEndpoint.rejected(400, "unauthorized_client")),
                Arguments.of(ScriptedEndpoint.rejected(401, null)),
                Arguments.of(ScriptedEndpoint.rejected(403, null)),
                Arguments.of(ScriptedEndpoint.rejected(500, "invalid_token")));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void logsInWithinTheSameCallWhenTheRefreshIsRefused(TokenAnswer refusal) {
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.answer(request -> Mono.just(endpoint.token()), request -> Mono.just(refusal));

        assertThat(fixture.obtain().value()).isEqualTo("access-2");
        assertThat(endpoint.grants()).containsExactly("password", "refresh_token", "password");
        assertThat(fixture.events).doesNotContain("failed Rejected");
    }

    static List<Arguments> unused() {
        return List.of(
                Arguments.of(ScriptedEndpoint.unavailable(429, null)),
                Arguments.of(ScriptedEndpoint.unavailable(503, null)),
                Arguments.of(ScriptedEndpoint.rejected(400, "invalid_client")),
                Arguments.of(ScriptedEndpoint.rejected(401, "unauthorized_client")),
                Arguments.of(ScriptedEndpoint.notSent()));
    }

    @ParameterizedTest
    @MethodSource("unused")
    void keepsARefreshTokenThatTheAnswerLeavesUnused(TokenAnswer answer) {
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.answer(request -> Mono.just(endpoint.token()), request -> Mono.just(answer));
        fixture.failure();
        endpoint.answerTokens();
        fixture.time.advance(Duration.ofMinutes(6));

        fixture.obtain();

        assertThat(endpoint.requests("password")).isEqualTo(1);
        assertThat(endpoint.last().first("refresh_token")).isEqualTo("refresh-1");
    }

    static List<Arguments> losses() {
        return List.of(
                Arguments.of(ScriptedEndpoint.lost()),
                Arguments.of(ScriptedEndpoint.unavailable(500, null)),
                Arguments.of(ScriptedEndpoint.unavailable(502, null)),
                Arguments.of(ScriptedEndpoint.unavailable(504, null)),
                Arguments.of(ScriptedEndpoint.unavailable(408, null)),
                Arguments.of(ScriptedEndpoint.malformed()),
                Arguments.of(ScriptedEndpoint.empty()));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void neverPresentsARefreshTokenAgainWhoseAnswerWasLost(TokenAnswer loss) {
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.answer(request -> Mono.just(endpoint.token()), request -> Mono.just(loss));

        fixture.failure();
        fixture.time.advance(Duration.ofSeconds(15));
        fixture.obtain();

        assertThat(endpoint.grants()).containsExactly("password", "refresh_token", "password");
        assertThat(endpoint.presentedTwice()).isEmpty();
    }

    @Test
    void dropsARefreshTokenWhoseFlightRanOutOfTime() {
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.hang();
        fixture.token().subscribe(token -> {}, error -> {});

        fixture.time.advance(Duration.ofSeconds(16));
        endpoint.answerTokens();
        fixture.time.advance(Duration.ofSeconds(15));
        fixture.obtain();

        assertThat(endpoint.grants()).containsExactly("password", "refresh_token", "password");
    }

    @Test
    void triesAConnectionOnceMore() {
        endpoint.answerWith(ScriptedEndpoint.notSent());

        assertThat(fixture.failure()).isInstanceOf(TokenException.Unavailable.class);

        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void triesAnEmptyAnswerOnceMoreUnlessItIsToAPassword() {
        fixture.grant = new ClientCredentialsGrant(List.of());
        endpoint.answerWith(ScriptedEndpoint.empty());

        assertThat(fixture.failure()).isInstanceOf(TokenException.Malformed.class);

        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void sendsOnePasswordForAUsableTokenAndTheNextAtItsEnd() {
        endpoint.rotating = false;
        fixture.obtain();
        fixture.time.advance(STALE);
        endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));

        for (int second = 1500; second < 1799; second++) {
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(1));
        }
        assertThat(endpoint.grants()).containsExactly("password", "password");
        endpoint.answerTokens();
        fixture.time.advance(Duration.ofSeconds(2));

        assertThat(fixture.obtain().value()).isEqualTo("access-2");
    }

    @Test
    void repeatsNoEmptyAnswerToAPasswordWhileATokenIsUsable() {
        endpoint.rotating = false;
        fixture.obtain();
        fixture.time.advance(STALE);
        endpoint.answerWith(ScriptedEndpoint.empty());

        fixture.obtain();

        assertThat(endpoint.requests("password")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"client_assertion", "client_assertion_type", "client_secret", "client_id"})
    void logsInAgainWhenTheGrantProvedTheClientAndTheRefreshCannot(String proof) {
        fixture.grant = () -> Mono.just(TokenRequest.of("urn:ietf:params:oauth:grant-type:jwt-bearer")
                .with("assertion", "user")
                .with(proof, "client"));
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.answer(
                login -> Mono.just(endpoint.token()),
                refresh -> Mono.just(ScriptedEndpoint.rejected(401, "invalid_client")));

        assertThat(fixture.obtain().value()).isEqualTo("access-2");
        fixture.time.advance(ENDED);
        assertThat(fixture.obtain().value()).isEqualTo("access-3");

        assertThat(endpoint.requests("refresh_token")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"400,invalid_client", "401,invalid_client", "401,unauthorized_client"})
    void logsInAgainWhateverTheRefusalOfAnUnknownClientLooksLike(int status, String error) {
        fixture.grant = () -> Mono.just(TokenRequest.of("custom").with("client_assertion", "client"));
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.answer(
                login -> Mono.just(endpoint.token()), refresh -> Mono.just(ScriptedEndpoint.rejected(status, error)));

        assertThat(fixture.obtain().value()).isEqualTo("access-2");
    }

    @Test
    void keepsTheRefreshTokenWhenTheServerKnowsTheClientInNoWay() {
        fixture.grant = () -> Mono.just(TokenRequest.of("custom").with("client_assertion", "client"));
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.answerWith(ScriptedEndpoint.rejected(401, "invalid_client"));
        assertThat(fixture.failure()).isInstanceOf(TokenException.Rejected.class);
        endpoint.answerTokens();
        fixture.time.advance(Duration.ofMinutes(1));

        fixture.obtain();

        assertThat(endpoint.last().first("refresh_token")).isEqualTo("refresh-1");
    }

    @Test
    void stopsAtInvalidClientWhereTheRefreshSaysTheSameOfTheClient() {
        fixture.settings = RefreshSettings.defaults().withParameters(Map.of("client_id", List.of("value")));
        fixture.grant = () -> Mono.just(TokenRequest.of("custom").with("client_id", "value"));
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.answer(
                login -> Mono.just(endpoint.token()),
                refresh -> Mono.just(ScriptedEndpoint.rejected(401, "invalid_client")));

        assertThat(fixture.failure()).isInstanceOf(TokenException.Rejected.class);
        assertThat(endpoint.grants()).containsExactly("custom", "refresh_token");
    }

    @Test
    void hasTheScopesThatARefreshAskedFor() {
        fixture.settings = RefreshSettings.defaults().withParameters(Map.of("scope", List.of("email")));
        assertThat(fixture.obtain().scopes()).containsExactly("email", "offline_access");
        fixture.time.advance(ENDED);

        assertThat(fixture.obtain().scopes()).containsExactly("email");
    }

    @Test
    void keepsARefreshTokenThatASlowConnectNeverSentWhenTheFlightsTimeIsOver() {
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.answer(request -> {
            Duration connecting = endpoint.lastWithin.compareTo(Duration.ofSeconds(10)) < 0
                    ? endpoint.lastWithin
                    : Duration.ofSeconds(10);
            return Mono.just(ScriptedEndpoint.notSent()).delayElement(connecting, fixture.time.timer);
        });
        List<Throwable> failures = new ArrayList<>();
        fixture.token().subscribe(token -> {}, failures::add);
        fixture.time.advance(Duration.ofSeconds(15));
        assertThat(failures).singleElement().isInstanceOf(TokenException.Unavailable.class);
        endpoint.answerTokens();
        fixture.time.advance(Duration.ofSeconds(5));

        fixture.obtain();

        assertThat(endpoint.grants()).containsExactly("password", "refresh_token", "refresh_token", "refresh_token");
        assertThat(endpoint.last().first("refresh_token")).isEqualTo("refresh-1");
    }

    @Test
    void tellsATransportHowMuchTimeIsLeft() {
        fixture.obtain();
        assertThat(endpoint.lastWithin).isEqualTo(Duration.ofMillis(14_900));
        fixture.time.advance(ENDED);
        endpoint.answer(request ->
                Mono.just(ScriptedEndpoint.notSent()).delayElement(Duration.ofSeconds(10), fixture.time.timer));
        fixture.token().subscribe(token -> {}, error -> {});

        fixture.time.advance(Duration.ofSeconds(10));

        assertThat(endpoint.lastWithin).isEqualTo(Duration.ofMillis(4_900));
    }

    @Test
    void stopsAtInvalidClientWithoutALogin() {
        fixture.obtain();
        fixture.time.advance(ENDED);
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_client"));

        assertThat(fixture.failure()).isInstanceOf(TokenException.Rejected.class);

        assertThat(endpoint.grants()).containsExactly("password", "refresh_token");
    }

    @Test
    void ignoresARefreshTokenOfTheClientCredentialsGrant() {
        fixture.grant = new ClientCredentialsGrant(List.of("email"));
        fixture.obtain();
        fixture.time.advance(ENDED);

        fixture.obtain();

        assertThat(endpoint.grants()).containsExactly("client_credentials", "client_credentials");
    }
}
