package io.monotoken.samples.complyone.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

/** The command, with the processes that it starts. */
@Tag("processes")
@Timeout(180)
class FleetTests {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern INSTANCE = Pattern.compile(" *(comply-one-\\d) +http://localhost:(\\d+) .* (\\d+)");

    private final Queue<String> said = new ConcurrentLinkedQueue<>();
    private Process fleet;
    private List<ProcessHandle> all;
    private List<MatchResult> instances;

    @BeforeEach
    void startAndWaitUntilBothServe() throws IOException {
        fleet = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Fleet.class.getName(),
                        "--server.port=0")
                .redirectErrorStream(true)
                .start();
        Thread listener = new Thread(this::listen);
        listener.setDaemon(true);
        listener.start();
        await().atMost(PATIENCE).until(() -> says("Ctrl-C ends all of them."));
        all = fleet.descendants().toList();
        instances = said.stream()
                .flatMap(lines -> INSTANCE.matcher(lines).results())
                .toList();
        assertThat(all).as("Redis and two instances").hasSize(3);
        assertThat(instances).hasSize(2);
    }

    private void listen() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(fleet.getInputStream(), UTF_8))) {
            lines.lines().forEach(said::add);
        } catch (IOException | UncheckedIOException e) {
            said.add(e.toString());
        }
    }

    private boolean says(String part) {
        return said.stream().anyMatch(line -> line.contains(part));
    }

    @AfterEach
    void end() {
        fleet.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void goesOnWithoutItsLeaderAndEndsWithItsParent() {
        WebTestClient first = client(instances.get(0));
        WebTestClient second = client(instances.get(1));
        RunningFleet.momentOf(first, 1);

        first.post()
                .uri("/live/actions/kill-renewing")
                .contentType(MediaType.APPLICATION_JSON)
                .exchange()
                .expectStatus()
                .isAccepted();

        await().atMost(PATIENCE).until(() -> says(instances.get(0).group(1) + " has ended."));
        await().atMost(PATIENCE).until(() -> says("The other one led "));
        await().atMost(PATIENCE)
                .untilAsserted(() -> second.get()
                        .uri("/token")
                        .exchange()
                        .expectBody()
                        .jsonPath("$.shared.leader")
                        .value(leader -> assertThat(leader)
                                .asString()
                                .startsWith(instances.get(1).group(1) + "/")));

        fleet.destroyForcibly();

        awaitTheEndOfAll();
    }

    private static WebTestClient client(MatchResult instance) {
        return WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + instance.group(2))
                .build();
    }

    @Test
    void allEndWhenAskedTo() {
        fleet.destroy();

        awaitTheEndOfAll();
    }

    private void awaitTheEndOfAll() {
        await().atMost(PATIENCE).until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
    }
}
