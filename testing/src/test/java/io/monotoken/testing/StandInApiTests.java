package io.monotoken.testing;

import static io.monotoken.testing.PlainClient.FIVE_SECONDS;
import static io.monotoken.testing.PlainClient.accessToken;
import static io.monotoken.testing.PlainClient.granted;
import static io.monotoken.testing.PlainClient.login;
import static io.monotoken.testing.PlainClient.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.http.HttpResources;

class StandInApiTests {

    private final ManualClock clock = new ManualClock();
    private final StandInTokenServer tokenServer =
            StandInTokenServer.stemsAccounts().clock(clock).start();
    private final StandInApi api = StandInApi.complyOne(tokenServer).start();

    @AfterEach
    void close() {
        api.close();
        tokenServer.close();
    }

    @Test
    void answersInJson() throws Exception {
        String token = accessToken(tokenServer);

        HttpResponse<String> me = get("/me", "Bearer " + token);
        HttpResponse<String> employees = get("/employees?page=1", "bearer " + token);

        assertThat(me.statusCode()).isEqualTo(200);
        assertThat(me.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(me.body()).isEqualTo("{\"username\":\"john.smith@contoso.com\"}");
        assertThat(employees.body())
                .startsWith("[{\"id\":1,\"firstName\":\"Ada\",")
                .endsWith("}]")
                .doesNotContain("\n");
        assertThat(api.requests()).isEqualTo(2);
        assertThat(api.authorised()).isEqualTo(2);
        assertThat(api.rejected()).isZero();
    }

    @Test
    void escapesWhatItPutsIntoJson() throws Exception {
        String odd = "a\"b\\c\nü";
        try (var users = StandInTokenServer.stemsAccounts().user(odd, "secret").start();
                var api = StandInApi.complyOne(users).start()) {
            String token = granted(users, login().with("username", odd).with("password", "secret"), "access_token");

            HttpResponse<String> me = send(request(api, "/me").header("Authorization", "Bearer " + token));

            assertThat(me.body()).isEqualTo("{\"username\":\"a\\\"b\\\\c\\u000aü\"}");
        }
    }

    @Test
    void echoesWhatABodyWas() throws Exception {
        byte[] body = new byte[1_000_000];
        new Random(7).nextBytes(body);
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));

        HttpResponse<String> response = send(request(api, "/echo")
                .header("Authorization", "Bearer " + accessToken(tokenServer))
                .POST(BodyPublishers.ofByteArray(body)));

