package io.monotoken.testing;

import static io.monotoken.testing.PlainClient.granted;
import static io.monotoken.testing.PlainClient.post;
import static io.monotoken.testing.PlainClient.send;
import static io.monotoken.testing.PlainClient.tokenRequest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monotoken.testing.PlainClient.Form;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A token server as it starts without settings: what RFC 6749 says, and nothing of one provider. */
class AnyProviderTests {

    private static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

    private final StandInTokenServer server = StandInTokenServer.start();

    @AfterEach
    void close() {
        server.close();
    }

    private static Form form(String grantType) {
        return new Form(Map.of())
                .with("grant_type", grantType)
                .with("client_id", "test-client")
                .with("client_secret", "test-secret");
    }

    private static Form login() {
        return form("password").with("username", "test-user").with("password", "test-password");
    }

    private static RecordedTokenRequest last(StandInTokenServer server) {
        return server.recordedRequests().get(server.recordedRequests().size() - 1);
    }

    @Test
    void grantsClientCredentialsWithWhateverScopeIsAskedFor() throws Exception {
        HttpResponse<String> plain = send(server, form("client_credentials"));
        HttpResponse<String> scoped = send(server, form("client_credentials").with("scope", "orders:read a/b"));

        String answer = "\\{\"access_token\":\"[0-9a-f]{32}\",\"expires_in\":30,\"token_type\":\"Bearer\"}";
        assertThat(plain.body()).matches(answer);
        assertThat(scoped.body()).matches(answer);
        assertThat(server.tokenRequests("client_credentials")).isEqualTo(2);
        assertThat(server.tokenRequests()).isEqualTo(2);
        assertThat(server.passwordRequests()).isZero();
        assertThat(last(server).grantType()).isEqualTo("client_credentials");
        assertThat(last(server).reason()).isNull();
    }

