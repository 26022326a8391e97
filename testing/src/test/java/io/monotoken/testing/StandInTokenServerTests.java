package io.monotoken.testing;

import static io.monotoken.testing.PlainClient.login;
import static io.monotoken.testing.PlainClient.post;
import static io.monotoken.testing.PlainClient.send;
import static io.monotoken.testing.PlainClient.tokenRequest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How Stems Accounts answers a request that keeps the rules of its documentation, and refuses one that breaks them. */
class StandInTokenServerTests {

    private final StandInTokenServer server = StandInTokenServer.stemsAccounts().start();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void answersTheDocumentedExample() throws Exception {
        String example = "grant_type=password&username=john.smith%40contoso.com&client_id=your_client_id"
                + "&client_secret=your_client_secret&scope=email+resources_stems_api&password=P4ssw0rd";

        HttpResponse<String> response = send(tokenRequest(server, example));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .matches("\\{\"access_token\":\"[0-9a-f]{32}\",\"expires_in\":30,\"token_type\":\"Bearer\"}");
        assertThat(response.headers().map())
                .containsOnlyKeys("cache-control", "content-length", "content-type", "pragma");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(response.headers().firstValue("Pragma")).hasValue("no-cache");
    }

    @Test
    void addsARefreshTokenForOfflineAccess() throws Exception {
        HttpResponse<String> response = send(server, login());

        assertThat(response.body())
                .matches("\\{\"access_token\":\"[0-9a-f]{32}\",\"expires_in\":30,\"token_type\":\"Bearer\","
                        + "\"refresh_token\":\"[0-9a-f]{32}\"}");
    }

    @Nested
    class Http {

        @Test
        void isAtOnePathOnly() throws Exception {
            URI elsewhere = server.tokenUri().resolve("/connect/token");

            HttpResponse<String> response = send(post(elsewhere, login().encoded()));

            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(server.tokenRequests()).isZero();
        }

