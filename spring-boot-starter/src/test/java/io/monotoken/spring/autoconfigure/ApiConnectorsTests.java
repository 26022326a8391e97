package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.monotoken.spring.client.BearerTokenFilter;
import java.time.Duration;
import java.util.function.Consumer;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class ApiConnectorsTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    @StartStop
    private final MockWebServer api = new MockWebServer();

    @StartStop
    private final MockWebServer elsewhere = new MockWebServer();

    private final StandIns standIns = new StandIns();

    @AfterEach
    void stop() {
        standIns.close();
    }

    private void run(Consumer<WebClient> test, String... properties) {
        new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(standIns.client("comply-one"))
                .withPropertyValues("monotoken.clients.comply-one.base-url=" + api.url("/v3"))
                .withPropertyValues(properties)
                .run(context -> test.accept(context.getBean(WebClient.class)));
    }

    private static Mono<Integer> status(WebClient client) {
        return client.get()
                .uri("/me")
                .exchangeToMono(response ->
                        response.releaseBody().thenReturn(response.statusCode().value()));
    }

    private static void expectStatus(WebClient client, int status) {
        StepVerifier.create(status(client)).expectNext(status).expectComplete().verify(FIVE_SECONDS);
    }

    private MockResponse redirect() {
        return new MockResponse.Builder()
                .code(302)
                .addHeader("Location", elsewhere.url("/me"))
                .build();
    }

    private static MockResponse unauthorized() {
        return new MockResponse.Builder()
                .code(401)
                .addHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"")
                .build();
    }

    @Test
    void handOutARedirectInsteadOfFollowingIt() {
        api.enqueue(redirect());

        run(client -> expectStatus(client, 302), "spring.http.clients.redirects=follow");

        assertThat(elsewhere.getRequestCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reactor", "jdk"})
    void takeTheTokenToNoOtherOriginWhateverIsFollowed(String connector) {
        api.enqueue(redirect());

        run(
                client -> expectStatus(client, 302),
                "monotoken.clients.comply-one.follow-redirects=true",
                "spring.http.clients.redirects=follow",
                "spring.http.clients.reactive.connector=" + connector);

        assertThat(elsewhere.getRequestCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reactor", "jdk"})
    void followARedirectToAnAllowedOriginAndRetryThere(String connector) throws InterruptedException {
        api.enqueue(redirect());
        elsewhere.enqueue(unauthorized());
        elsewhere.enqueue(new MockResponse.Builder().build());

        run(
                client -> expectStatus(client, 200),
                "monotoken.clients.comply-one.follow-redirects=true",
                "monotoken.clients.comply-one.allowed-origins="
                        + elsewhere.url("/").toString().replaceFirst("/$", ""),
                "spring.http.clients.redirects=dont-follow",
                "spring.http.clients.reactive.connector=" + connector);

        String first = elsewhere.takeRequest().getHeaders().get("Authorization");
        String second = elsewhere.takeRequest().getHeaders().get("Authorization");
        assertThat(first).isEqualTo(api.takeRequest().getHeaders().get("Authorization"));
        assertThat(second).startsWith("Bearer ").isNotEqualTo(first);
        assertThat(standIns.server().tokenRequests()).isEqualTo(2);
    }

    @Test
    void warnOfARedirectThatIsHandedOut() {
        api.enqueue(redirect());

        try (LogLines lines = new LogLines(BearerTokenFilter.class, Level.WARN)) {
            run(client -> expectStatus(client, 302));

            assertThat(lines.all())
                    .singleElement()
                    .asString()
                    .contains("'comply-one'", "redirect 302", "redirects are not followed; set");
        }
    }

    @Test
    void dropATokenThatWasRejectedWithoutARetry() {
        api.enqueue(unauthorized());
        api.enqueue(new MockResponse.Builder().build());

        run(
                client -> {
                    expectStatus(client, 401);
                    expectStatus(client, 200);
                },
                "monotoken.clients.comply-one.retry-on-unauthorized=false");

        assertThat(standIns.server().tokenRequests()).isEqualTo(2);
    }

    @Test
    void doNotRetryIfToldNotTo() {
        api.enqueue(unauthorized());

        run(client -> expectStatus(client, 401), "monotoken.clients.comply-one.retry-on-unauthorized=false");

        assertThat(api.getRequestCount()).isOne();
    }

    @Test
    void honourTheTimeOutsOfBootsHttpClients() {
        run(
                client -> StepVerifier.create(status(client))
                        .expectError(WebClientRequestException.class)
                        .verify(FIVE_SECONDS),
                "spring.http.clients.read-timeout=500ms",
                "monotoken.clients.comply-one.timeout=5s"); // of the token request, which is not what is meant
    }
}
