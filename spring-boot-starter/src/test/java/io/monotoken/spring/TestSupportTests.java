package io.monotoken.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.spring.autoconfigure.MonotokenClients;
import io.monotoken.spring.client.BearerTokenFilter;
import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.client.reactive.MockClientHttpRequest;
import org.springframework.test.context.bean.override.convention.TestBean;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeStrategies;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What docs/testing.md shows, as a user would write it. */
class TestSupportTests {

    private static final Duration BOUND = Duration.ofSeconds(10);

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    private static @Nullable String sentBy(BearerTokenFilter filter, String url) {
        AtomicReference<@Nullable String> sent = new AtomicReference<>();
        WebClient.builder()
                .filter(filter)
                .exchangeFunction(request -> {
                    MockClientHttpRequest http = new MockClientHttpRequest(request.method(), request.url());
                    return request.writeTo(http, ExchangeStrategies.withDefaults())
                            .then(Mono.fromSupplier(() -> {
                                sent.set(http.getHeaders().getFirst(HttpHeaders.AUTHORIZATION));
                                return ClientResponse.create(HttpStatus.OK).build();
                            }));
                })
                .build()
                .get()
                .uri(url)
                .retrieve()
                .toBodilessEntity()
                .block(BOUND);
        return sent.get();
    }

    @Nested
    @SpringBootTest(
            classes = {Application.class, AFixedTokenForTheOnlyClient.Fixed.class},
            webEnvironment = WebEnvironment.NONE,
            properties = {
                "monotoken.clients.comply-one.provider=stems-accounts",
                "monotoken.clients.comply-one.base-url=https://api.example.com"
            })
    class AFixedTokenForTheOnlyClient {

        @Autowired
        private @Nullable BearerTokenFilter filter;

        @TestConfiguration(proxyBeanMethods = false)
        static class Fixed {

            @Bean
            TokenSource fixedTokens() {
                return TokenSource.fixed("a-token");
            }
        }

        @Test
        void goesOnRequests() {
            assertThat(sentBy(Objects.requireNonNull(filter), "https://api.example.com/me"))
                    .isEqualTo("Bearer a-token");
        }
    }

    @Nested
    @SpringBootTest(
            classes = Application.class,
            webEnvironment = WebEnvironment.NONE,
            properties = {
                "monotoken.clients.comply-one.provider=stems-accounts",
                "monotoken.clients.comply-one.base-url=https://api.example.com",
                "monotoken.clients.other.provider=stems-accounts",
                "monotoken.clients.other.base-url=https://other.example.com"
            })
    class FixedTokensForOneOfTwoClients {

        @TestBean(name = "complyOneTokenSource", methodName = "fixed")
        private @Nullable TokenSource complyOne;

        @TestBean(name = "otherTokenSource", methodName = "fixedToo")
        private @Nullable TokenSource other;

        @Autowired
        private @Nullable MonotokenClients clients;

        static TokenSource fixed() {
            return TokenSource.fixed("a-token");
        }

        static TokenSource fixedToo() {
            return TokenSource.fixed("another-token");
        }

        @Test
        void goOnRequestsOfTheirClients() {
            MonotokenClients found = Objects.requireNonNull(clients);

            assertThat(found.tokenSource("comply-one")).isSameAs(complyOne);
            assertThat(found.tokenSource("other")).isSameAs(other);
            assertThat(sentBy(found.bearerTokenFilter("comply-one"), "https://api.example.com/me"))
                    .isEqualTo("Bearer a-token");
            assertThat(sentBy(found.bearerTokenFilter("other"), "https://other.example.com/me"))
                    .isEqualTo("Bearer another-token");
        }
    }

    @Nested
    @SpringBootTest(
            classes = {Application.class, AStandInServer.StandIns.class},
            webEnvironment = WebEnvironment.NONE,
            properties = {
                "monotoken.clients.comply-one.provider=stems-accounts",
                "monotoken.clients.comply-one.scopes=email,resources_stems_api"
            })
    class AStandInServer {

        @Autowired
        private @Nullable WebClient complyOne;

        @Autowired
        private @Nullable StandInTokenServer server;

        @TestConfiguration(proxyBeanMethods = false)
        static class StandIns {

            @Bean
            StandInTokenServer tokenServer() {
                return StandInTokenServer.stemsAccounts().start();
            }

            @Bean
            StandInApi api(StandInTokenServer tokenServer) {
                return StandInApi.complyOne(tokenServer).start();
            }
        }

        @Test
        void isWhereTheClientGetsItsToken() {
            String me = Objects.requireNonNull(complyOne)
                    .get()
                    .uri("/me")
                    .retrieve()
                    .bodyToMono(String.class)
                    .block(BOUND);

            assertThat(me).contains("john.smith@contoso.com");
            assertThat(Objects.requireNonNull(server).passwordRequests()).isOne();
        }
    }

    @Test
    void aFixedTokenNeedsNoRealTime() {
        TokenSource tokens = TokenSource.fixed("a-token");

        StepVerifier.withVirtualTime(() -> tokens.token().map(Token::value).delayElement(Duration.ofHours(1)))
                .thenAwait(Duration.ofHours(1))
                .expectNext("a-token")
                .expectComplete()
                .verify(BOUND);
    }
}
