package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.Token;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AllowedOriginTests {

    private static final Token ONE = ScriptedTokens.token("one");

    private final AllowedOrigin origin = new AllowedOrigin(Origin.of(URI.create("https://api.example.com")), 0);

    private static long seconds(int seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void sendsAgainOnlyWhatItAcceptedInTheLastMinute() {
        assertThat(origin.maySendAgain(ONE, 0)).isFalse();

        origin.countAcceptance(ONE, seconds(1));

        assertThat(origin.maySendAgain(ONE, seconds(61))).isTrue();
        assertThat(origin.maySendAgain(ONE, seconds(61) + 1)).isFalse();
    }

    @Test
    void remembersTheLatestAcceptance() {
        for (int i = 0; i <= 100; i++) {
            origin.countAcceptance(ONE, seconds(i));
        }

        assertThat(origin.maySendAgain(ONE, seconds(160))).isTrue();
    }

    @Test
    void knowsATokenByItsValue() {
        origin.countAcceptance(ONE, 0);

        assertThat(origin.maySendAgain(ScriptedTokens.token("one"), 1)).isTrue();
        assertThat(origin.maySendAgain(ScriptedTokens.token("two"), 1)).isFalse();
    }

    @Test
    void isNotConfusedByASlowAnswerToAnOlderToken() {
        origin.countAcceptance(ScriptedTokens.token("two"), seconds(2));
        origin.countAcceptance(ONE, seconds(1));

        assertThat(origin.maySendAgain(ONE, seconds(3))).isFalse();
        assertThat(origin.maySendAgain(ScriptedTokens.token("two"), seconds(3))).isTrue();
    }

    @Test
    void keepsToItsBudget() {
        origin.countAcceptance(ONE, 0);
        int again = 0;
        while (origin.maySendAgain(ONE, 1)) {
            again++;
        }

        assertThat(again).isEqualTo(10);
    }

    @Test
    void showsNoToken() {
        origin.countAcceptance(ONE, 0);

        assertThat(origin).hasToString("https://api.example.com");
    }
}