    @Test
    void givesClientCredentialsNoRefreshToken() throws Exception {
        HttpResponse<String> response = send(server, form("client_credentials").with("scope", "offline_access"));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).doesNotContain("refresh_token");
    }

    @Test
    void refreshesWhatALoginWithOfflineAccessBrought() throws Exception {
        assertThat(send(server, login().with("scope", "orders")).body()).doesNotContain("refresh_token");

        String first = granted(server, login().with("scope", "orders offline_access"), "refresh_token");
        String second = granted(server, form("refresh_token").with("refresh_token", first), "refresh_token");

        assertThat(second).isNotEqualTo(first);
    }

    @Test
    void issuesRefreshTokensToStartFrom() throws Exception {
        String issued = server.refreshToken();

        String next = granted(
                server, form("refresh_token").with("refresh_token", issued).with("scope", "any"), "refresh_token");

        assertThat(issued).isNotIn(next, server.refreshToken());
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "text/html", "application/json;q=0.1"})
    void takesAnyAcceptHeader(String accept) throws Exception {
        HttpRequest.Builder request = post(
                        server.tokenUri(), form("client_credentials").encoded())
                .header("Accept", accept)
                .header("Content-Type", "application/x-www-form-urlencoded");

        assertThat(send(request).statusCode()).isEqualTo(200);
    }

    @Nested
    class Grants {

        @ParameterizedTest
        @ValueSource(strings = {TOKEN_EXCHANGE, "urn:ietf:params:oauth:grant-type:jwt-bearer", "made_up"})
        void areThoseThatATestNames(String grantType) throws Exception {
            try (var server = StandInTokenServer.builder().grants(grantType).start()) {
                assertThat(send(server, form(grantType).with("subject_token", "x"))
                                .statusCode())
                        .isEqualTo(200);
                assertThat(last(server).grantType()).isEqualTo(grantType);
                assertThat(send(server, form("client_credentials")).body())
                        .isEqualTo("{\"error\":\"unsupported_grant_type\",\"error_description\":\"this stand-in grants "
                                + grantType + "; set others with the builder's grants(...)\"}");
                assertThat(last(server).grantType()).isEqualTo("client_credentials");
            }
        }

        @ParameterizedTest
        @CsvSource({
            TOKEN_EXCHANGE + "," + TOKEN_EXCHANGE,
            "authorization_code,authorization_code",
            "https://example.com/grants/own,https://example.com/grants/own",
            "'',''",
            "test-secret,REDACTED",
            "test-password,REDACTED",
            "p4ssw0rd,REDACTED",
            "secret with blanks,REDACTED"
        })
        void areRecordedAsTheyWereSentUnlessTheyMayBeASecret(String sent, String recorded) throws Exception {
            send(server, form(sent));

            assertThat(last(server).grantType()).isEqualTo(recorded);
            assertThat(last(server).toString()).doesNotContain("test-secret", "test-password");
        }

        @Test
        void areNotThereWhereNoneWasSent() throws Exception {
            send(server, form("").without("grant_type"));

            assertThat(last(server).grantType()).isNull();
            assertThat(last(server).reason()).isEqualTo("grant_type is missing");
        }

        @Test
        void areWordsForSomeEvenAsAPassword() throws Exception {
            try (var server =
                    StandInTokenServer.builder().user("jane", "password").start()) {
                send(server, login().with("username", "jane").with("password", "password"));

                assertThat(last(server).grantType()).isEqualTo("password");
                assertThat(server.passwordRequests()).isOne();
            }
        }
    }

    @Nested
    class Scopes {

        @Test
        void areThoseOfTheServerWhereTheyAreSet() throws Exception {
            try (var server =
                    StandInTokenServer.builder().scopes("read", "write").start()) {
                assertThat(send(server, form("client_credentials").with("scope", "read"))
                                .body())
                        .doesNotContain("scope");
                assertThat(send(server, form("client_credentials")).body()).contains(",\"scope\":\"read write\"");

                HttpResponse<String> more =
                        send(server, form("client_credentials").with("scope", "read admin"));

                assertThat(more.statusCode()).isEqualTo(400);
                assertThat(last(server).error()).isEqualTo("invalid_scope");
                assertThat(last(server).reason()).isEqualTo("scope has more than read, write");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"a  b", " ", "a\tb", "\"quoted\"", "ü"})
        void areWordsWithOneSpaceBetweenThem(String scope) throws Exception {
            send(server, form("client_credentials").with("scope", scope));

            assertThat(last(server).reason()).isEqualTo("scope is not a list of words with one space between them");
        }

        @Test
        void areCheckedWhereTheyAreSet() {
            assertThatThrownBy(() -> StandInTokenServer.builder().scopes("read write"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a scope must be one word of visible ASCII characters, was 'read write'");
        }
    }

    @Nested
    class Clients {

        @Test
        void thatAreUnknownGet401() throws Exception {
            HttpResponse<String> response =
                    send(server, form("client_credentials").with("client_id", "nobody"));

            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Basic realm=\"stand-in\"");
            assertThat(response.body())
                    .isEqualTo("{\"error\":\"invalid_client\","
                            + "\"error_description\":\"client_id is that of no registered client\"}");
        }

        @Test
        void mayHaveNoSecret() throws Exception {
            try (var server = StandInTokenServer.builder().client("public").start()) {
                Form form = form("client_credentials").with("client_id", "public");

                assertThat(server.clientSecret()).isEmpty();
                assertThat(send(server, form.without("client_secret")).statusCode())
                        .isEqualTo(200);
                assertThat(send(server, form).statusCode()).isEqualTo(401);
            }
        }

        @Test
        void withASecretMustShowIt() throws Exception {
            assertThat(send(server, form("client_credentials").without("client_secret"))
                            .statusCode())
                    .isEqualTo(400);
            assertThat(last(server).reason()).isEqualTo("client_secret is missing");
        }

        @ParameterizedTest
        @ValueSource(strings = {"a%2Bb:c%2Bd%25", "a+b:c+d%"})
        void showABasicHeaderEncodedOrRaw(String credentials) throws Exception {
            try (var server = StandInTokenServer.builder().client("a+b", "c+d%").start()) {
                String basic = "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));

                assertThat(send(tokenRequest(server, "grant_type=client_credentials")
                                        .header("Authorization", basic))
                                .statusCode())
                        .isEqualTo(200);
            }
        }
    }

    @Nested
    class Reasons {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "client_secret | wrong | invalid_client | client_secret is wrong",
                    "username | nobody | invalid_grant | username is that of no registered user",
                    "password | wrong | invalid_grant | password is wrong",
                    "password | '' | invalid_request | password is missing"
                })
        void tellWhatIsWrong(String field, String value, String error, String reason) throws Exception {
            send(server, login().with(field, value));

            assertThat(last(server).error()).isEqualTo(error);
            assertThat(last(server).reason()).isEqualTo(reason);
        }

        @Test
        void tellALockOutFromAWrongPassword() throws Exception {
            try (var server = StandInTokenServer.builder().lockOutAfter(1).start()) {
                send(server, login().with("password", "wrong"));
                send(server, login());

                assertThat(last(server).reason()).isEqualTo("the user is locked out after 1 wrong passwords in a row");
            }
        }

        @Test
        void tellWhatBecameOfARefreshToken() throws Exception {
            Form refresh = form("refresh_token").with("refresh_token", server.refreshToken());

            server.revokeRefreshTokens();
            send(server, refresh);
            assertThat(last(server).reason()).isEqualTo("refresh_token was revoked");

            send(server, refresh.with("refresh_token", "unknown"));
            assertThat(last(server).reason()).isEqualTo("refresh_token was not issued here");
        }

        @Test
        void tellWhatIsNoTokenRequest() throws Exception {
            send(tokenRequest(server, "").setHeader("Content-Type", "application/json"));

            assertThat(last(server))
                    .extracting(RecordedTokenRequest::status, RecordedTokenRequest::reason)
                    .containsExactly(415, "Content-Type must be application/x-www-form-urlencoded");
        }

        @Test
        void areThereForEveryFault() throws Exception {
            server.refuseNext(1, 503);
            send(server, login());
            assertThat(last(server).reason()).isEqualTo("refuseNext(...) was called");
        }
    }
}
