package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BearerChallengeTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer error=\"invalid_token\"",
                "Bearer error=\"invalid_token\", error_description=\"a, \\\"b\\\" = c\"",
                "Bearer error_description=\"a, \\\"b\\\" = c\", error=\"invalid_token\"",
                "Negotiate, Basic realm=\"a,b\", Bearer error=invalid_token",
                "Bearer error=\"invalid_token\", error=\"invalid_token\"",
                "Bearer realm=\"x\" error=\"invalid_token\"",
                "Negotiate YII=, Bearer error=\"invalid_token\"",
                "Negotiate YII/abc==,Bearer error=\"invalid_token\"",
                "Bearer error=\"invalid_token",
                "bEARER ERROR = \"invalid_token\"",
                "Bearer error=\"INVALID_TOKEN\"",
                "Bearer error=\"expired_token\"",
                "Bearer error=\" token_revoked \", scope=\"a\"",
                "Bearer error=\"insufficient_scope\", Bearer error=\"invalid_token\"",
                "Bearer realm=\"x\"; error=\"invalid_token\"",
                ",, Bearer realm=\"x\" ,, error=\"invalid_token\"",
            })
    void hearsThatTheTokenIsInvalid(String line) {
        assertThat(BearerChallenge.asksForAnotherToken(List.of(line))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bearer realm=\"x\",error=\"insufficient_scope\",scope=\"a b\"",
                "Bearer error=Insufficient_Scope",
                "BEARER Error = \"INVALID_REQUEST\"",
                "Bearer realm=\"x\"; error=insufficient_scope; scope=\"a\"",
                "Bearer, Bearer error=\"insufficient_scope\"",
                "Bearer error=\"invalid_request\", error_description=\"error=\\\"invalid_token\\\"\"",
                "Basic realm=\"x\" error=\"invalid_token\", Bearer error=\"insufficient_scope\"",
            })
    void hearsThatAnotherTokenWouldNotHelp(String line) {
        assertThat(BearerChallenge.asksForAnotherToken(List.of(line))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"DPoP error=\"invalid_token\"", "Basic realm=\"x\"", "", ",", "=", "\"", "Negotiate Bearer"})
    void takesAnAnswerThatDoesNotAskForBearerForAPlain401(String line) {
        assertThat(BearerChallenge.asksForAnotherToken(List.of(line))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer",
                "bearer",
                "Bearer realm=\"x\"",
                "Bearer resource_metadata=\"https://api.example.com/.well-known/oauth-protected-resource\"",
                "Bearer error=\"\"",
                "Bearer error_description=\"insufficient_scope\"",
                "Bearer realm=\"x\", Basic error=\"insufficient_scope\"",
            })
    void takesAChallengeWithoutAnErrorForAPlain401(String line) {
        assertThat(BearerChallenge.asksForAnotherToken(List.of(line))).isTrue();
    }

    @Test
    void takesAnAnswerWithoutAChallengeForAPlain401() {
        assertThat(BearerChallenge.asksForAnotherToken(List.of())).isTrue();
    }

    @Test
    void readsEveryHeaderLine() {
        String scope = "Bearer error=\"insufficient_scope\"";
        assertThat(BearerChallenge.asksForAnotherToken(List.of(scope, "Bearer error=\"invalid_token\"")))
                .isTrue();
        assertThat(BearerChallenge.asksForAnotherToken(List.of("Basic realm=\"x\"", scope)))
                .isFalse();
    }

    @Test
    @Timeout(10)
    void readsAnythingWithoutThrowing() {
        String alphabet = "Bearer error=\"invalid_token\\, \t=\"";
        Random random = new Random(42);

        for (int i = 0; i < 20_000; i++) {
            StringBuilder line = new StringBuilder();
            for (int j = random.nextInt(30); j > 0; j--) {
                line.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(BearerChallenge.asksForAnotherToken(List.of(line.toString())))
                    .isIn(true, false);
        }
    }

    @Test
    void readsALongLineInLinearTime() {
        String line = "Bearer x=\"" + "\\\"".repeat(500_000);

        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> BearerChallenge.asksForAnotherToken(List.of(line)));
    }
}
