package io.monotoken.endpoint;

import static io.monotoken.endpoint.Exchanges.CLIENT;
import static io.monotoken.endpoint.Exchanges.LOGIN;
import static io.monotoken.endpoint.Exchanges.REFRESH;
import static io.monotoken.endpoint.Exchanges.TOKEN;
import static io.monotoken.endpoint.Exchanges.endpoint;
import static io.monotoken.endpoint.Exchanges.failed;
import static io.monotoken.endpoint.Exchanges.issued;
import static io.monotoken.endpoint.Exchanges.json;
import static io.monotoken.endpoint.Exchanges.response;
import static io.monotoken.endpoint.Exchanges.uri;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenAnswer;
import io.monotoken.TokenAnswer.Delivery;
import io.monotoken.TokenException;
import io.monotoken.TokenRequest;
import io.monotoken.TokenResponse;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import mockwebserver3.junit5.StartStop;
import okio.Buffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What token endpoints in the wild send, and what becomes of it. One row for each. */
class AwkwardAnswersTests {

    private static final String MALFORMED = " gave client 'your_client_id' an answer that is no token response ";
    private static final String ANSWERED_200 = "(grant password, status 200, application/json, %d bytes): ";

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private record Row(String seen, TokenRequest request, MockResponse response, Check check) {
        @Override
        public String toString() {
            return seen;
        }
    }

    /** Looks at the answer, and at the address that messages start with. */
    @FunctionalInterface
    private interface Check {
        void of(TokenAnswer answer, String where);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isReadAsPromised(Row row) throws InterruptedException {
        server.enqueue(row.response);

        TokenAnswer answer = Exchanges.answer(endpoint(uri(server)), row.request);

        row.check.of(answer, server.url("/token").toString());
        assertThat(server.takeRequest(5, TimeUnit.SECONDS)).isNotNull(); // counted after its connection may have ended
        assertThat(server.getRequestCount()).isEqualTo(1);
    }

    static Stream<Row> rows() {
        return Stream.of(
                        lifetimes(),
                        instants(),
                        types(),
                        scopes(),
                        labels(),
                        tokens(),
                        notTokens(),
                        errors(),
                        statuses(),
                        waits(),
                        brokenConnections())
                .flatMap(rows -> rows);
    }

    private static Stream<Row> lifetimes() {
        return Stream.of(
                life("a number", "1800", 1800.0),
                life("a string", "\"1800\"", 1800.0),
                life("a string with spaces", "\" 1800 \"", 1800.0),
                life("a float", "1799.97", 1799.97),
                life("an exponent", "1.8E3", 1800.0),
                life("a float in a string", "\"3599.9\"", 3599.9),
                life("more digits than milliseconds", "59.99951", 59.999),
                life("a float that is no binary one", "\"0.3\"", 0.3),
                life("an exponent in a string", "\"1.8e3\"", 1800.0),
                life("zero, which is not absent", "0", 0.0),
                life("zero in a string", "\"0\"", 0.0),
                life("negative", "-1", 0.0),
                life("negative in a string", "\"-3600\"", 0.0),
                life("milliseconds of a date", "1893456000000", 1893456000000.0),
                life("an overflowing exponent", "1e999", null),
                life("an overflowing exponent in a string", "\"1e400\"", null),
                life("an exponent of many digits", "\"1e999999999\"", null),
                life("a unit", "\"1d\"", null),
                life("another unit", "\"3600s\"", null),
                life("a type suffix of Java", "\"60f\"", null),
                life("hexadecimal", "\"0x1p4\"", null),
                life("hexadecimal without an exponent", "\"0xFF\"", null),
                life("infinity", "\"Infinity\"", null),
                life("digits of another script", "\"\u0661\u0662\"", null),
                life("null", "null", null),
                life("words", "\"half an hour\"", null),
                life("a string of NaN", "\"NaN\"", null),
                life("an empty string", "\"\"", null),
                life("a string longer than any number", "\"" + "9".repeat(1000) + "\"", null),
                life("true", "true", null),
                life("an array", "[1800]", null),
                row("expires_in absent", json(TOKEN), lives(null)),
                row(
                        "expires_in with more digits than any number",
                        json("{\"access_token\":\"t\",\"expires_in\":" + "9".repeat(5000) + "}"),
                        malformed(ANSWERED_200.formatted(5034) + "it is not a JSON object")),
                row(
                        "refresh_expires_in of Keycloak",
                        json("{\"access_token\":\"t\",\"refresh_token\":\"r\",\"refresh_expires_in\":\"60\"}"),
                        token(response ->
                                assertThat(response.refreshExpiresIn()).isEqualTo(Duration.ofSeconds(60)))),
                row(
                        "refresh_expires_in 0 of an offline token",
                        json("{\"access_token\":\"t\",\"refresh_token\":\"r\",\"refresh_expires_in\":0}"),
                        token(response ->
                                assertThat(response.refreshExpiresIn()).isNull())));
    }

