package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.monotoken.endpoint.Exchanges;
import io.monotoken.endpoint.TokenEndpoint;
import java.time.Duration;
import java.util.List;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Every line that a source logs, word for word: operators search for them. */
class SourceLogTests {

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;
    private final String source = "TokenSource[" + fixture.tokenUri + ", client 'client']";
    private final CapturedLog log = CapturedLog.of(TokenSource.class, Level.INFO);

    @StartStop
    final MockWebServer server = new MockWebServer();

    @AfterEach
    void stopListening() {
        log.close();
    }

    @Test
    void warnsOnceOfRenewalsThatFailWhileTheTokenIsInUse() {
        fixture.obtain();
        endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
        fixture.time.advance(Duration.ofSeconds(1_500));
        for (int i = 0; i < 5; i++) {
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(20));
        }

        assertThat(endpoint.requests()).isGreaterThan(2);
        assertThat(log.messages())
                .containsExactly(source + ": a renewal failed, and the current token stays in use: unavailable: 503");
    }

    @Test
    void warnsOfARejectedTokenThatIsGivenUp() {
        endpoint.rotating = false;
        fixture.grant = new ClientCredentialsGrant(List.of());
        Token rejected = fixture.obtain();
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_scope"));

        fixture.source().invalidate(rejected);

        assertThat(log.messages())
                .containsExactly(
                        source + ": a rejected token could not be renewed and is given up: rejected: invalid_scope");
    }

    @Test
    void warnsThatARejectedTokenStaysInUseWhenItsRenewalFails() {
        Token rejected = fixture.obtain();
        endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));

        fixture.source().invalidate(rejected);

        assertThat(log.messages())
                .containsExactly(source + ": a renewal failed, and the current token stays in use: unavailable: 503");
    }

    @Test
    void warnsOfCredentialsThatAreRefusedForGood() {
        fixture.lockOut = LockOutSettings.defaults().withAttempts(1);
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));

        fixture.failure();

        assertThat(log.messages())
                .containsExactly(source + ": credentials refused; no password is sent until they change or a reset");
    }

    @Test
    void tellsThatTokensComeAgain() {
        endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
        fixture.failure();
        endpoint.answerTokens();
        fixture.time.advance(Duration.ofSeconds(1));

        fixture.obtain();

        assertThat(log.messages()).containsExactly(source + ": tokens come again");
    }

    @Test
    void warnsOfRefusedCredentialsAndTellsThatTheyChanged() {
        String[] password = {"wrong"};
        fixture.grant =
                new PasswordGrant(Mono.fromSupplier(() -> new Credentials("ann@example.com", password[0])), List.of());
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.failure();
        password[0] = "right";
        endpoint.answerTokens();
        fixture.time.advance(Duration.ofSeconds(5));
        fixture.failure();
        fixture.obtain();

        assertThat(log.messages())
                .containsExactly(
                        source + ": credentials refused; no password is sent for 60 s unless they change",
                        source + ": the credentials have changed; logging in again");
    }

    @Test
    void warnsOfAListenerThatFails() {
        fixture.listener = new TokenListener() {
            @Override
            public void requested(String grantType) {
                throw new IllegalStateException("secret");
            }
        };

        fixture.obtain();

        assertThat(log.messages()).containsExactly("a TokenListener failed with java.lang.IllegalStateException");
    }

    @Test
    void warnsOfARefreshTokenStoreThatFails() {
        fixture.store = refreshToken -> Mono.error(new IllegalStateException(refreshToken));

        fixture.obtain();

        assertThat(log.messages())
                .containsExactly(source + ": its refresh token store failed with java.lang.IllegalStateException");
    }

    @Test
    void warnsOfARefreshTokenStoreThatTakesTooLong() {
        fixture.store = refreshToken -> Mono.never();
        fixture.token().subscribe();
        fixture.time.advance(Duration.ofSeconds(2));

        assertThat(log.messages()).containsExactly(source + ": its refresh token store is not waited for any longer");
    }

    @Test
    void tellsOfEachRequestAtDebug() {
        server.enqueue(Exchanges.json(400, "{\"error\":\"invalid_scope\"}"));
        server.enqueue(Exchanges.json(Exchanges.TOKEN));
        TokenEndpoint endpoint = Exchanges.endpoint(Exchanges.uri(server));

        try (CapturedLog transport = CapturedLog.of(transportLogger(), Level.DEBUG)) {
            Exchanges.answer(endpoint, Exchanges.CLIENT);
            Exchanges.answer(endpoint, Exchanges.CLIENT);

            String start = Exchanges.uri(server) + " grant client_credentials client 'your_client_id': ";
            assertThat(transport.messages()).hasSize(2);
            assertThat(transport.messages().get(0))
                    .matches("\\Q" + start + Exchanges.uri(server) + " rejected client 'your_client_id' (grant"
                            + " client_credentials, status 400): invalid_scope; check which scopes the client is"
                            + " registered for after \\E\\d+ ms");
            assertThat(transport.messages().get(1)).matches("\\Q" + start + "issued a token after \\E\\d+ ms");
        }
    }

    private static Class<?> transportLogger() {
        try {
            return Class.forName("io.monotoken.endpoint.HttpTokenTransport");
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
