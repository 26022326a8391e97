package io.monotoken.testing;

import static io.monotoken.testing.PlainClient.FIVE_SECONDS;
import static io.monotoken.testing.PlainClient.granted;
import static io.monotoken.testing.PlainClient.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An API that has what a test gives it. */
class AnyApiTests {

    private final StandInTokenServer tokenServer = StandInTokenServer.start();
    private final StandInApi api = StandInApi.start(tokenServer);

    @AfterEach
    void close() {
        api.close();
        tokenServer.close();
    }

    @Test
    void answersInTheJsonOfATest() throws Exception {
        api.answer("/orders", "[{\"id\":1}]").answer("/orders/1", 503, "{\"later\":\"ü\"}");

        HttpResponse<String> orders = get("/orders?page=2");
        HttpResponse<String> order = get("/orders/1");
        HttpResponse<String> posted = send(authorised("/orders").POST(BodyPublishers.ofString("{}")));

        assertThat(orders.statusCode()).isEqualTo(200);
        assertThat(orders.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(orders.body()).isEqualTo("[{\"id\":1}]");
        assertThat(order.statusCode()).isEqualTo(503);
        assertThat(order.body()).isEqualTo("{\"later\":\"ü\"}");
        assertThat(posted.body()).isEqualTo("[{\"id\":1}]");
        assertThat(api.authorised()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"/a,exact", "/a/b,below a", "/a/b/c,below b", "/a/b/c/d,below b", "/ab,everything", "/,everything"})
    void answersBelowAPath(String path, String answer) throws Exception {
        api.answer("/**", "everything")
                .answer("/a", "exact")
                .answer("/a/**", "below a")
                .answer("/a/b/c/**", "below b");

        assertThat(get(path).body()).isEqualTo(answer);
    }

    @Test
    void hasNothingElse() throws Exception {
        api.answer("/orders", "[]");

        assertThat(get("/order").statusCode()).isEqualTo(404);
        assertThat(get("/me").statusCode()).isEqualTo(404);
    }

    @Test
    void answersWithoutABody() throws Exception {
        api.answer("/orders/1", 204, "");

        HttpResponse<String> deleted = send(authorised("/orders/1").DELETE());

        assertThat(deleted.statusCode()).isEqualTo(204);
        assertThat(get("/orders/1").statusCode()).isEqualTo(204);
    }

    @Test
    void reusesAConnectionAfterALargeBody() throws Exception {
        api.answer("/upload", "{}");

        for (int request = 0; request < 20; request++) {
            assertThat(send(authorised("/upload").POST(BodyPublishers.ofByteArray(new byte[1_000_000])))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void rejectsAtAPathInTheWordsOfATest() throws Exception {
        api.answer("/**", "{}").reject("/admin/**", "{\"code\":7}", "Bearer error=\"insufficient_scope\"", "Negotiate");

        HttpResponse<String> rejected = get("/admin/users");

        assertThat(rejected.statusCode()).isEqualTo(401);
        assertThat(rejected.body()).isEqualTo("{\"code\":7}");
        assertThat(rejected.headers().allValues("WWW-Authenticate"))
                .containsExactly("Bearer error=\"insufficient_scope\"", "Negotiate");
        assertThat(get("/orders").statusCode()).isEqualTo(200);
        assertThat(api.rejected()).isOne();
        assertThat(api.authorised()).isOne();
    }

    @Test
    void rejectsWithoutAChallenge() throws Exception {
        api.reject("/admin", "");

        assertThat(get("/admin").headers().allValues("WWW-Authenticate")).isEmpty();
    }

    @Test
    void challengesInTheWordsOfATest() throws Exception {
        api.answer("/orders", "[]").challenges("bearer realm=\"x\", error=\"expired_token\"", "Basic realm=\"y\"");
        HttpRequest.Builder request = authorised("/orders");
        tokenServer.revokeAccessTokens();

        assertThat(send(request).headers().allValues("WWW-Authenticate"))
                .containsExactly("bearer realm=\"x\", error=\"expired_token\"", "Basic realm=\"y\"");

        api.challenges();
        api.rejectNext(1);

        assertThat(get("/orders").statusCode()).isEqualTo(401);
        assertThat(send(request).headers().allValues("WWW-Authenticate")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 199, 401, 600})
    void refusesAStatusThatIsNoAnswer(int status) {
        assertThatThrownBy(() -> api.answer("/orders", status, "{}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("status must be from 200 to 599, and for 401 there is reject(...), was " + status);
    }

    @Test
    void refusesWhatCannotBeSentOrAskedFor() {
        assertThatThrownBy(() -> api.answer("orders", "[]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("path must begin with a slash, was 'orders'");
        assertThatThrownBy(() -> api.challenges("Bearer\r\nX: y")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> api.reject("/orders", "{}", "Bearer\n")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void addsToWhatComplyOneHas() throws Exception {
        try (var complyOne = StandInApi.complyOne(tokenServer).start()) {
            complyOne.answer("/sites", "[]").answer("/me", "{}");

            assertThat(complyOne.baseUrl()).hasPath("/v3");
            assertThat(get(complyOne, "/sites").body()).isEqualTo("[]");
            assertThat(get(complyOne, "/me").body()).isEqualTo("{}");
            assertThat(get(complyOne, "/employees").body()).contains("Ada");
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return get(api, path);
    }

    private HttpResponse<String> get(StandInApi api, String path) throws Exception {
        return send(authorised(api, path));
    }

    private HttpRequest.Builder authorised(String path) throws Exception {
        return authorised(api, path);
    }

    private HttpRequest.Builder authorised(StandInApi api, String path) throws Exception {
        PlainClient.Form form = new PlainClient.Form(Map.of())
                .with("grant_type", "client_credentials")
                .with("client_id", tokenServer.clientId())
                .with("client_secret", tokenServer.clientSecret());
        return HttpRequest.newBuilder(URI.create(api.baseUrl() + path))
                .timeout(FIVE_SECONDS)
                .header("Authorization", "Bearer " + granted(tokenServer, form, "access_token"));
    }
}
