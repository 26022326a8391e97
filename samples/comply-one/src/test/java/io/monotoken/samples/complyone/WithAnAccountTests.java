package io.monotoken.samples.complyone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.HttpStatus;

@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class WithAnAccountTests {

    private StandIns service;

    @BeforeEach
    void startService() {
        service = StandIns.start(Duration.ofMinutes(30));
    }

    @AfterEach
    void closeService() {
        service.close();
    }

    @Test
    void callsTheServiceThatTheAccountBelongsTo(CapturedOutput console) {
        try (RunningApplication application = RunningApplication.with(service.properties())) {
            assertThat(application.context().getBeansOfType(StandIns.class)).isEmpty();
            assertThat(console)
                    .contains("Calling " + service.complyOne().baseUrl() + " with the account")
                    .contains("Answers: 10 x 200. ")
                    .contains("The token is used until ")
                    .contains("Serving http://localhost:");
            assertThat(service.tokenRequests()).isEqualTo(new TokenRequestCounts(1, 0));
        }
    }

    @Test
    void keepsServingWhenTheAccountIsRefused(CapturedOutput console) {
        service.stemsAccounts().changePassword("john.smith@contoso.com", "another");

        try (RunningApplication application = RunningApplication.with(service.properties())) {
            assertThat(console)
                    .contains("invalid_grant")
                    .contains("There is still no token.")
                    .contains("Serving http://localhost:");
            application
                    .get("/employees")
                    .expectStatus()
                    .isEqualTo(HttpStatus.SERVICE_UNAVAILABLE)
                    .expectBody()
                    .jsonPath("$.detail")
                    .value(detail -> assertThat(detail).asString().contains("invalid_grant"));
            assertThat(service.tokenRequests()).isEqualTo(new TokenRequestCounts(1, 0));
        }
    }
}
