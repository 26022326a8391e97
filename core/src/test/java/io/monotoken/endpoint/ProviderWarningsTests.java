package io.monotoken.endpoint;

import static io.monotoken.endpoint.Exchanges.answer;
import static io.monotoken.endpoint.Exchanges.json;
import static io.monotoken.endpoint.Exchanges.uri;
import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.CapturedLog;
import io.monotoken.PasswordGrant;
import io.monotoken.TokenRequest;
import io.monotoken.TokenSource;
import java.util.List;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What works and is still worth a warning, once. */
class ProviderWarningsTests {

    private static final TokenRequest LOGIN =
            TokenRequest.of("password").with("password", "P4ssw0rd").with("scope", "email offline_access");

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private final CapturedLog log = CapturedLog.warningsOf(TokenEndpoint.class);

    @AfterEach
    void stopListening() {
        log.close();
    }

    private List<String> warningsAfterTwo(TokenRequest request, String body) {
        TokenEndpoint endpoint = Exchanges.endpoint(uri(server));
        for (int i = 0; i < 2; i++) {
            server.enqueue(json(body));
            answer(endpoint, request);
        }
        return log.messages().stream()
                .map(message -> message.replace(uri(server) + ": client 'your_client_id' ", ""))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"access_token":"t"}                       | gets tokens without expires_in; the default lifetime counts
                    {"access_token":"t","expires_in":null}     | gets tokens without expires_in; the default lifetime counts
                    {"access_token":"t","expires_in":"soon"}   | gets tokens whose expires_in is no number; the default lifetime counts
                    {"access_token":"t","expires_in":"1d"}     | gets tokens whose expires_in is no number; the default lifetime counts
                    {"access_token":"t","expires_in":1e400}    | gets tokens whose expires_in is no number; the default lifetime counts
                    {"access_token":"t","expires_at":"soon"}   | gets tokens whose expires_in is no number; the default lifetime counts
                    {"access_token":"t","expires_in":[60]}     | gets tokens whose expires_in is no number; the default lifetime counts
                    {"access_token":"t","expires_in":-1}       | gets tokens whose expires_in is negative; they are used once and not kept
                    {"access_token":"t","expires_in":"-0.5"}   | gets tokens whose expires_in is negative; they are used once and not kept
                    """)
    void warnsOnceOfALifetimeThatSaysLittle(String body, String warning) {
        assertThat(warningsAfterTwo(Exchanges.CLIENT, body)).containsExactly(warning);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"access_token\":\"t\",\"expires_in\":60}",
                "{\"access_token\":\"t\",\"expires_in\":0}",
                "{\"access_token\":\"t\",\"expires_on\":1767229200}",
                "{\"access_token\":\"t\",\"expires_in\":\"1h\",\"expires_on\":\"1767229200\"}",
                "{\"access_token\":\"t\",\"expires_in\":\"60\"}"
            })
    void saysNothingOfALifetimeThatSaysEnough(String body) {
        assertThat(warningsAfterTwo(Exchanges.CLIENT, body)).isEmpty();
    }

    @Test
    void warnsOnceOfFewerScopesThanAskedFor() {
        TokenRequest request = TokenRequest.of("client_credentials").with("scope", "read write delete");

        assertThat(warningsAfterTwo(request, "{\"access_token\":\"t\",\"expires_in\":60,\"scope\":\"read more\"}"))
                .containsExactly("did not get the scopes [write, delete]; check what the client is registered for");
    }

    @Test
    void saysNothingOfScopesThatTheAnswerDoesNotName() {
        TokenRequest request = TokenRequest.of("client_credentials").with("scope", "read");

        assertThat(warningsAfterTwo(request, "{\"access_token\":\"t\",\"expires_in\":60}"))
                .isEmpty();
    }

    @Test
    void warnsOnceOfARefreshTokenThatDidNotCome() {
        assertThat(warningsAfterTwo(LOGIN, "{\"access_token\":\"t\",\"expires_in\":60}"))
                .containsExactly("asked for offline_access and got no refresh token: every renewal is a login; check"
                        + " what the client is registered for");
    }

    @Test
    void saysNothingOfARefreshTokenThatCame() {
        assertThat(warningsAfterTwo(
                        LOGIN,
                        "{\"access_token\":\"t\",\"expires_in\":60,\"refresh_token\":\"r\",\"scope\":\"email\"}"))
                .isEmpty();
    }

    @Test
    void warnsOnceOfATokenThatManyServersDoNotTake() {
        String body = "{\"access_token\":\"" + "t".repeat(8 * 1024 + 1) + "\",\"expires_in\":60}";

        assertThat(warningsAfterTwo(Exchanges.CLIENT, body))
                .containsExactly("got a token of 8193 bytes; many servers refuse headers above 8192");
    }

    @Test
    void warnsOfWhatStemsAccountsWouldMisunderstandWhenASourceIsBuilt() {
        TokenEndpoint endpoint = StemsAccounts.endpoint()
                .clientAuthentication(ClientAuthentication.clientSecretBasic("c".repeat(101), "s".repeat(102)))
                .build();
        TokenSource.builder(
                        endpoint,
                        new PasswordGrant("u".repeat(103), "p".repeat(104), List.of("x".repeat(150), "y".repeat(150))))
                .build()
                .close();

        assertThat(log.messages())
                .hasSize(5)
                .allSatisfy(message -> assertThat(message)
                        .startsWith("https://accounts.stems.com.au/auth/connect/token: client 'ccc")
                        .matches(
                                ".* has a (client_id of 101|client_secret of 102|username of 103|password of 104|scope of 301)"
                                        + " characters, and the server takes (100|300): it will answer with an error that does not say"
                                        + " so; check what the value was copied from"));
    }

    @Test
    void saysNothingOfWhatStemsAccountsTakes() {
        TokenEndpoint endpoint = StemsAccounts.endpoint()
                .clientAuthentication(ClientAuthentication.clientSecretPost("c".repeat(100), "s".repeat(100)))
                .build();
        TokenSource.builder(endpoint, new PasswordGrant("u".repeat(100), "p".repeat(100), List.of("x".repeat(300))))
                .build()
                .close();

        assertThat(log.messages()).isEmpty();
    }

    @Test
    void warnsOfASuppliedPasswordWhenItIsSent() {
        server.enqueue(json("{\"access_token\":\"t\",\"expires_in\":60}"));
        TokenEndpoint endpoint = StemsAccounts.endpointAt(uri(server))
                .clientAuthentication(ClientAuthentication.clientSecretPost("client", "secret"))
                .build();

        answer(endpoint, TokenRequest.of("password").with("password", "p".repeat(101)));

        assertThat(log.messages()).singleElement().asString().contains("has a password of 101 characters");
    }
}
