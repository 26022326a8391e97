package io.monotoken.samples.complyone.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.monotoken.samples.complyone.RunningApplication;
import io.monotoken.samples.complyone.StandIns;
import io.monotoken.testing.StandInApi;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.util.TestSocketUtils;
import org.springframework.test.web.reactive.server.WebTestClient;

/** What the page is made of; how it looks is another test's. */
@Timeout(60)
class LivePageTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Map<String, Object> NO_STORY = Map.of("sample.story", false);

    private static WebTestClient.ResponseSpec press(WebTestClient client, String button) {
        return client.post()
                .uri("/live/actions/" + button)
                .contentType(MediaType.APPLICATION_JSON)
                .exchange();
    }

    /** {@return the moments up to the first one that has this} */
    private static List<String> momentsUntil(WebTestClient client, String part) {
        List<String> moments = client.get()
                .uri("/live/moments")
                .exchange()
                .expectStatus()
                .isOk()
                .returnResult(String.class)
                .getResponseBody()
                .takeUntil(moment -> moment.contains(part))
                .collectList()
                .blockOptional(PATIENCE)
                .orElseThrow();
        assertThat(moments.get(moments.size() - 1)).contains(part);
        return moments;
    }

    @Test
    void isServedWithItsStyleScriptAndCharts() {
        try (RunningApplication application = RunningApplication.with(NO_STORY)) {
            for (String part : List.of(
                    "/",
                    "/live.js",
                    "/live.css",
                    "/icon.svg",
                    "/webjars/uplot/dist/uPlot.iife.min.js",
                    "/webjars/uplot/dist/uPlot.min.css")) {
                application.get(part).expectStatus().isOk();
            }
        }
    }

    @Test
    void tellsMomentsWithoutASecret() {
        try (RunningApplication application = RunningApplication.with(NO_STORY)) {
            press(application.client(), "requests").expectStatus().isAccepted();

            assertThat(momentsUntil(application.client(), "Requests sent at once: 1 000 x 200"))
                    .allSatisfy(moment -> assertThat(moment)
                            .contains("\"phase\":")
                            .doesNotContain("your_client_secret", "P4ssw0rd")
                            .doesNotContainPattern("[0-9a-f]{32}")); // what a token looks like
        }
    }

    @Test
    void requestsGoOnWhetherSomebodyWatchesOrNot() {
        try (RunningApplication application = RunningApplication.with(NO_STORY)) {
            StandInApi api = application.context().getBean(StandIns.class).complyOne();

            await().atMost(PATIENCE).until(() -> api.authorised() >= 20);
        }
    }

    @Test
    void refusesWhatIsNoButton() {
        try (RunningApplication application = RunningApplication.with(NO_STORY)) {
            press(application.client(), "explode").expectStatus().isNotFound();
            application
                    .client()
                    .post()
                    .uri("/live/actions/revoke")
                    .contentType(MediaType.APPLICATION_FORM_URLENCODED) // what another site's form can send
                    .exchange()
                    .expectStatus()
                    .isEqualTo(HttpStatus.UNSUPPORTED_MEDIA_TYPE);
        }
    }

    /** Another site's name may be made to mean this machine, and its script then reads what it asks for here. */
    @ParameterizedTest
    @CsvSource({
        "localhost, 200", "LOCALHOST, 200", "127.0.0.1, 200", "[::1], 200",
        "evil.example, 421", "localhost.evil.example, 421", "evil.example@localhost, 421", "127.0.0.2, 421",
        "[::2], 421", "192.168.0.1, 421", "'', 421"
    })
    void answersToLocalHostNamesOnly(String host, int status) {
        try (RunningApplication application = RunningApplication.with(NO_STORY)) {
            for (String port : List.of("", ":80", ":8080")) {
                for (String path : List.of("/", "/live/actions", "/token", "/employees", "/nothing")) {
                    application
                            .client()
                            .get()
                            .uri(path)
                            .header(HttpHeaders.HOST, host + port)
                            .exchange()
                            .expectStatus()
                            .value(answered -> assertThat(answered)
                                    .as(host + port + path)
                                    .isEqualTo(status == 200 && path.equals("/nothing") ? 404 : status));
                }
            }
        }
    }

    @Test
    void refusesWhatThereIsNothingToDoFor() {
        try (RunningApplication application = RunningApplication.with(NO_STORY)) {
            expectConflict(press(application.client(), "put-right"), "nothing is wrong");
        }
    }

    @Test
    void startsAnActionOnceAtATime() {
        try (RunningApplication application = RunningApplication.with(NO_STORY)) {
            pressAsSoonAsPossible(application.client(), "lose");

            expectConflict(press(application.client(), "lose"), "under way");
        }
    }

    @Test
    void rejectsNoTokenSoSoonAfterAnotherThatCallersWouldSeeIt() {
        try (RunningApplication application = RunningApplication.with(NO_STORY)) {
            pressAsSoonAsPossible(application.client(), "revoke");
            momentsUntil(application.client(), "Requests that Comply One answered 401: ");

            pressAsSoonAsPossible(application.client(), "change-password");

            momentsUntil(application.client(), "since a rejected token is renewed once in ten seconds");
            assertThat(application.context().getBean(Tally.class).counts().failed())
                    .isZero();
            momentsUntil(application.client(), "Wrong passwords that Stems Accounts saw: 1");
        }
    }

    private static void pressAsSoonAsPossible(WebTestClient client, String button) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> press(client, button).expectStatus().isAccepted());
    }

    private static void expectConflict(WebTestClient.ResponseSpec response, String why) {
        response.expectStatus()
                .isEqualTo(HttpStatus.CONFLICT)
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo(why);
    }

    @Test
    void waitsForTheConsolesStory() throws Exception {
        int port = TestSocketUtils.findAvailableTcpPort();
        WebTestClient client = RunningApplication.client(port);
        CompletableFuture<RunningApplication> starting = CompletableFuture.supplyAsync(
                () -> RunningApplication.with(Map.of("server.port", port, "sample.token-life", "10s")));
        try {
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> expectConflict(press(client, "requests"), "after the story"));
            assertThat(momentsUntil(client, "\"obstacles\":{\"put-right\":\"nothing is wrong\"}")
                            .get(0))
                    .contains("\"requests\":\"after the story\"");
        } finally {
            starting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).close();
        }
    }

    @Test
    void isPoliteToTheRealService() {
        try (StandIns service = StandIns.start(Duration.ofMinutes(30))) {
            Map<String, Object> account = new HashMap<>(service.properties());
            account.putAll(NO_STORY);
            try (RunningApplication application = RunningApplication.with(account)) {
                application
                        .get("/live/actions")
                        .expectBody()
                        .jsonPath("$.length()")
                        .isEqualTo(1)
                        .jsonPath("$[0].label")
                        .isEqualTo("Send 10 requests at once");
                press(application.client(), "revoke").expectStatus().isNotFound();

                press(application.client(), "requests").expectStatus().isAccepted();
                assertThat(momentsUntil(application.client(), "Requests sent at once: 10 x 200"))
                        .allMatch(moment -> moment.contains("\"provider\":null"));
                assertThat(service.complyOne().requests()).isEqualTo(10); // none for those who watch
            }
        }
    }
}
