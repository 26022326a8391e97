package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.monotoken.spring.autoconfigure.LogLines;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.Test;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeFunctions;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import org.springframework.web.reactive.function.client.WebClientResponseException;
import reactor.test.StepVerifier;

/** Where Spring shows a request: exceptions, the request of an answer, logs. */
class TokenOnTheWireOnlyTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
    private static final String TOKEN = "s3cr3t";

    @StartStop
    private final MockWebServer api = new MockWebServer();

    private static WebClient client(URI url) {
        return WebClient.builder()
                .baseUrl(url.toString())
                .codecs(codecs -> codecs.defaultCodecs().enableLoggingRequestDetails(true))
                .defaultHeader("X-Trace", "1")
                .filter(BearerTokenFilter.builder("comply-one", new ScriptedTokens(TOKEN))
                        .originOf(url)
                        .build())
                .build();
    }

    private WebClient client() {
        return client(api.url("/").uri());
    }

    @Test
    void isNotInTheExceptionOfARequestThatNeverArrives() throws IOException {
        int unused;
        try (ServerSocket socket = new ServerSocket(0)) {
            unused = socket.getLocalPort();
        }

        expectNoTokenInTheRequestException(client(URI.create("http://127.0.0.1:" + unused)));
    }

    @Test
    void isNotInTheExceptionOfAConnectionThatBreaks() {
        api.enqueue(new MockResponse.Builder()
                .onRequestStart(new SocketEffect.CloseSocket())
                .build());

        expectNoTokenInTheRequestException(client());
    }

    private static void expectNoTokenInTheRequestException(WebClient client) {
        client.get()
                .retrieve()
                .toBodilessEntity()
                .as(StepVerifier::create)
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(WebClientRequestException.class, exception -> {
                            assertThat(exception.getHeaders().headerNames())
                                    .contains("X-Trace")
                                    .doesNotContain("Authorization");
                            assertThat(exception).asString().doesNotContain(TOKEN);
                        }))
                .verify(FIVE_SECONDS);
    }

    @Test
    void isNotInTheRequestOfAnAnswer() throws InterruptedException {
        api.enqueue(new MockResponse.Builder().code(500).build());

        client().get()
                .retrieve()
                .toBodilessEntity()
                .as(StepVerifier::create)
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(WebClientResponseException.class, exception -> {
                            assertThat(Objects.requireNonNull(exception.getRequest())
                                            .getHeaders()
                                            .headerNames())
                                    .contains("X-Trace")
                                    .doesNotContain("Authorization");
                        }))
                .verify(FIVE_SECONDS);

        RecordedRequest request = api.takeRequest();
        assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer " + TOKEN);
    }

    @Test
    void isNotInTheLogsOfRequestDetails() {
        api.enqueue(new MockResponse.Builder().build());

        try (LogLines lines = new LogLines(ExchangeFunctions.class, Level.TRACE)) {
            client().get().retrieve().toBodilessEntity().block(FIVE_SECONDS);

            assertThat(lines.all())
                    .anySatisfy(line -> assertThat(line).startsWith("TRACE").contains("X-Trace"))
                    .noneSatisfy(line -> assertThat(line).contains(TOKEN));
        }
    }

    @Test
    void reachesTheApiThroughAFilterFurtherIn() throws InterruptedException {
        api.enqueue(new MockResponse.Builder().build());

        client().mutate()
                .filter((request, next) -> next.exchange(
                        ClientRequest.from(request).header("X-More", "2").build()))
                .build()
                .get()
                .retrieve()
                .toBodilessEntity()
                .block(FIVE_SECONDS);

        RecordedRequest request = api.takeRequest();
        assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer " + TOKEN);
        assertThat(request.getHeaders().get("X-More")).isEqualTo("2");
    }
}
