package io.monotoken.samples.complyone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.env.MockEnvironment;

@ExtendWith(OutputCaptureExtension.class)
class AccountTests {

    private final MockEnvironment environment = new MockEnvironment();

    @Test
    void isNotGivenWithoutAnyVariable() {
        environment.setProperty("COMPLY_ONE_PASSWORD", " ");

        assertThat(Account.isGiven(environment)).isFalse();
    }

    @Test
    void isGivenWithAllVariables() {
        environment
                .withProperty("COMPLY_ONE_CLIENT_ID", "id")
                .withProperty("COMPLY_ONE_CLIENT_SECRET", "secret")
                .withProperty("COMPLY_ONE_USERNAME", "name")
                .withProperty("COMPLY_ONE_PASSWORD", "password");

        assertThat(Account.isGiven(environment)).isTrue();
    }

    @Test
    void theStartSaysWhichVariablesAreMissing(CapturedOutput console) {
        assertThatThrownBy(() -> RunningApplication.with(
                        Map.of("COMPLY_ONE_CLIENT_ID", "some-id", "COMPLY_ONE_CLIENT_SECRET", "some-secret")))
                .isInstanceOf(IncompleteAccountException.class);

        assertThat(console)
                .contains("The account is incomplete, not set: COMPLY_ONE_USERNAME, COMPLY_ONE_PASSWORD")
                .contains("Set all four COMPLY_ONE_* variables to call the real service, or none of them")
                .doesNotContain("some-secret")
                .doesNotContain("at io.monotoken");
    }
}