        assertThat(response.body()).isEqualTo("{\"length\":1000000,\"sha256\":\"" + sha256 + "\"}");
    }

    @Test
    void echoesAnEmptyBody() throws Exception {
        HttpResponse<String> response = send(request(api, "/echo")
                .header("Authorization", "Bearer " + accessToken(tokenServer))
                .POST(BodyPublishers.noBody()));

        assertThat(response.body())
                .isEqualTo("{\"length\":0,"
                        + "\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/echo", "/me/", "/../v4/me"})
    void hasNothingElse(String path) throws Exception {
        HttpResponse<String> response = get(path, "Bearer " + accessToken(tokenServer));

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).isEqualTo("{\"message\":\"There is no such resource\"}");
    }

    @Test
    void challengesWhoeverComesWithoutAToken() throws Exception {
        HttpResponse<String> response = send(request(api, "/me"));

        assertRejected(response, "Bearer");
        assertRejected(get("/me", "Basic am9objpzZWNyZXQ="), "Bearer");
        assertRejected(get("/nothing", "Basic am9objpzZWNyZXQ="), "Bearer");
        assertThat(api.rejected()).isEqualTo(3);
        assertThat(api.authorised()).isZero();
    }

    @Test
    void rejectsTwoTokensAtOnce() throws Exception {
        String bearer = "Bearer " + accessToken(tokenServer);

        HttpResponse<String> response =
                send(request(api, "/me").header("Authorization", bearer).header("Authorization", bearer));

        assertRejected(response, "Bearer");
    }

    @Test
    void rejectsExpiredTokens() throws Exception {
        String token = accessToken(tokenServer);
        clock.advance(Duration.ofSeconds(30));

        HttpResponse<String> response = get("/me", "Bearer " + token);

        assertRejected(response, "Bearer error=\"invalid_token\", error_description=\"The access token expired\"");
        assertThat(api.rejectedExpired()).isEqualTo(1);
    }

    @Test
    void rejectsUnknownAndRevokedTokens() throws Exception {
        String unknown = "Bearer error=\"invalid_token\", error_description=\"The access token is unknown\"";
        String token = accessToken(tokenServer);
        tokenServer.revokeAccessTokens();

        assertRejected(get("/me", "Bearer " + token), unknown);
        assertRejected(get("/me", "Bearer ad8e51c5a981bb821cfd77cc52154ad0"), unknown);
        assertThat(api.rejectedExpired()).isZero();
    }

    @Test
    void rejectsValidTokensAsOftenAsTold() throws Exception {
        String token = accessToken(tokenServer);
        api.rejectNext(2);

        assertThat(get("/me", "Bearer " + token).statusCode()).isEqualTo(401);
        assertThat(get("/me", "Bearer " + token).statusCode()).isEqualTo(401);
        assertThat(get("/me", "Bearer " + token).statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> api.rejectNext(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("requests must not be negative, was -1");
    }

    @Test
    void rejectsALargeBodyWithoutLosingTheAnswer() throws Exception {
        for (int request = 0; request < 20; request++) {
            HttpResponse<String> response =
                    send(request(api, "/echo").POST(BodyPublishers.ofByteArray(new byte[2_000_000])));

            assertRejected(response, "Bearer");
        }
    }

    @Test
    void delaysAnswers() throws Exception {
        String token = accessToken(tokenServer);
        api.latency(Duration.ofMillis(200));
        long before = System.nanoTime();

        get("/me", "Bearer " + token);

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void takesSettings() throws Exception {
        try (var api = StandInApi.complyOne(tokenServer)
                .path("/v4")
                .latency(Duration.ofMillis(1))
                .start()) {
            String token = accessToken(tokenServer);

            assertThat(api.baseUrl()).hasPath("/v4").hasHost("127.0.0.1");
            assertThat(api.tokenServer()).isSameAs(tokenServer);
            assertThat(send(request(api, "/me").header("Authorization", "Bearer " + token))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void refusesAPathThatEndsWithASlash() {
        assertThatThrownBy(() -> StandInApi.builder(tokenServer).path("/v4/"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("path must not end with a slash, was '/v4/'");
    }

    @Test
    void survivesTheLoopsThatReactorNettyShares() throws Exception {
        String token = accessToken(tokenServer);

        HttpResources.disposeLoopsAndConnectionsLater(Duration.ZERO, FIVE_SECONDS)
                .block(FIVE_SECONDS);

        assertThat(get("/me", "Bearer " + token).statusCode()).isEqualTo(200);
    }

    @Test
    void closesWithoutTheTokenServer() throws Exception {
        api.close();

        assertThatThrownBy(() -> get("/me", "Bearer abc")).isInstanceOf(ConnectException.class);
        assertThat(accessToken(tokenServer)).isNotEmpty();
    }

    private HttpResponse<String> get(String path, String authorization) throws Exception {
        return send(request(api, path).header("Authorization", authorization));
    }

    private static HttpRequest.Builder request(StandInApi api, String path) {
        return HttpRequest.newBuilder(URI.create(api.baseUrl() + path)).timeout(FIVE_SECONDS);
    }

    private static void assertRejected(HttpResponse<String> response, String challenge) {
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().allValues("WWW-Authenticate")).containsExactly(challenge);
        assertThat(response.body()).isEqualTo("{\"message\":\"Authorization has been denied for this request\"}");
    }
}
