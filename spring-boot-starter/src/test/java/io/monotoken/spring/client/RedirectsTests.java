package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.monotoken.spring.autoconfigure.LogLines;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.mock.http.client.reactive.MockClientHttpRequest;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.ExchangeStrategies;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;

class RedirectsTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
    private static final String API = "https://api.example.com/v3/me?page=1";
    private static final String FILES = "https://files.example.com";

    private final List<ClientRequest> sent = new ArrayList<>();
    private final List<MockClientHttpRequest> written = new ArrayList<>();
    private final LogLines lines = new LogLines(BearerTokenFilter.class, Level.WARN);

    private ScriptedTokens tokens = new ScriptedTokens("one");

    @AfterEach
    void stop() {
        lines.close();
    }

    private BearerTokenFilter.Builder filter() {
        return BearerTokenFilter.builder("comply-one", tokens)
                .originOf(URI.create(API))
                .originOf(URI.create(FILES))
                .originOf(URI.create("http://api.example.com"))
                .followRedirects(true);
    }

    private static ClientRequest.Builder request(String method) {
        return ClientRequest.create(HttpMethod.valueOf(method), URI.create(API));
    }

    private static ClientResponse.Builder redirect(int status, String location) {
        return ClientResponse.create(HttpStatusCode.valueOf(status)).header(HttpHeaders.LOCATION, location);
    }

    private static ClientResponse status(HttpStatus status) {
        return ClientResponse.create(status).build();
    }

    private static DataBuffer buffer(String text) {
        return DefaultDataBufferFactory.sharedInstance.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers the first request with the first answer and so on, once it is written. */
    private ExchangeFunction answering(ClientResponse... answers) {
        return request -> {
            sent.add(request);
            MockClientHttpRequest http = new MockClientHttpRequest(request.method(), request.url());
            written.add(http);
            return request.writeTo(http, ExchangeStrategies.withDefaults())
                    .then(Mono.just(answers[Math.min(sent.size(), answers.length) - 1]));
        };
    }

    private int exchange(ClientRequest request, ClientResponse... answers) {
        return exchange(filter().build(), request, answers);
    }

    private int exchange(BearerTokenFilter filter, ClientRequest request, ClientResponse... answers) {
        return filter.filter(request, answering(answers))
                .blockOptional(FIVE_SECONDS)
                .orElseThrow()
                .statusCode()
                .value();
    }

    private List<String> tokensOnTheWire() {
        return written.stream()
                .map(http -> http.getHeaders().getFirst(HttpHeaders.AUTHORIZATION))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void goToTheCallerUnlessTheyAreToBeFollowed(int status) {
        BearerTokenFilter filter = filter().followRedirects(false).build();

        assertThat(exchange(
                        filter, request("GET").build(), redirect(status, FILES).build()))
                .isEqualTo(status);
        assertThat(sent).hasSize(1);
    }

    @Test
    void areLoggedOnceWithoutAnythingPrivate() {
        BearerTokenFilter filter = filter().followRedirects(false).build();
        exchange(
                filter, request("GET").build(), redirect(307, FILES + "/secret").build());
        exchange(
                filter, request("GET").build(), redirect(308, FILES + "/secret").build());

        assertThat(lines.all())
                .containsExactly(
                        "WARN Client 'comply-one': https://api.example.com answered a GET request with the redirect 307,"
                                + " which its caller gets: redirects are not followed; set the client's follow-redirects if they should be. Later ones are not logged");
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 304, 305, 306, 399, 201})
    void areNoOtherAnswers(int status) {
        assertThat(exchange(request("GET").build(), redirect(status, FILES).build()))
                .isEqualTo(status);

        assertThat(sent).hasSize(1);
        assertThat(lines.all()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://files.example.com/a?b=c, https://files.example.com/a?b=c",
        "HTTPS://FILES.example.com:443/a, HTTPS://FILES.example.com:443/a",
        "https://files.example.com?b, https://files.example.com?b",
        "//files.example.com/a, https://files.example.com/a",
        "/a, https://api.example.com/a",
        "a, https://api.example.com/v3/a",
        "../a/./b/.., https://api.example.com/a/",
        "../../../a, https://api.example.com/a",
        "?b=c, https://api.example.com/v3/me?b=c",
        "#x, https://api.example.com/v3/me?page=1",
        "'', https://api.example.com/v3/me?page=1",
        "/a#token, https://api.example.com/a",
        "' /a ', https://api.example.com/a",
        "/a%2Fb%20c//d, https://api.example.com/a%2Fb%20c//d",
        "/..//evil.example/a, https://api.example.com//evil.example/a",
    })
    void leadWhereTheirLocationSays(String location, URI target) {
        assertThat(exchange(request("GET").build(), redirect(302, location).build(), status(HttpStatus.OK)))
                .isEqualTo(200);

        assertThat(sent.get(1).url()).isEqualTo(target);
        assertThat(tokensOnTheWire()).containsExactly("Bearer one", "Bearer one");
    }

    @Test
    void leadToNoOtherHostFromABareOne() {
        ClientRequest bare =
                ClientRequest.create(HttpMethod.GET, URI.create(FILES)).build();

        exchange(bare, redirect(302, ".evil.example/a").build(), status(HttpStatus.OK));

        assertThat(sent.get(1).url()).isEqualTo(URI.create(FILES + "/.evil.example/a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example/a",
                "https://api.example.com:8443/a",
                "https://api.example.com.evil.example",
                "//evil.example/a",
                "https://john:secret@files.example.com/a",
                "https://files.example.com@evil.example/a",
                "http://api.example.com/v3/me", // allowed, and still no way down from https
                "https:/files.example.com/a",
                "https:files.example.com/a",
                "https:///a",
                "ftp://files.example.com/a",
                "mailto:john@example.com",
                "javascript:alert(1)",
                "https://files.example.com\\@evil.example/a",
                "https://files.example.com /a",
                "https://files_.example.com/a",
                "::",
            })
    void goToTheCallerWhenTheyLeadWhereTheTokenMustNotGo(String location) {
        assertThat(exchange(request("GET").build(), redirect(302, location).build()))
                .isEqualTo(302);

        assertThat(sent).hasSize(1);
    }

    @Test
    void goToTheCallerWithoutOneClearLocation() {
        assertThat(exchange(request("GET").build(), status(HttpStatus.FOUND))).isEqualTo(302);
        assertThat(exchange(
                        request("GET").build(),
                        redirect(302, "/a").header(HttpHeaders.LOCATION, "/b").build()))
                .isEqualTo(302);

        assertThat(sent).hasSize(2);
    }

    @Test
    void areFollowedFiveTimesAtMost() {
        assertThat(exchange(request("GET").build(), redirect(302, "/v3/me").build()))
                .isEqualTo(302);

        assertThat(sent).hasSize(6);
    }

    @ParameterizedTest
    @CsvSource({
        "301, GET, GET", "302, GET, GET", "303, GET, GET", "307, GET, GET", "308, GET, GET",
        "301, HEAD, HEAD", "302, HEAD, HEAD", "303, HEAD, HEAD", "307, HEAD, HEAD", "308, HEAD, HEAD",
        "301, POST, GET", "302, POST, GET", "303, POST, GET", "307, POST, POST", "308, POST, POST",
        "301, DELETE, DELETE", "302, PUT, PUT", "303, DELETE, GET", "307, PATCH, PATCH",
    })
    void changeTheMethodOfARequestWithoutABodyAsBrowsersDo(int status, String method, String next) {
        assertThat(exchange(request(method).build(), redirect(status, "/a").build(), status(HttpStatus.OK)))
                .isEqualTo(200);

        assertThat(sent.get(1).method()).isEqualTo(HttpMethod.valueOf(next));
    }

    @ParameterizedTest
    @ValueSource(ints = {307, 308})
    void sendABodyAgain(int status) {
        ClientRequest request =
                request("POST").body(BodyInserters.fromValue("text")).build();

        assertThat(exchange(request, redirect(status, "/a").build(), status(HttpStatus.OK)))
                .isEqualTo(200);

        assertThat(written.get(1).getMethod()).isEqualTo(HttpMethod.POST);
        assertThat(written.get(1).getBodyAsString().block(FIVE_SECONDS)).isEqualTo("text");
    }

    @ParameterizedTest
    @CsvSource({"301, POST", "302, POST", "301, PUT", "302, PUT", "302, GET"})
    void goToTheCallerWhenABodyWouldBeLost(int status, String method) {
        ClientRequest request =
                request(method).body(BodyInserters.fromValue("text")).build();

        assertThat(exchange(request, redirect(status, "/a").build())).isEqualTo(status);

        assertThat(sent).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT"})
    void see303GetsWithoutTheBodyAndWhatIsSaidOfIt(String method) {
        ClientRequest request = request(method)
                .header("Content-Type", "text/plain")
                .header("Content-Language", "en")
                .header("Accept", "text/plain")
                .body(BodyInserters.fromValue("text"))
                .build();

        assertThat(exchange(request, redirect(303, "/a").build(), status(HttpStatus.OK)))
                .isEqualTo(200);

        assertThat(written.get(1).getMethod()).isEqualTo(HttpMethod.GET);
        assertThat(written.get(1).getHeaders().headerNames()).containsExactlyInAnyOrder("Accept", "Authorization");
        assertThat(written.get(1).getBodyAsString().block(FIVE_SECONDS)).isEmpty();
    }

    @Test
    void goToTheCallerWhenABodyMayBeSpent() {
        Flux<DataBuffer> once = Flux.defer(() -> Flux.just(buffer("text")));
        ClientRequest.Builder request = request("POST").body(BodyInserters.fromDataBuffers(once));

        assertThat(exchange(request.build(), redirect(307, "/a").build())).isEqualTo(307);
        assertThat(exchange(
                        request.attribute(BearerTokenFilter.REPLAYABLE, true).build(),
                        redirect(307, "/a").build(),
                        redirect(307, "/a").build(),
                        status(HttpStatus.OK)))
                .isEqualTo(200);
    }

    @Test
    void sendNothingAgainThatMustGoOutOnce() {
        ClientRequest once =
                request("POST").attribute(BearerTokenFilter.REPLAYABLE, false).build();

        assertThat(exchange(once, redirect(307, "/a").build())).isEqualTo(307);
    }

    @Test
    void needNoRetriesToSendABodyAgain() {
        ClientRequest request =
                request("POST").body(BodyInserters.fromValue("text")).build();
        BearerTokenFilter filter = filter().retryOnUnauthorized(false).build();

        assertThat(exchange(filter, request, redirect(307, "/a").build(), status(HttpStatus.OK)))
                .isEqualTo(200);
    }

    @Test
    void keepToOneOriginWhatBelongsToIt() {
        ClientResponse[] answers = {
            redirect(302, "/a").build(), redirect(302, FILES).build(), status(HttpStatus.OK)
        };
        exchange(
                request("GET")
                        .header("Cookie", "a=b")
                        .header("Host", "api.example.com")
                        .header("X-Trace", "1")
                        .build(),
                answers);

        assertThat(sent.get(1).headers().headerNames()).containsExactlyInAnyOrder("Cookie", "Host", "X-Trace");
        assertThat(sent.get(2).headers().headerNames()).containsExactly("X-Trace");

        sent.clear();
        exchange(request("GET").cookie("c", "d").build(), answers);

        assertThat(sent.get(1).cookies()).containsKey("c");
        assertThat(sent.get(2).cookies()).isEmpty();
    }

    @Test
    void keepAnAuthorizationOfTheRequestsOwnInItsOrigin() {
        BearerTokenFilter filter = filter().keepAuthorization(true).build();
        ClientRequest request =
                request("GET").header("Authorization", "Basic x").build();

        assertThat(exchange(
                        filter,
                        request,
                        redirect(302, "/a").build(),
                        redirect(302, FILES).build()))
                .isEqualTo(302);

        assertThat(tokensOnTheWire()).containsExactly("Basic x", "Basic x");
        assertThat(tokens.asked()).isZero();
    }

    @Test
    void haveTheirOwn401() {
        tokens = new ScriptedTokens("one", "one", "two");
        ClientResponse unauthorized = status(HttpStatus.UNAUTHORIZED);

        assertThat(exchange(request("GET").build(), redirect(302, FILES).build(), unauthorized, status(HttpStatus.OK)))
                .isEqualTo(200);

        assertThat(tokensOnTheWire()).containsExactly("Bearer one", "Bearer one", "Bearer two");
        assertThat(tokens.invalidated()).containsExactly("one");
    }

    @Test
    void mayFollowA401() {
        tokens = new ScriptedTokens("one", "two");

        assertThat(exchange(
                        request("GET").build(),
                        status(HttpStatus.UNAUTHORIZED),
                        redirect(302, FILES).build(),
                        status(HttpStatus.OK)))
                .isEqualTo(200);

        assertThat(tokensOnTheWire()).containsExactly("Bearer one", "Bearer two", "Bearer two");
    }

    @Test
    void areReleasedBeforeTheNextRequest() {
        List<String> order = new ArrayList<>();
        Flux<DataBuffer> body = Flux.just(buffer("moved")).doOnComplete(() -> order.add("released"));
        ExchangeFunction api = answering(redirect(302, "/a").body(body).build(), status(HttpStatus.OK));

        filter().build()
                .filter(request("GET").build(), sending -> {
                    order.add(sending.url().getPath());
                    return api.exchange(sending);
                })
                .as(StepVerifier::create)
                .expectNextCount(1)
                .expectComplete()
                .verify(FIVE_SECONDS);

        assertThat(order).containsExactly("/v3/me", "released", "/a");
    }

    @Test
    void areUntouchedWhenTheyGoToTheCaller() {
        ClientResponse moved = redirect(302, "https://evil.example")
                .body(Flux.just(buffer("moved")))
                .build();

        filter().build()
                .filter(request("GET").build(), answering(moved))
                .flatMap(response -> response.bodyToMono(String.class))
                .as(StepVerifier::create)
                .expectNext("moved")
                .expectComplete()
                .verify(FIVE_SECONDS);
    }

    @Test
    void endWithTheirCallerDuringTheRelease() {
        TestPublisher<DataBuffer> body = TestPublisher.create();

        cancelled(answering(redirect(302, "/a").body(body.flux()).build()));

        body.assertCancelled();
        assertThat(sent).hasSize(1);
    }

    @Test
    void endWithTheirCallerDuringTheNextExchange() {
        PublisherProbe<ClientResponse> second = PublisherProbe.of(Mono.never());
        AtomicInteger exchanges = new AtomicInteger();

        cancelled(request ->
                exchanges.getAndIncrement() == 0 ? Mono.just(redirect(302, "/a").build()) : second.mono());

        assertThat(second.wasCancelled()).isTrue();
    }

    private void cancelled(ExchangeFunction exchange) {
        StepVerifier.create(filter().build().filter(request("GET").build(), exchange))
                .thenAwait()
                .thenCancel()
                .verify(FIVE_SECONDS);
    }
}
