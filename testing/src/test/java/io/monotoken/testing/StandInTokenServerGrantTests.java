package io.monotoken.testing;

import static io.monotoken.testing.PlainClient.accessToken;
import static io.monotoken.testing.PlainClient.granted;
import static io.monotoken.testing.PlainClient.login;
import static io.monotoken.testing.PlainClient.refresh;
import static io.monotoken.testing.PlainClient.refreshToken;
import static io.monotoken.testing.PlainClient.send;
import static io.monotoken.testing.StandInTokenServerTests.assertRefused;
import static io.monotoken.testing.StandInTokenServerTests.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** How passwords are checked, users are locked out, and tokens expire, rotate and are revoked. */
class StandInTokenServerGrantTests {

    private final ManualClock clock = new ManualClock();
    private final StandInTokenServer server = StandInTokenServer.stemsAccounts()
            .client("your_client_id", "your_client_secret")
            .client("other", "other_secret")
            .user("john.smith@contoso.com", "P4ssw0rd")
            .user("jane", "secret")
            .clock(clock)
            .start();

    @AfterEach
    void close() {
        server.close();
    }

    @Nested
    class Passwords {

        @Test
        void lockTheUserOutWhenWrongFiveTimesInARow() throws Exception {
            for (int wrong = 1; wrong <= 5; wrong++) {
                assertThat(server.isLockedOut("john.smith@contoso.com")).isFalse();
                assertRefused(send(server, login().with("password", "wrong")), error("invalid_grant"));
            }

            assertThat(server.isLockedOut("john.smith@contoso.com")).isTrue();
            assertRefused(send(server, login()), error("invalid_grant"));
            assertThat(server.wrongPasswords()).isEqualTo(6);
            assertThat(send(server, login().with("username", "jane").with("password", "secret"))
                            .statusCode())
                    .isEqualTo(200);

            server.unlock("john.smith@contoso.com");
            assertThat(send(server, login()).statusCode()).isEqualTo(200);
        }

        @Test
        void areForgivenByARightOne() throws Exception {
            for (int round = 0; round < 2; round++) {
                for (int wrong = 1; wrong <= 4; wrong++) {
                    send(server, login().with("password", "wrong"));
                }
                assertThat(send(server, login()).statusCode()).isEqualTo(200);
            }

            assertThat(server.wrongPasswords()).isEqualTo(8);
        }

        @Test
        void ofUnknownUsersLookLikeWrongOnes() throws Exception {
            HttpResponse<String> response = send(server, login().with("username", "nobody"));

            assertRefused(response, error("invalid_grant"));
            assertThat(server.wrongPasswords()).isEqualTo(1);
        }

        @Test
        void change() throws Exception {
            server.changePassword("john.smith@contoso.com", "N3w");

            assertRefused(send(server, login()), error("invalid_grant"));
            assertThat(send(server, login().with("password", "N3w")).statusCode())
                    .isEqualTo(200);
        }

