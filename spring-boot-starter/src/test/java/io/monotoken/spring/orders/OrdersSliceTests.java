package io.monotoken.spring.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.spring.autoconfigure.MonotokenAutoConfiguration;
import io.monotoken.spring.autoconfigure.MonotokenClients;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.webflux.test.autoconfigure.WebFluxTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

class OrdersSliceTests {

    private static final Token TOKEN = Token.of("a-token", List.of("orders:read"), Instant.EPOCH, Instant.MAX);

    @Nested
    @WebFluxTest(OrdersController.class)
    @MockitoBean(types = WebClient.class)
    class AController {

        @MockitoBean
        private @Nullable TokenSource tokens;

        @Autowired
        private @Nullable WebTestClient client;

        @Test
        void hasTheTokenOfATest() {
            given(Objects.requireNonNull(tokens).token()).willReturn(Mono.just(TOKEN));

            Objects.requireNonNull(client)
                    .get()
                    .uri("/scopes")
                    .exchange()
                    .expectBody(String.class)
                    .isEqualTo("orders:read");
        }
    }

    @Nested
    @WebFluxTest(OrdersController.class)
    @ImportAutoConfiguration(MonotokenAutoConfiguration.class)
    @Import(StandIns.class)
    class AControllerWithStandIns {

        @Autowired
        private @Nullable WebTestClient client;

        @Test
        void callsTheStandInOfTheApi() {
            Objects.requireNonNull(client)
                    .get()
                    .uri("/orders")
                    .exchange()
                    .expectBody(String.class)
                    .isEqualTo("[{\"id\":1}]");
        }
    }

    @Nested
    @SpringBootTest(webEnvironment = WebEnvironment.NONE)
    class TheOnlyTokenSource {

        @MockitoBean
        private @Nullable TokenSource tokens;

        @Autowired
        private @Nullable MonotokenClients clients;

        @Test
        void isThatOfATestAndNeedsNoSecret() {
            assertThat(Objects.requireNonNull(clients).tokenSource("orders")).isSameAs(tokens);
        }
    }

    @Nested
    @SpringBootTest(
            classes = OneOfTwoTokenSources.NoController.class,
            webEnvironment = WebEnvironment.NONE,
            properties = {
                "monotoken.clients.orders.grant=client-credentials",
                "monotoken.clients.billing.token-uri=https://idp.example.com/token",
                "monotoken.clients.billing.grant=client-credentials",
                "monotoken.clients.billing.base-url=https://billing.example.com"
            })
    @Import(StandIns.class)
    class OneOfTwoTokenSources {

        @Configuration(proxyBeanMethods = false)
        @EnableAutoConfiguration
        static class NoController {}

        @MockitoBean(name = "billingTokenSource")
        private @Nullable TokenSource billing;

        @Autowired
        private @Nullable MonotokenClients clients;

        @Autowired
        private @Nullable StandInTokenServer tokenServer;

        @Test
        void isThatOfATestBesideStandIns() {
            MonotokenClients found = Objects.requireNonNull(clients);

            assertThat(found.tokenSource("billing")).isSameAs(billing);
            assertThat(found.tokenSource("orders").token().block(Duration.ofSeconds(10)))
                    .isNotNull();
            assertThat(Objects.requireNonNull(tokenServer).tokenRequests()).isOne();
        }
    }
}
