package io.monotoken.testing;

import static io.monotoken.testing.PlainClient.FIVE_SECONDS;
import static io.monotoken.testing.PlainClient.login;
import static io.monotoken.testing.PlainClient.refresh;
import static io.monotoken.testing.PlainClient.refreshToken;
import static io.monotoken.testing.PlainClient.send;
import static io.monotoken.testing.PlainClient.sendAsync;
import static io.monotoken.testing.PlainClient.tokenRequest;
import static io.monotoken.testing.StandInTokenServerTests.assertRefused;
import static io.monotoken.testing.StandInTokenServerTests.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.netty.http.HttpResources;

/** How a test controls the server: latency and faults, the record of requests, settings and closing. */
class StandInTokenServerControlTests {

    private final ManualClock clock = new ManualClock();
    private final StandInTokenServer server =
            StandInTokenServer.stemsAccounts().clock(clock).start();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void delaysAnswersOfRequestsThatWereProcessed() throws Exception {
        String token = refreshToken(server);
        server.latency(Duration.ofMillis(300));
        long before = System.nanoTime();

        CompletableFuture<HttpResponse<String>> answer =
                sendAsync(tokenRequest(server, refresh(token).encoded()));
        awaitTokenRequests(2);
        server.latency(Duration.ZERO);

        assertRefused(send(server, refresh(token)), error("invalid_grant"));
        assertThat(answer).isNotDone();
        assertThat(answer.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void refusesAsOftenAsTold() throws Exception {
        server.refuseNext(2, 503);

        assertThat(send(server, login()).statusCode()).isEqualTo(503);
        assertThat(send(server, login().with("password", "wrong")).statusCode()).isEqualTo(503);
        assertThat(send(server, login()).statusCode()).isEqualTo(200);
        assertThat(server.wrongPasswords()).isZero();
        assertThat(server.passwordRequests()).isEqualTo(3);
    }

    @Test
    void losesOneAnswerOfARequestThatWasProcessed() throws Exception {
        String token = refreshToken(server);
        server.loseNextAnswer();

        assertThatThrownBy(() -> send(server, refresh(token))).isInstanceOf(IOException.class);

        assertThat(server.refreshRequests()).isEqualTo(1);
        assertRefused(send(server, refresh(token)), error("invalid_grant"));
        assertThat(server.refreshTokensPresentedTwice()).isEqualTo(1);
    }

    @Test
    void stopsAnsweringAndAnswersAgain() throws Exception {
        String token = refreshToken(server);
        server.stopAnswering();

        CompletableFuture<HttpResponse<String>> silenced =
                sendAsync(tokenRequest(server, refresh(token).encoded()));
        awaitTokenRequests(2);
        server.answerAgain();

        assertThat(send(server, refresh(token)).statusCode()).isEqualTo(200);
        assertThat(silenced).isNotDone();
        assertThat(server.refreshRequests()).isEqualTo(2);
        assertThat(server.refreshTokensPresentedTwice()).isZero();
    }

    @Test
    void answersAgainAfterEveryFault() throws Exception {
        server.refuseNext(10, 500);
        server.loseNextAnswer();
        server.stopAnswering();

        server.answerAgain();

        assertThat(send(server, login()).statusCode()).isEqualTo(200);
    }

    @Test
    void keepsARecordWithoutSecrets() throws Exception {
        String token = refreshToken(server);
        clock.advance(Duration.ofSeconds(7));
        send(server, refresh(token));
        send(server, refresh(token));
        send(server, login().with("grant_type", "P4ssw0rd"));
        server.refuseNext(1, 429);
        send(server, login());
        server.loseNextAnswer();
        assertThatThrownBy(() -> send(server, login())).isInstanceOf(IOException.class);

        var start = clock.instant().minusSeconds(7);
        var later = clock.instant();
        assertThat(server.recordedRequests())
                .containsExactly(
                        new RecordedTokenRequest("password", 200, null, null, start),
                        new RecordedTokenRequest("refresh_token", 200, null, null, later),
                        new RecordedTokenRequest(
                                "refresh_token", 400, "invalid_grant", "refresh_token was used before", later),
                        new RecordedTokenRequest(
                                "REDACTED",
                                400,
                                "unsupported_grant_type",
                                "this stand-in grants password, refresh_token; set others with the builder's grants(...)",
                                later),
                        new RecordedTokenRequest("password", 429, null, "refuseNext(...) was called", later),
                        new RecordedTokenRequest("password", null, null, "loseNextAnswer() was called", later));
        assertThat(server.tokenRequests()).isEqualTo(6);
    }

    @Test
    void keepsTheLatestThousandRequests() throws Exception {
        send(server, login().with("password", "wrong"));
        for (int request = 0; request < TokenRequestHandler.RECORDED; request++) {
            send(server, login());
        }

        assertThat(server.recordedRequests())
                .hasSize(TokenRequestHandler.RECORDED)
                .allMatch(request -> Integer.valueOf(200).equals(request.status()));
    }

    @Nested
    class Settings {

        @Test
        void choosePathLivesAndLockOut() throws Exception {
            try (var server = StandInTokenServer.stemsAccounts()
                    .path("/token")
                    .accessTokenLife(Duration.ofMinutes(30))
                    .refreshTokenLife(Duration.ofHours(1))
                    .lockOutAfter(1)
                    .clock(clock)
                    .start()) {
                String token = refreshToken(server);
                clock.advance(Duration.ofHours(1));

                assertThat(server.tokenUri()).hasPath("/token").hasHost("127.0.0.1");
                assertRefused(send(server, refresh(token)), error("invalid_grant"));
                assertThat(send(server, login()).body()).contains("\"expires_in\":1800,");
                send(server, login().with("password", "wrong"));
                assertThat(server.isLockedOut("john.smith@contoso.com")).isTrue();
            }
        }

        @Test
        void replaceTheDefaultClientAndUser() throws Exception {
            try (var server = StandInTokenServer.stemsAccounts()
                    .client("a", "b")
                    .user("c", "d")
                    .start()) {
                var form = login().with("client_id", "a").with("client_secret", "b");

                assertRefused(send(server, login()), error("invalid_client"));
                assertRefused(send(server, form), error("invalid_grant"));
                assertThat(send(server, form.with("username", "c").with("password", "d"))
                                .statusCode())
                        .isEqualTo(200);
            }
        }

        @Test
        void areChecked() {
            var builder = StandInTokenServer.stemsAccounts();

            assertRejected(() -> builder.port(-1), "port must be from 0 to 65535, was -1; 0 takes a free one");
            assertRejected(() -> builder.path("token"), "path must begin with a slash, was 'token'");
            assertRejected(() -> builder.lockOutAfter(0), "lockOutAfter must be at least 1, was 0");
            assertRejected(
                    () -> builder.accessTokenLife(Duration.ZERO),
                    "accessTokenLife must be at least one second, was PT0S");
            assertRejected(
                    () -> builder.refreshTokenLife(Duration.ofMillis(999)),
                    "refreshTokenLife must be at least one second, was PT0.999S");
            assertRejected(() -> builder.latency(Duration.ofSeconds(-1)), "latency must not be negative, was PT-1S");
            assertRejected(
                    () -> builder.user("jane", "x".repeat(101)), "password must have at most 100 characters, had 101");
            assertRejected(() -> builder.client("", "secret"), "id must not be empty");
            assertRejected(() -> server.refuseNext(-1, 503), "requests must not be negative, was -1");
            assertRejected(() -> server.refuseNext(1, 302), "status must be from 400 to 599, was 302");
        }

        private static void assertRejected(Runnable setting, String message) {
            assertThatThrownBy(setting::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    @Nested
    class Closing {

        @Test
        void endsConnectionsThatWaitForAnAnswer() throws Exception {
            server.stopAnswering();
            CompletableFuture<HttpResponse<String>> silenced = sendAsync(tokenRequest(server, login().encoded()));
            awaitTokenRequests(1);
            try (Socket idle = new Socket(
                    InetAddress.getLoopbackAddress(), server.tokenUri().getPort())) {
                idle.setSoTimeout((int) FIVE_SECONDS.toMillis());

                server.close();
                server.close();

                assertThat(ends(idle)).isTrue();
                assertThat(silenced).failsWithin(FIVE_SECONDS);
                assertThatThrownBy(() -> send(server, login())).isInstanceOf(ConnectException.class);
            }
        }

        /** One that the server had not accepted yet is reset. */
        private static boolean ends(Socket connection) throws IOException {
            try {
                return connection.getInputStream().read() == -1;
            } catch (SocketTimeoutException e) {
                return false;
            } catch (SocketException e) {
                return true;
            }
        }

        /** As a Spring context does when it closes. */
        @Test
        void isNotThatOfTheLoopsThatReactorNettyShares() throws Exception {
            try (var server = StandInTokenServer.stemsAccounts()
                    .latency(Duration.ofMillis(1))
                    .start()) {
                HttpResources.disposeLoopsAndConnectionsLater(Duration.ZERO, FIVE_SECONDS)
                        .block(FIVE_SECONDS);

                assertThat(send(server, login()).statusCode()).isEqualTo(200);
            }
        }

        @Test
        void leavesNoThread() throws Exception {
            int before = threads();
            try (var server = StandInTokenServer.start()) {
                assertThat(server.isActive("none")).isFalse();
                assertThat(threads()).isEqualTo(before + 1);
            }

            long deadline = System.nanoTime() + FIVE_SECONDS.toNanos();
            while (threads() > before) {
                assertThat(System.nanoTime()).as("time").isLessThan(deadline);
                Thread.onSpinWait();
            }
        }

        private static int threads() {
            return (int) Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("stand-in"))
                    .count();
        }
    }

    @Nested
    class AFixedPort {

        @Test
        void isHintedAtWhereItIsTaken() {
            int taken = server.tokenUri().getPort();

            assertThatThrownBy(() -> StandInTokenServer.builder().port(taken).start())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("cannot listen at 127.0.0.1:" + taken
                            + ", it may be taken; port(0), the default, takes a free one")
                    .hasRootCauseInstanceOf(IOException.class);
        }

        @Test
        void hasAnotherAddressEachTimeUnlessAPathIsSet() {
            server.close();
            int port = server.tokenUri().getPort();
            URI second;
            try (var another = StandInTokenServer.stemsAccounts().port(port).start()) {
                second = another.tokenUri();
            }
            try (var third = StandInTokenServer.stemsAccounts()
                    .port(port)
                    .path("/auth/connect/token")
                    .start()) {
                assertThat(third.tokenUri()).hasToString("http://127.0.0.1:" + port + "/auth/connect/token");
            }

            assertThat(second)
                    .hasPort(port)
                    .isNotEqualTo(server.tokenUri())
                    .asString()
                    .matches("http://127\\.0\\.0\\.1:[0-9]+/[0-9a-f]{8}/auth/connect/token");
        }
    }

    private void awaitTokenRequests(long expected) {
        long deadline = System.nanoTime() + FIVE_SECONDS.toNanos();
        while (server.recordedRequests().size() < expected) {
            assertThat(System.nanoTime()).as("time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
