package io.monotoken.samples.complyone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class WithoutAccountTests {

    private static RunningApplication application;
    private static StandIns standIns;

    @BeforeAll
    static void startAndHearTheStory() {
        // short, yet longer than the story's first chapter takes on a busy machine
        application = RunningApplication.with(Map.of("sample.token-life", "20s"));
        standIns = application.context().getBean(StandIns.class);
    }

    @AfterAll
    static void close() {
        application.close();
    }

    @Test
    void aThousandRequestsMakeOneTokenRequest(CapturedOutput console) {
        assertThat(console)
                .containsPattern("Answers: 1 000 x 200\\. The slowest, .* took [0-9]+ ms\\.\\R"
                        + " *Token requests: 1 \\(logins 1, refreshes 0\\)");
    }

    @Test
    void theTokenIsRenewedBeforeItsEndAndNobodyWaits(CapturedOutput console) {
        assertThat(console)
                .containsPattern("Answers: [0-9]+ x 200\\. The slowest around the renewal took [0-9]+ ms, .*\\R"
                        + " *Token requests: 1 \\(logins 0, refreshes 1\\), [1-9][0-9]? s before the token's end\\."
                        + " Requests that waited for it: 0\\.");
        assertThat(standIns.complyOne().rejectedExpired()).isZero();
    }

    @Test
    void aRevokedTokenIsReplacedAndCallersDoNotNotice(CapturedOutput console) {
        assertThat(console)
                .containsPattern("Answers: 100 x 200\\. Comply One rejected [1-9][0-9]* of them with 401; .*\\R"
                        + " *Token requests: 1 \\(logins 0, refreshes 1\\)");
    }

    @Test
    void theProviderSawOneLoginAndNoRefreshTokenTwice() {
        assertThat(standIns.tokenRequests().logins()).isEqualTo(1);
        assertThat(standIns.stemsAccounts().refreshTokensPresentedTwice()).isZero();
    }

    @Test
    void servesEmployeesAndTheTokensState(CapturedOutput console) {
        assertThat(console)
                .containsPattern("Serving http://localhost:[0-9]+ - the live page, GET /employees, GET /token");
        application
                .get("/employees")
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$[0].firstName")
                .isEqualTo("Ada");
        application
                .get("/token")
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.phase")
                .isNotEmpty()
                .jsonPath("$.expiresAt")
                .isNotEmpty();
    }

    @Test
    void showsNoSecretEvenAtDebugLevel(CapturedOutput console) {
        assertThat(console)
                .contains("DEBUG")
                .doesNotContain("your_client_secret", "P4ssw0rd")
                .doesNotContainPattern("[0-9a-f]{32}"); // what a token looks like
    }
}
