package io.monotoken.samples.plain;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSource;
import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

class PlainTests {

    private static final Duration BOUND = Duration.ofSeconds(20);

    @Test
    void sharesOneTokenAndHealsItsRevocation() {
        try (StandInTokenServer provider = StandInTokenServer.stemsAccounts().start();
                StandInApi api = StandInApi.complyOne(provider).start();
                TokenSource tokens = Plain.tokens(provider)) {
            assertThat(Flux.range(0, 100)
                            .flatMap(i -> Plain.call(api, tokens))
                            .collectList()
                            .block(BOUND))
                    .hasSize(100)
                    .containsOnly(200);
            assertThat(provider.tokenRequests()).isOne();
            provider.revokeAccessTokens();

            assertThat(Plain.call(api, tokens).block(BOUND)).isEqualTo(200);
            assertThat(provider.refreshRequests()).isOne();
        }
    }
}