        @Test
        void belongToRegisteredUsers() {
            assertThatThrownBy(() -> server.unlock("nobody"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("no user 'nobody'; register it with the builder's user(...)");
        }
    }

    @Nested
    class AccessTokens {

        @Test
        void expire() throws Exception {
            String token = accessToken(server);

            clock.advance(Duration.ofSeconds(30).minusNanos(1));
            assertThat(server.isActive(token)).isTrue();

            clock.advance(Duration.ofNanos(1));
            assertThat(server.isActive(token)).isFalse();
        }

        @Test
        void areRevokedWithoutTheirRefreshTokens() throws Exception {
            String refreshToken = refreshToken(server);
            String token = accessToken(server);

            server.revokeAccessTokens();

            assertThat(server.isActive(token)).isFalse();
            assertThat(server.isActive(granted(server, refresh(refreshToken), "access_token")))
                    .isTrue();
        }

        @Test
        void areKnownWhenIssuedHere() {
            assertThat(server.isActive("ad8e51c5a981bb821cfd77cc52154ad0")).isFalse();
        }
    }

    @Nested
    class RefreshTokens {

        @Test
        void rotate() throws Exception {
            String first = refreshToken(server);
            String second = granted(server, refresh(first), "refresh_token");
            String third = granted(server, refresh(second), "refresh_token");

            assertThat(third).isNotIn(first, second);
            assertThat(server.refreshRequests()).isEqualTo(2);
            assertThat(server.refreshTokensPresentedTwice()).isZero();
        }

        @Test
        void areCountedWhenPresentedTwice() throws Exception {
            String spent = refreshToken(server);
            String current = granted(server, refresh(spent), "refresh_token");

            assertRefused(send(server, refresh(spent)), error("invalid_grant"));
            assertThat(server.refreshTokensPresentedTwice()).isEqualTo(1);
            assertThat(send(server, refresh(current)).statusCode()).isEqualTo(200);
        }

        @RepeatedTest(5)
        void areSpentOnceByAHundredAtATime() throws Exception {
            String token = refreshToken(server);
            String form = refresh(token).encoded();

            var answers = Stream.generate(() -> PlainClient.sendAsync(PlainClient.tokenRequest(server, form)))
                    .limit(100)
                    .toList();
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get(5, TimeUnit.SECONDS);

            assertThat(answers)
                    .filteredOn(answer -> answer.join().statusCode() == 200)
                    .hasSize(1);
            assertThat(server.refreshTokensPresentedTwice()).isEqualTo(99);
        }

        @Test
        void dieThirtyDaysAfterLoginHoweverOftenUsed() throws Exception {
            String token = refreshToken(server);
            for (int day = 1; day <= 29; day++) {
                clock.advance(Duration.ofDays(1));
                token = granted(server, refresh(token), "refresh_token");
            }

            clock.advance(Duration.ofDays(1));

            assertRefused(send(server, refresh(token)), error("invalid_grant"));
            assertThat(server.refreshTokensPresentedTwice()).isZero();
        }

        @Test
        void areRevokedWithoutTheAccessTokens() throws Exception {
            String accessToken = accessToken(server);
            String refreshToken = refreshToken(server);

            server.revokeRefreshTokens();

            assertRefused(send(server, refresh(refreshToken)), error("invalid_grant"));
            assertThat(server.refreshTokensPresentedTwice()).isZero();
            assertThat(server.isActive(accessToken)).isTrue();
        }

        @Test
        void belongToOneClient() throws Exception {
            String token = refreshToken(server);
            var foreign = refresh(token).with("client_id", "other").with("client_secret", "other_secret");

            assertRefused(send(server, foreign), error("invalid_grant"));
            assertThat(send(server, refresh(token)).statusCode()).isEqualTo(200);
        }

        @Test
        void survivePasswordChangesAndLockOuts() throws Exception {
            String token = refreshToken(server);
            server.changePassword("john.smith@contoso.com", "N3w");
            for (int wrong = 1; wrong <= 5; wrong++) {
                send(server, login());
            }

            assertThat(send(server, refresh(token)).statusCode()).isEqualTo(200);
        }

        @Test
        void areNotSpentByARefusedRequest() throws Exception {
            String token = refreshToken(server);

            assertRefused(send(server, refresh(token).with("client_secret", "wrong")), error("invalid_client"));
            assertRefused(send(server, refresh(token).with("scope", "email admin")), error("invalid_scope"));
            assertThat(send(server, refresh(token)).statusCode()).isEqualTo(200);
            assertThat(server.refreshTokensPresentedTwice()).isZero();
        }

        @Test
        void mayAskForANarrowerScope() throws Exception {
            String token = refreshToken(server);

            String next = granted(server, refresh(token).with("scope", "email"), "refresh_token");

            assertThat(send(server, refresh(next)).statusCode()).isEqualTo(200);
        }

        @Test
        void haveToBeThereAndKnown() throws Exception {
            assertRefused(
                    send(server, refresh("").without("refresh_token")),
                    "{\"error\":\"invalid_request\",\"error_description\":\"refresh_token is missing\"}");
            assertRefused(send(server, refresh("a497b7a990bbff512fe90efd395d09fa")), error("invalid_grant"));
        }
    }
}