    /** Instants, with the answer's Date and without; 2026-01-01T00:00:00Z is 1767225600. */
    private static Stream<Row> instants() {
        return Stream.of(
                expiry("expires_on in a string", "\"expires_on\":\"1767229200\"", 3_600.0),
                expiry("expires_on as a number", "\"expires_on\":1767229200", 3_600.0),
                expiry("expires_at with a fraction", "\"expires_at\":1767225660.25", 60.25),
                expiry("expires_at in RFC 3339", "\"expires_at\":\"2026-01-01T00:10:00Z\"", 600.0),
                expiry("expires_at with an offset", "\"expires_at\":\"2026-01-01T02:10:00.5+02:00\"", 600.5),
                expiry("expires_at in milliseconds", "\"expires_at\":1767225720000", 120.0),
                expiry("expires_on in the past", "\"expires_on\":1767220000", 0.0),
                expiry("expires_in beside it", "\"expires_in\":60,\"expires_on\":1767229200", 60.0),
                expiry(
                        "an unreadable expires_in beside it",
                        "\"expires_in\":\"1h\",\"expires_on\":1767229200",
                        3_600.0),
                expiry(
                        "an unreadable expires_on beside expires_at",
                        "\"expires_on\":\"soon\",\"expires_at\":1767225660",
                        60.0),
                expiry("words", "\"expires_at\":\"tomorrow\"", null),
                expiry("null", "\"expires_on\":null", null));
    }

