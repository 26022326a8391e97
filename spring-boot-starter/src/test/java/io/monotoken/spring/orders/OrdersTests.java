package io.monotoken.spring.orders;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.function.client.WebClient;

@SpringBootTest
@Import(StandIns.class)
class OrdersTests {

    private final WebClient orders;
    private final StandInTokenServer tokenServer;
    private final StandInApi api;

    @Autowired
    OrdersTests(WebClient orders, StandInTokenServer tokenServer, StandInApi api) {
        this.orders = orders;
        this.tokenServer = tokenServer;
        this.api = api;
    }

    @Test
    void areThereAfterTheTokenWasRevoked() {
        assertThat(all()).isEqualTo("[{\"id\":1}]");

        tokenServer.revokeAccessTokens();

        assertThat(all()).isEqualTo("[{\"id\":1}]");
        assertThat(api.rejected()).isEqualTo(1);
        assertThat(tokenServer.tokenRequests("client_credentials")).isEqualTo(2);
    }

    private String all() {
        return orders.get()
                .uri("/orders")
                .retrieve()
                .bodyToMono(String.class)
                .blockOptional(Duration.ofSeconds(10))
                .orElseThrow();
    }
}