        @ParameterizedTest
        @ValueSource(strings = {"GET", "PUT", "OPTIONS"})
        void allowsPostOnly(String method) throws Exception {
            HttpResponse<String> response =
                    send(tokenRequest(server, "").method(method, BodyPublishers.ofString(login().encoded())));

            assertThat(response.statusCode()).isEqualTo(405);
            assertThat(response.headers().firstValue("Allow")).hasValue("POST");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"application/json", "application/JSON; charset=utf-8", "text/html, application/json;q=0.5"})
        void takesAnAcceptHeaderThatListsJson(String accept) throws Exception {
            HttpResponse<String> response =
                    send(tokenRequest(server, login().encoded()).setHeader("Accept", accept));

            assertThat(response.statusCode()).isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(strings = {"*/*", "application/*", "text/json", "application/json-seq"})
        void refusesAnyOtherAcceptHeader(String accept) throws Exception {
            HttpResponse<String> response =
                    send(tokenRequest(server, login().encoded()).setHeader("Accept", accept));

            assertThat(response.statusCode()).isEqualTo(406);
        }

        @Test
        void refusesAMissingAcceptHeader() throws Exception {
            HttpResponse<String> response = send(post(server.tokenUri(), login().encoded())
                    .header("Content-Type", "application/x-www-form-urlencoded"));

            assertThat(response.statusCode()).isEqualTo(406);
        }

        @Test
        void takesACharsetParameter() throws Exception {
            HttpResponse<String> response = send(tokenRequest(server, login().encoded())
                    .setHeader("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"));

            assertThat(response.statusCode()).isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(strings = {"application/json", "text/plain", "multipart/form-data; boundary=x"})
        void refusesAnyOtherContentType(String contentType) throws Exception {
            HttpResponse<String> response =
                    send(tokenRequest(server, login().encoded()).setHeader("Content-Type", contentType));

            assertThat(response.statusCode()).isEqualTo(415);
            assertThat(response.body())
                    .isEqualTo("{\"ErrorMessage\":\"Content-Type must be application/x-www-form-urlencoded\"}");
        }

        @Test
        void refusesAMissingContentType() throws Exception {
            HttpResponse<String> response =
                    send(post(server.tokenUri(), login().encoded()).header("Accept", "application/json"));

            assertThat(response.statusCode()).isEqualTo(415);
        }

        @Test
        void takesABodyOf64KiB() throws Exception {
            String form = login().encoded() + "&padding=";
            String body = form + "x".repeat(64 * 1024 - form.length());

            assertThat(send(tokenRequest(server, body)).statusCode()).isEqualTo(200);
            assertThat(send(tokenRequest(server, body + "x")).statusCode()).isEqualTo(413);
        }

        @Test
        void refusesALongBodyOfUnknownLength() throws Exception {
            byte[] body = new byte[1024 * 1024];
            HttpRequest.Builder request =
                    tokenRequest(server, "").POST(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body)));

            assertThat(send(request).statusCode()).isEqualTo(413);
        }
    }

    @Nested
    class Fields {

        @ParameterizedTest
        @ValueSource(strings = {"grant_type", "username", "password", "client_id", "client_secret", "scope"})
        void areRequired(String field) throws Exception {
            String refusal = "{\"error\":\"invalid_request\",\"error_description\":\"" + field + " is missing\"}";

            assertRefused(send(server, login().without(field)), refusal);
            assertRefused(send(server, login().with(field, "")), refusal);
        }

        @ParameterizedTest
        @ValueSource(strings = {"grant_type", "username", "password", "client_id", "client_secret", "scope", "other"})
        void areNotRepeated(String field) throws Exception {
            String twice = login().with(field, "a").encoded() + "&" + field + "=a";

            assertRefused(
                    send(tokenRequest(server, twice)),
                    "{\"error\":\"invalid_request\",\"error_description\":\"a field is repeated\"}");
        }

        @Test
        void arePercentEncoded() throws Exception {
            assertRefused(
                    send(tokenRequest(server, login().encoded() + "&other=100%")),
                    "{\"error\":\"invalid_request\",\"error_description\":\"the form is not percent-encoded\"}");
            assertRefused(
                    send(tokenRequest(server, login().encoded() + "&other=ü")),
                    "{\"error\":\"invalid_request\",\"error_description\":\"the form is not ASCII\"}");
        }

        @Test
        void areDecodedAsUtf8() throws Exception {
            try (var server = StandInTokenServer.stemsAccounts()
                    .user("jürgen", "Pä+ß &=%€")
                    .start()) {
                var response = send(server, login().with("username", "jürgen").with("password", "Pä+ß &=%€"));

                assertThat(response.statusCode()).isEqualTo(200);
            }
        }

        @Test
        void mayBeMore() throws Exception {
            assertThat(send(server, login().with("acr_values", "tenant:1")).statusCode())
                    .isEqualTo(200);
        }

        @ParameterizedTest
        @CsvSource({
            "username,invalid_grant",
            "password,invalid_grant",
            "client_id,invalid_client",
            "scope,invalid_scope"
        })
        void haveALimitedLength(String field, String error) throws Exception {
            String tooLong = field.equals("scope") ? "email ".repeat(50) + "email" : "x".repeat(101);

            assertRefused(send(server, login().with(field, tooLong)), error(error));
        }

        @Test
        void nameAKnownGrant() throws Exception {
            assertRefused(
                    send(server, login().with("grant_type", "client_credentials")), error("unsupported_grant_type"));
        }
    }

    @Nested
    class Client {

        @ParameterizedTest
        @CsvSource({"client_id,unknown", "client_secret,wrong", "client_id,YOUR_CLIENT_ID"})
        void hasToBeRight(String field, String value) throws Exception {
            assertRefused(send(server, login().with(field, value)), error("invalid_client"));
            assertThat(server.wrongPasswords()).isZero();
        }

        @Test
        void mayBeInABasicHeader() throws Exception {
            var form = login().without("client_id").without("client_secret");

            assertThat(send(basic(form.encoded(), "your_client_id:your%5Fclient_secret"))
                            .statusCode())
                    .isEqualTo(200);
            assertRefused(send(basic(form.encoded(), "your_client_id:wrong")), error("invalid_client"));
            assertRefused(send(basic(form.encoded(), "your_client_id")), error("invalid_client"));
            assertRefused(send(basic(form.encoded(), "your_client_id:100%")), error("invalid_client"));
        }

        @Test
        void isNotInAHeaderAndInTheFormToo() throws Exception {
            HttpResponse<String> response = send(basic(login().encoded(), "your_client_id:your_client_secret"));

            assertRefused(
                    response,
                    "{\"error\":\"invalid_request\","
                            + "\"error_description\":\"the client authenticates twice, in the form and in a header\"}");
        }

        @Test
        void hasNoOtherScheme() throws Exception {
            assertRefused(
                    send(tokenRequest(server, login().encoded()).header("Authorization", "Bearer abc")),
                    "{\"error\":\"invalid_request\",\"error_description\":\"Authorization must be Basic\"}");
        }

        private HttpRequest.Builder basic(String form, String credentials) {
            String encoded = Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
            return tokenRequest(server, form).header("Authorization", "Basic " + encoded);
        }
    }

    @Nested
    class Scopes {

        @ParameterizedTest
        @ValueSource(strings = {"email admin", "email  resources_stems_api", " ", "Email"})
        void haveToBeAllowed(String scope) throws Exception {
            assertRefused(send(server, login().with("scope", scope)), error("invalid_scope"));
        }

        @Test
        void areThoseOfTheServer() throws Exception {
            try (var server = StandInTokenServer.stemsAccounts().scopes("read").start()) {
                assertThat(send(server, login().with("scope", "read")).statusCode())
                        .isEqualTo(200);
                assertRefused(send(server, login().with("scope", "read offline_access")), error("invalid_scope"));
            }
        }
    }

    static void assertRefused(HttpResponse<String> response, String body) {
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).isEqualTo(body);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
    }

    static String error(String code) {
        return "{\"error\":\"" + code + "\"}";
    }
}
