package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenExceptionTests {

    static List<TokenAnswer> failures() {
        return List.of(
                ScriptedEndpoint.rejected(400, "invalid_grant"),
                ScriptedEndpoint.unavailable(503, null),
                ScriptedEndpoint.malformed());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aCopyForOneMoreCallerSaysTheSame(TokenAnswer answer) {
        TokenException original = ((TokenAnswer.Failed) answer).exception();

        assertThat(original.copy())
                .hasSameClassAs(original)
                .hasMessage(original.getMessage())
                .hasCause(original);
        assertThat(original.copy().copy()).hasCause(original);
        assertThat(original.copy().status()).isEqualTo(original.status());
        assertThat(original.copy().error()).isEqualTo(original.error());
    }
}