    private static Row expiry(String seen, String member, @Nullable Double seconds) {
        return row(
                seen,
                new MockResponse.Builder()
                        .setHeader("Content-Type", "application/json")
                        .setHeader("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
                        .body("{\"access_token\":\"t\"," + member + "}")
                        .build(),
                lives(seconds));
    }

    private static Stream<Row> types() {
        String advice = " is not Bearer; if the provider means the same, name it in bearerTypes";
        return Stream.of(
                row("token_type absent", json(TOKEN), token("ad8e51c5a981bb821cfd77cc52154ad0")),
                type("null", null),
                type("\"Bearer\"", null),
                type("\"bearer\"", null),
                type("\"BEARER\"", null),
                type("\"BearerToken\"", "token_type 'BearerToken'" + advice),
                type("\"mac\"", "token_type 'mac'" + advice),
                type("\"N_A\"", "token_type 'N_A'" + advice),
                type("\"DPoP\"", "token_type 'DPoP'" + advice),
                type(
                        "\"urn:ietf:params:oauth:token-type:jwt\"",
                        "token_type 'urn:ietf:params:oauth:token-type:jwt'" + advice),
                type("\"\"", "token_type" + advice),
                type("\"a\\r\\nb\"", "token_type" + advice),
                type("\"xxTHETOKENxx\"", "token_type" + advice),
                row(
                        "token_type is the password",
                        json("{\"access_token\":\"t\",\"token_type\":\"P4ssw0rd\"}"),
                        malformed(ANSWERED_200.formatted(44)
                                + "token_type 'REDACTED' is not Bearer; if the provider means the same, name it in"
                                + " bearerTypes")),
                type("[\"Bearer\"]", "token_type" + advice),
                type("7", "token_type" + advice));
    }

    private static Stream<Row> scopes() {
        return Stream.of(
                scope("a string", "\"email  api \"", "email", "api"),
                scope("an array", "[\"email\",\"api\"]", "email", "api"),
                scope("an empty array", "[]"),
                scope("in another order than asked", "\"resources_stems_api email\"", "resources_stems_api", "email"),
                scope("narrower than asked", "\"email\"", "email"),
                scope("repeating itself", "\"email email\"", "email"),
                scope("separated by commas", "\"read,write:all\"", "read", "write:all"),
                scope("separated by commas and blanks", "\"read, write\"", "read", "write"),
                scope("an array of lists", "[\"read write\",\"admin,user\"]", "read", "write", "admin", "user"),
                scopeAsAsked("nothing but separators", "\" , \""),
                scopeAsAsked("null", "null"),
                scopeAsAsked("empty", "\"\""),
                scopeAsAsked("blank", "\"  \""),
                scopeAsAsked("a number", "7"),
                scopeAsAsked("an array of numbers", "[7]"),
                row(
                        "scope absent",
                        json(TOKEN),
                        token(response -> assertThat(response.scopes()).isNull())));
    }

    private static Stream<Row> labels() {
        String form = "application/x-www-form-urlencoded";
        return Stream.of(
                labelled("text/plain"),
                labelled("text/html; charset=utf-8"),
                labelled("application/json; charset=ISO-8859-1"),
                labelled("application/json;charset=nonsense"),
                labelled("application/token-response+jwt"),
                labelled(";;;"),
                labelled(form),
                row(
                        "no media type",
                        new MockResponse.Builder().body(TOKEN).build(),
                        token("ad8e51c5a981bb821cfd77cc52154ad0")),
                row(
                        "JSON after white space labelled as a form",
                        response(200, form, "\n  " + TOKEN),
                        token("ad8e51c5a981bb821cfd77cc52154ad0")),
                row(
                        "a form",
                        response(200, form + "; charset=utf-8", "access_token=t%2B1&expires_in=60&scope=a+b"),
                        token(response -> {
                            assertThat(response.accessToken()).isEqualTo("t+1");
                            assertThat(response.expiresIn()).isEqualTo(Duration.ofSeconds(60));
                            assertThat(response.scopes()).containsExactly("a", "b");
                        })),
                row("an error in a form", response(200, form, "error=invalid_grant"), rejected(200, "invalid_grant")),
                row(
                        "a form that nobody labelled so",
                        response(200, "text/plain", "access_token=t"),
                        malformed("(grant password, status 200, text/plain, 14 bytes): it is not a JSON object")),
                row(
                        "a form that says a thing twice",
                        response(200, form, "access_token=t&access_token=u"),
                        malformed("(grant password, status 200, " + form + ", 29 bytes): it is not a JSON object")),
                row(
                        "a form with a broken escape",
                        response(200, form, "access_token=%zz"),
                        malformed("(grant password, status 200, " + form + ", 16 bytes): it is not a JSON object")),
                row("a byte order mark", json("\uFEFF" + TOKEN), token("ad8e51c5a981bb821cfd77cc52154ad0")),
                encoded(UTF_16BE),
                encoded(UTF_16LE),
                encoded(Charset.forName("UTF-32BE")),
                encoded(Charset.forName("UTF-32LE")));
    }

    private static Stream<Row> tokens() {
        String unsafe = "access_token has characters that no header may have";
        return Stream.of(
                badToken("with CR", "\"a\\rb\"", unsafe),
                badToken("with LF", "\"a\\nEvil: yes\"", unsafe),
                badToken("with NUL", "\"a\\u0000b\"", unsafe),
                badToken("with DEL", "\"a\\u007fb\"", unsafe),
                badToken("with a space", "\"a b\"", unsafe),
                badToken("beyond ASCII", "\"t\\u00f6ken\"", unsafe),
                badToken("beyond the Unicode plane of a header", "\"\\ud83d\\ude00\"", unsafe),
                badToken("object", "{\"value\":\"t\"}", "access_token is not a string"),
                badToken("array", "[\"t\"]", "access_token is not a string"),
                badToken("number", "7", "access_token is not a string"),
                badToken("empty", "\"\"", "access_token is not a string"),
                badToken("null", "null", "access_token is not a string"),
                row("token of 9 KiB", json("{\"access_token\":\"" + "t".repeat(9216) + "\"}"), token("t".repeat(9216))),
                row(
                        "refresh token with spaces",
                        json("{\"access_token\":\"t\",\"refresh_token\":\"a b~!\"}"),
                        token(response -> assertThat(response.refreshToken()).isEqualTo("a b~!"))),
                row(
                        "refresh token empty",
                        json("{\"access_token\":\"t\",\"refresh_token\":\"\"}"),
                        token(response -> assertThat(response.refreshToken()).isNull())),
                row(
                        "refresh token null",
                        json("{\"access_token\":\"t\",\"refresh_token\":null}"),
                        token(response -> assertThat(response.refreshToken()).isNull())),
                badRefreshToken("with CR and LF", "\"a\\r\\nb\""),
                badRefreshToken("with NUL", "\"a\\u0000\""),
                badRefreshToken("beyond ASCII", "\"\\u00f6\""),
                badRefreshToken("number", "7"),
                badRefreshToken("object", "{}"),
                row(
                        "members of other standards",
                        json("{\"access_token\":\"t\",\"id_token\":\"i\",\"session_state\":null,\"n\":1.5,\"ok\":true,"
                                + "\"nested\":{\"list\":[1,null],\"none\":null}}"),
                        token(response -> {
                            assertThat(response.attributes())
                                    .isEqualTo(Map.of("id_token", "i", "n", 1.5, "ok", true, "nested", nested()));
                            assertThat(response).hasToString("TokenResponse[REDACTED, expiresIn=null]");
                        })));
    }

    private static Map<String, @Nullable Object> nested() {
        Map<String, @Nullable Object> nested = new java.util.HashMap<>();
        nested.put("list", Arrays.asList(1, null));
        nested.put("none", null);
        return Collections.unmodifiableMap(nested);
    }

    private static Stream<Row> notTokens() {
        String valid = "{\"access_token\":\"t\"";
        return Stream.of(
                notJson("duplicate keys", valid + ",\"access_token\":\"u\"}"),
                notJson("duplicate keys further down", valid + ",\"x\":{\"a\":1,\"a\":2}}"),
                notJson("trailing text", valid + "} thanks"),
                notJson("a second document", valid + "}{}"),
                notJson("NaN", valid + ",\"expires_in\":NaN}"),
                notJson("Infinity", valid + ",\"expires_in\":Infinity}"),
                notJson("a comment", valid + "/* new */}"),
                notJson("a trailing comma", valid + ",}"),
                notJson("single quotes", "{'access_token':'t'}"),
                notJson("a control character inside a string", valid + ",\"x\":\"a\nb\"}"),
                notJson("cut off", valid),
                notJson("an array", "[" + valid + "}]"),
                notJson("a string", "\"t\""),
                notJson("null", "null"),
                notJson("white space", "  \n"),
                notJson("deep nesting", valid + ",\"x\":" + "[".repeat(1000) + "]".repeat(1000) + "}"),
                notJson("a giant number", valid + ",\"x\":" + "1".repeat(2000) + "}"),
                notJson("broken UTF-8", "{\"access_token\":\"\u00c3(\"}", ISO_8859_1),
                row(
                        "an object without a token",
                        json("{}"),
                        malformed(ANSWERED_200.formatted(2) + "it has no access_token")),
                row(
                        "an error that is an object",
                        json("{\"error\":{\"code\":401},\"access_token\":\"t\"}"),
                        malformed(ANSWERED_200.formatted(41) + "error is not a string")),
                row(
                        "a string beyond 64 KiB",
                        json(valid + ",\"x\":\"" + "x".repeat(70_000) + "\"}"),
                        malformed(
                                "(grant password, status 200, application/json, more than 65536 bytes): it is larger than"
                                        + " 65536 bytes")),
                row(
                        "HTML with 200",
                        response(200, "text/html", "<html>"),
                        malformed("(grant password, status 200, text/html, 6 bytes): it is not a JSON object")),
                row("204", new MockResponse.Builder().code(204).build(), empty(204, "no media type")),
                row("an empty 200", json(200, ""), empty(200, "application/json")),
                row(
                        "an empty 200 that claims to be encoded",
                        new MockResponse.Builder()
                                .setHeader("Content-Encoding", "gzip")
                                .build(),
                        empty(200, "no media type encoded as gzip")),
                row(
                        "gzip that nobody asked for",
                        new MockResponse.Builder()
                                .setHeader("Content-Type", "application/json")
                                .setHeader("Content-Encoding", "gzip")
                                .body(TOKEN)
                                .build(),
                        malformed(
                                "(grant password, status 200, application/json encoded as gzip, 51 bytes): it is encoded,"
                                        + " which no request asked for")),
                row(
                        "identity, which is no encoding",
                        new MockResponse.Builder()
                                .setHeader("Content-Encoding", "Identity")
                                .body(TOKEN)
                                .build(),
                        token("ad8e51c5a981bb821cfd77cc52154ad0")));
    }

    private static Stream<Row> errors() {
        String longDescription = "x".repeat(10_000) + "\\r\\nEvil: yes\\u0000";
        return Stream.of(
                row(
                        "200 with an error",
                        json("{\"error\":\"bad_verification_code\"}"),
                        rejected(200, "bad_verification_code")),
                row("200 of Slack", json("{\"ok\":false,\"error\":\"invalid_auth\"}"), rejected(200, "invalid_auth")),
                row(
                        "200 with an error and a token",
                        json("{\"access_token\":\"t\",\"error\":\"invalid_grant\"}"),
                        rejected(200, "invalid_grant")),
                row("an error of null", json("{\"access_token\":\"t\",\"error\":null}"), token("t")),
                row("an error of nothing", json("{\"access_token\":\"t\",\"error\":\"\"}"), token("t")),
                row(
                        "a description of 10 kB with control characters",
                        json(400, "{\"error\":\"invalid_scope\",\"error_description\":\"" + longDescription + "\"}"),
                        (answer, where) -> assertThat(failed(answer).exception())
                                .hasMessage(where + " rejected client 'your_client_id' (grant password, status 400):"
                                        + " invalid_scope; check which scopes the client is registered for")),
                row(
                        "a description that says otherwise",
                        json(400, "{\"error\":\"invalid_grant\",\"error_description\":\"temporarily_unavailable\"}"),
                        rejected(400, "invalid_grant")),
                row(
                        "a code with control characters",
                        json(400, "{\"error\":\"a\\r\\nb\\u0000\\u00f6\"}"),
                        rejected(400, "a??b??")),
                row(
                        "a code of 10 kB",
                        json(400, "{\"error\":\"" + "x".repeat(10_000) + "\"}"),
                        rejected(400, "x".repeat(200))),
                row(
                        "a code that repeats the password",
                        json(400, "{\"error\":\"wrong password p4SSw0rd\"}"),
                        rejected(400, "REDACTED")),
                row(
                        "a code that other members repeat",
                        json(
                                400,
                                "{\"error\":\"invalid_client\",\"id_token\":\"i\",\"error_code\":\"invalid_client\"}"),
                        rejected(400, "invalid_client")),
                row(
                        "a code of its own that other members repeat",
                        json(400, "{\"error\":\"mfa_required\",\"error_code\":\"mfa_required\"}"),
                        rejected(400, "mfa_required")),
                row(
                        "a code that repeats the token",
                        json("{\"access_token\":\"t0ken\",\"error\":\"bad t0ken\"}"),
                        rejected(200, "REDACTED")),
                row(
                        "invalid_client with 400",
                        json(400, "{\"error\":\"invalid_client\"}"),
                        rejected(400, "invalid_client")),
                row(
                        "a refresh for a disabled user",
                        REFRESH,
                        json(400, "{\"error\":\"invalid_request\"}"),
                        rejected(400, "invalid_request")),
                row(
                        "500 with an OAuth error for a dead refresh token",
                        REFRESH,
                        json(500, "{\"error\":\"invalid_token\"}"),
                        rejected(500, "invalid_token")),
                row(
                        "server_error with 500",
                        json(500, "{\"error\":\"server_error\"}"),
                        unavailable(500, "server_error")),
                row(
                        "a framework's page for status 500",
                        json(500, "{\"status\":500,\"error\":\"Internal Server Error\",\"path\":\"/token\"}"),
                        unavailable(500, "Internal Server Error")),
                row(
                        "a refused password with 503 of a gateway",
                        json(503, "{\"error\":\"invalid_grant\"}"),
                        (answer, where) ->
                                assertThat(failed(answer).exception()).isInstanceOf(TokenException.Rejected.class)),
                row("an error with 503", json(503, "{\"error\":\"overloaded\"}"), unavailable(503, "overloaded")),
                row("an error with 429", json(429, "{\"error\":\"invalid_grant\"}"), unavailable(429, "invalid_grant")),
                row(
                        "temporarily_unavailable with 400",
                        json(400, "{\"error\":\"temporarily_unavailable\"}"),
                        unavailable(400, "temporarily_unavailable")),
                row("slow_down with 400", json(400, "{\"error\":\"slow_down\"}"), unavailable(400, "slow_down")));
    }

    private static Stream<Row> statuses() {
        String client = "check the client's id and secret and how it authenticates";
        String uri = "check the token URI";
        return Stream.of(
                row("201 with a token", json(201, TOKEN), token("ad8e51c5a981bb821cfd77cc52154ad0")),
                row("206 with a token", json(206, TOKEN), token("ad8e51c5a981bb821cfd77cc52154ad0")),
                row(
                        "400 with a token",
                        json(400, TOKEN),
                        rejectedPage(400, "application/json, 51 bytes", uri + " and the client's set-up")),
                row(
                        "400 with HTML",
                        response(400, "text/html", "<p>"),
                        rejectedPage(400, "text/html, 3 bytes", uri + " and the client's set-up")),
                row(
                        "401 without a body",
                        new MockResponse.Builder().code(401).build(),
                        rejectedPage(401, "no media type, 0 bytes", client)),
                row(
                        "401 with HTML",
                        response(401, "text/html", "<p>"),
                        rejectedPage(401, "text/html, 3 bytes", client)),
                row(
                        "403 to a login",
                        response(403, "text/html", "<p>"),
                        rejectedPage(403, "text/html, 3 bytes", client)),
                row("404", response(404, "text/html", "<p>"), rejectedPage(404, "text/html, 3 bytes", uri)),
                row("405", response(405, "text/html", "<p>"), rejectedPage(405, "text/html, 3 bytes", uri)),
                row(
                        "415 of IdentityServer 3",
                        json(415, "{\"ErrorMessage\":\"Unsupported media type\"}"),
                        rejectedPage(415, "application/json, 41 bytes", "check that the token URI takes forms")),
                row(
                        "403 without an OAuth error to a client, as throttling",
                        CLIENT,
                        response(403, "text/html", "<p>"),
                        (answer, where) -> {
                            assertThat(failed(answer).exception())
                                    .isInstanceOf(TokenException.Unavailable.class)
                                    .hasMessage(where + " is not available for client 'your_client_id' (grant"
                                            + " client_credentials, status 403, text/html, 3 bytes)");
                            assertThat(failed(answer).exception().retryAfter()).hasValue(Duration.ofMinutes(1));
                        }),
                row(
                        "400 whose body is compressed, which is still a refusal",
                        new MockResponse.Builder()
                                .code(400)
                                .addHeaderLenient("Content-Encoding", "br\u00f6")
                                .body("x")
                                .build(),
                        rejectedPage(400, "no media type encoded as br??, 1 bytes", uri + " and the client's set-up")),
                row(
                        "400 whose body is too large, which is still a refusal",
                        response(400, "text/html", "x".repeat(70_000)),
                        rejectedPage(400, "text/html, more than 65536 bytes", uri + " and the client's set-up")),
                row("408", response(408, "text/html", "<p>"), unavailable(408, null)),
                row("429", new MockResponse.Builder().code(429).build(), unavailable(429, null)),
                row("500 with HTML", response(500, "text/html", "<p>"), unavailable(500, null)),
                row("502 with HTML", response(502, "text/html", "<p>"), unavailable(502, null)),
                row("503 with a token", json(503, TOKEN), unavailable(503, null)),
                row("504 without a body", new MockResponse.Builder().code(504).build(), unavailable(504, null)),
                row("599", new MockResponse.Builder().code(599).build(), unavailable(599, null)),
                row(
                        "a media type that is none",
                        response(200, "P4ss w0rd/x", "x"),
                        malformed(
                                "(grant password, status 200, unreadable media type, 1 bytes): it is not a JSON object")),
                row("a header with a control character", response(400, "text/html\u0007", "x"), (answer, where) -> {
                    assertThat(failed(answer).delivery()).isEqualTo(Delivery.UNANSWERED);
                    assertThat(failed(answer).exception())
                            .isInstanceOf(TokenException.Malformed.class)
                            .hasNoCause()
                            .hasMessage(where + MALFORMED
                                    + "(grant password): it is not HTTP, or its headers are too large");
                }),
                row(
                        "a media type that repeats the password",
                        response(200, "text/P4ssw0rd", "x"),
                        malformed("(grant password, status 200, REDACTED, 1 bytes): it is not a JSON object")),
                row(
                        "early hints before the token",
                        new MockResponse.Builder()
                                .status("HTTP/1.1 103 Early Hints")
                                .build(),
                        (answer, where) -> {
                            assertThat(failed(answer).delivery()).isEqualTo(Delivery.UNANSWERED);
                            assertThat(failed(answer).exception())
                                    .isInstanceOf(TokenException.Malformed.class)
                                    .hasMessage(where + MALFORMED
                                            + "(grant password, status 103, no media type, 0 bytes): its status announces"
                                            + " another, final one");
                        }),
                row(
                        "100 before the token",
                        new MockResponse.Builder().add100Continue().body(TOKEN).build(),
                        token("ad8e51c5a981bb821cfd77cc52154ad0")),
                row(
                        "a redirect without a target",
                        new MockResponse.Builder().code(302).build(),
                        malformed(
                                "(grant password, status 302, no media type, 0 bytes): it redirects, and redirects are"
                                        + " never followed; correct the token URI")));
    }

    private static Stream<Row> waits() {
        return Stream.of(
                wait("seconds", "120", Duration.ofMinutes(2)),
                wait("seconds with spaces", "  120", Duration.ofMinutes(2)),
                wait("zero", "0", Duration.ZERO),
                wait("negative", "-5", null),
                wait("absurd", "99999999999999999999", Duration.ofDays(1)),
                wait("a fraction", "1.5", null),
                wait("a date", "Wed, 21 Oct 2015 07:30:00 GMT", Duration.ofMinutes(2)),
                wait("a date of RFC 850", "Wednesday, 21-Oct-15 07:30:00 GMT", Duration.ofMinutes(2)),
                wait("a date of C", "Wed Oct 21 07:30:00 2015", Duration.ofMinutes(2)),
                wait("a date of the past", "Wed, 21 Oct 2014 07:30:00 GMT", Duration.ZERO),
                wait("words", "soon", null),
                wait("more words than any date", "soon ".repeat(50), null),
                wait("empty", "", null),
                row(
                        "Retry-After beside an unreadable Date",
                        new MockResponse.Builder()
                                .code(503)
                                .setHeader("Date", "today ".repeat(50))
                                .setHeader("Retry-After", "Wed, 21 Oct 2015 07:30:00 GMT")
                                .build(),
                        (answer, where) -> assertThat(failed(answer).exception().retryAfter())
                                .hasValue(Duration.ZERO)),
                row(
                        "Retry-After of a refusal",
                        new MockResponse.Builder()
                                .code(400)
                                .setHeader("Retry-After", "9")
                                .body("{\"error\":\"invalid_scope\"}")
                                .build(),
                        (answer, where) -> assertThat(failed(answer).exception().retryAfter())
                                .hasValue(Duration.ofSeconds(9))));
    }

    private static Stream<Row> brokenConnections() {
        return Stream.of(
                row(
                        "closed before the answer",
                        new MockResponse.Builder()
                                .onResponseStart(new SocketEffect.CloseSocket())
                                .build(),
                        lost()),
                row(
                        "closed while the request was sent",
                        new MockResponse.Builder()
                                .onRequestBody(new SocketEffect.CloseSocket())
                                .build(),
                        lost()),
                row(
                        "closed during the answer",
                        new MockResponse.Builder()
                                .body(TOKEN)
                                .onResponseBody(new SocketEffect.CloseSocket())
                                .build(),
                        lost()),
                row(
                        "closed after the answer",
                        new MockResponse.Builder()
                                .body(TOKEN)
                                .onResponseEnd(new SocketEffect.CloseSocket())
                                .build(),
                        token("ad8e51c5a981bb821cfd77cc52154ad0")),
                row(
                        "an answer without a length, ended by the close",
                        new MockResponse.Builder()
                                .body(TOKEN)
                                .removeHeader("Content-Length")
                                .onResponseEnd(SocketEffect.ShutdownConnection.INSTANCE)
                                .build(),
                        token("ad8e51c5a981bb821cfd77cc52154ad0")),
                row(
                        "chunks of one byte",
                        new MockResponse.Builder().chunkedBody(TOKEN, 1).build(),
                        token("ad8e51c5a981bb821cfd77cc52154ad0")));
    }

    private static Row row(String seen, MockResponse response, Check check) {
        return row(seen, LOGIN, response, check);
    }

    private static Row row(String seen, TokenRequest request, MockResponse response, Check check) {
        return new Row(seen, request, response, check);
    }

    private static Row life(String seen, String value, @Nullable Double seconds) {
        return row(
                "expires_in is " + seen, json("{\"access_token\":\"t\",\"expires_in\":" + value + "}"), lives(seconds));
    }

    private static Row type(String value, @Nullable String reason) {
        String body = "{\"access_token\":\"THETOKEN\",\"token_type\":" + value + "}";
        return row(
                "token_type is " + value,
                json(body),
                reason == null ? token("THETOKEN") : malformed(ANSWERED_200.formatted(body.length()) + reason));
    }

    private static Row scope(String seen, String value, String... scopes) {
        return row(
                "scope is " + seen,
                json("{\"access_token\":\"t\",\"scope\":" + value + "}"),
                token(response -> assertThat(response.scopes()).containsExactly(scopes)));
    }

    private static Row scopeAsAsked(String seen, String value) {
        return row(
                "scope is " + seen,
                json("{\"access_token\":\"t\",\"scope\":" + value + "}"),
                token(response -> assertThat(response.scopes()).isNull()));
    }

    private static Row labelled(String mediaType) {
        return row(
                "JSON labelled " + mediaType,
                response(200, mediaType, TOKEN),
                token("ad8e51c5a981bb821cfd77cc52154ad0"));
    }

    private static Row encoded(Charset charset) {
        return row(
                "JSON in " + charset,
                new MockResponse.Builder()
                        .setHeader("Content-Type", "application/json; charset=utf-8")
                        .body(new Buffer().write(TOKEN.getBytes(charset)))
                        .build(),
                token("ad8e51c5a981bb821cfd77cc52154ad0"));
    }

    private static Row badToken(String seen, String value, String reason) {
        String body = "{\"access_token\":" + value + "}";
        return row("token " + seen, json(body), malformed(ANSWERED_200.formatted(body.length()) + reason));
    }

    private static Row badRefreshToken(String seen, String value) {
        String body = "{\"access_token\":\"t\",\"refresh_token\":" + value + "}";
        return row(
                "refresh token " + seen,
                json(body),
                malformed(ANSWERED_200.formatted(body.length())
                        + "refresh_token is not a string of visible ASCII characters"));
    }

    private static Row notJson(String seen, String body) {
        return notJson(seen, body, java.nio.charset.StandardCharsets.UTF_8);
    }

    private static Row notJson(String seen, String body, Charset charset) {
        byte[] bytes = body.getBytes(charset);
        return row(
                seen,
                new MockResponse.Builder()
                        .setHeader("Content-Type", "application/json")
                        .body(new Buffer().write(bytes))
                        .build(),
                malformed(ANSWERED_200.formatted(bytes.length) + "it is not a JSON object"));
    }

    private static Row wait(String seen, String value, @Nullable Duration wait) {
        return row(
                "Retry-After is " + seen,
                new MockResponse.Builder()
                        .code(429)
                        .setHeader("Date", "Wed, 21 Oct 2015 07:28:00 GMT")
                        .addHeaderLenient("Retry-After", value)
                        .build(),
                (answer, where) -> {
                    assertThat(failed(answer).exception()).isInstanceOf(TokenException.Unavailable.class);
                    assertThat(failed(answer).exception().retryAfter().orElse(null))
                            .isEqualTo(wait);
                });
    }

    private static Check lives(@Nullable Double seconds) {
        return token(response -> assertThat(response.expiresIn())
                .isEqualTo(seconds == null ? null : Duration.ofMillis(Math.round(seconds * 1_000))));
    }

    private static Check token(String value) {
        return token(response -> assertThat(response.accessToken()).isEqualTo(value));
    }

    private static Check token(Consumer<TokenResponse> check) {
        return (answer, where) -> check.accept(issued(answer));
    }

    private static Check malformed(String message) {
        return (answer, where) -> {
            assertThat(failed(answer).delivery()).isEqualTo(Delivery.ANSWERED);
            assertThat(failed(answer).exception())
                    .isInstanceOf(TokenException.Malformed.class)
                    .hasNoCause()
                    .hasMessage(where + MALFORMED + message);
        };
    }

    private static Check empty(int status, String mediaType) {
        return (answer, where) -> {
            assertThat(failed(answer).delivery()).isEqualTo(Delivery.ANSWERED_EMPTY);
            assertThat(failed(answer).exception())
                    .isInstanceOf(TokenException.Malformed.class)
                    .hasMessage(where + " gave client 'your_client_id' an empty answer (grant password, status "
                            + status + ", " + mediaType + ", 0 bytes)");
        };
    }

    private static Check rejected(int status, String code) {
        return (answer, where) -> {
            assertThat(failed(answer).delivery()).isEqualTo(Delivery.ANSWERED);
            assertThat(failed(answer).exception()).isInstanceOf(TokenException.Rejected.class);
            assertThat(failed(answer).exception().status()).hasValue(status);
            assertThat(failed(answer).exception().error()).hasValue(code);
            assertThat(failed(answer).exception().getMessage())
                    .startsWith(where + " rejected client 'your_client_id' (grant ")
                    .contains("status " + status + "): " + code + "; ");
        };
    }

    private static Check rejectedPage(int status, String facts, String advice) {
        return (answer, where) -> {
            assertThat(failed(answer).delivery()).isEqualTo(Delivery.ANSWERED);
            assertThat(failed(answer).exception())
                    .isInstanceOf(TokenException.Rejected.class)
                    .hasMessage(
                            where + " rejected client 'your_client_id' without an OAuth error (grant password, status "
                                    + status + ", " + facts + "); " + advice);
            assertThat(failed(answer).exception().error()).isEmpty();
        };
    }

    private static Check unavailable(int status, @Nullable String code) {
        return (answer, where) -> {
            assertThat(failed(answer).delivery()).isEqualTo(Delivery.ANSWERED);
            assertThat(failed(answer).exception()).isInstanceOf(TokenException.Unavailable.class);
            assertThat(failed(answer).exception().status()).hasValue(status);
            assertThat(failed(answer).exception().error().orElse(null)).isEqualTo(code);
        };
    }

    private static Check lost() {
        return (answer, where) -> {
            assertThat(failed(answer).delivery()).isEqualTo(Delivery.UNANSWERED);
            assertThat(failed(answer).exception())
                    .isInstanceOf(TokenException.Unavailable.class)
                    .hasMessage(where + " gave client 'your_client_id' (grant password) no token: the connection broke"
                            + " before a complete answer came");
        };
    }
}
