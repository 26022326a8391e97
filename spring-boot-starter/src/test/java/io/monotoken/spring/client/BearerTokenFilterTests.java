package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.monotoken.Token;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
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
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;

class BearerTokenFilterTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
    private static final URI API = URI.create("https://api.example.com/v3/me");

    private final List<ClientRequest> sent = new ArrayList<>();

    private ScriptedTokens tokens = new ScriptedTokens("one", "two");

    private BearerTokenFilter.Builder filter() {
        return BearerTokenFilter.builder("comply-one", tokens).originOf(URI.create("https://api.example.com/v3"));
    }

    private static ClientRequest.Builder get(URI uri) {
        return ClientRequest.create(HttpMethod.GET, uri);
    }

    private static ClientResponse.Builder unauthorized() {
        return ClientResponse.create(HttpStatus.UNAUTHORIZED)
                .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
    }

    private static ClientResponse ok() {
        return ClientResponse.create(HttpStatus.OK).build();
    }

    private static DataBuffer buffer(String text) {
        return DefaultDataBufferFactory.sharedInstance.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers the first request with the first answer and so on. */
    private ExchangeFunction answering(ClientResponse... answers) {
        return request -> {
            sent.add(request);
            return Mono.just(answers[sent.size() - 1]);
        };
    }

    private List<String> sentTokens() {
        return sent.stream().map(request -> authorization(request).get(0)).toList();
    }

    /** {@return what goes over the wire} */
    private static List<String> authorization(ClientRequest request) {
        MockClientHttpRequest http = new MockClientHttpRequest(request.method(), request.url());
        request.writeTo(http, ExchangeStrategies.withDefaults()).block(FIVE_SECONDS);
        return http.getHeaders().getOrEmpty(HttpHeaders.AUTHORIZATION);
    }

    private void expectStatus(Mono<ClientResponse> answer, HttpStatus status) {
        answer.map(ClientResponse::statusCode)
                .as(StepVerifier::create)
                .expectNext(status)
                .expectComplete()
                .verify(FIVE_SECONDS);
    }

    @Test
    void saysItsOriginsAsBrowsersCompareThem() {
        BearerTokenFilter filter = filter().originOf(URI.create("HTTPS://API.example.com:443/v4"))
                .originOf(URI.create("http://LOCALHOST:8080/files?page=1"))
                .build();

        assertThat(filter.origins())
                .containsExactly(URI.create("https://api.example.com"), URI.create("http://localhost:8080"));
    }

    @Test
    void putsTheTokenOnARequest() {
        expectStatus(filter().build().filter(get(API).build(), answering(ok())), HttpStatus.OK);

        assertThat(sentTokens()).containsExactly("Bearer one");
    }

    @Test
    void sendsNothingWithoutAToken() {
        tokens = new ScriptedTokens().then(Mono.error(new IllegalStateException("no token")));

        filter().build()
                .filter(get(API).build(), answering())
                .as(StepVerifier::create)
                .expectErrorMessage("no token")
                .verify(FIVE_SECONDS);

        assertThat(sent).isEmpty();
    }

    @Test
    void leavesA403Alone() {
        ClientResponse forbidden = ClientResponse.create(HttpStatus.FORBIDDEN)
                .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
                .build();

        expectStatus(filter().build().filter(get(API).build(), answering(forbidden)), HttpStatus.FORBIDDEN);

        assertThat(tokens.invalidated()).isEmpty();
    }

    @Test
    void showsNoToken() {
        assertThat(filter().build())
                .hasToString("BearerTokenFilter[client=comply-one, origins=[https://api.example.com]]");
    }

    @Nested
    class Origins {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "https://api.example.com",
                    "https://api.example.com/anything?at=all",
                    "https://api.example.com:443/v3",
                    "HTTPS://API.example.COM/v3",
                })
        void letTheTokenGoWhereItBelongs(URI uri) {
            expectStatus(filter().build().filter(get(uri).build(), answering(ok())), HttpStatus.OK);
        }

        @ParameterizedTest
        @CsvSource({
            "http://api.example.com/v3, http://api.example.com",
            "https://api.example.com:8443/v3, https://api.example.com:8443",
            "https://api.example.com.evil.example/v3, https://api.example.com.evil.example",
            "https://evil.example/?api.example.com, https://evil.example",
        })
        void keepTheTokenFromElsewhere(URI uri, String shown) {
            filter().build()
                    .filter(get(uri).build(), answering())
                    .as(StepVerifier::create)
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("the token of client 'comply-one' may go to [https://api.example.com], not to "
                                    + shown + "; if that may see the token, add it to the client's allowed-origins"))
                    .verify(FIVE_SECONDS);

            assertThat(sent).isEmpty();
            assertThat(tokens.asked()).isZero();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "https://john:secret@api.example.com/v3 | an address for a token must not have user info",
                    "https://comply_one:8080/v3 | an address for a token must name a host, was 'https://comply_one:8080';"
                            + " a host name cannot contain an underscore",
                    "/v3/me?key=secret | an address for a token must begin with https:// or http://",
                    "ftp://api.example.com/v3 | an address for a token must begin with https:// or http://, was"
                            + " 'ftp://api.example.com'",
                })
        void refuseAddressesThatHaveNone(URI uri, String message) {
            filter().build()
                    .filter(get(uri).build(), answering())
                    .as(StepVerifier::create)
                    .expectErrorMessage(message)
                    .verify(FIVE_SECONDS);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> filter().originOf(uri))
                    .withMessage(message);
        }

        @ParameterizedTest
        @ValueSource(strings = {"https://api.example.com/v3/me", "/me"})
        void keepTheTokenToItselfWithoutAny(URI uri) {
            BearerTokenFilter.builder("comply-one", tokens)
                    .build()
                    .filter(get(uri).build(), answering())
                    .as(StepVerifier::create)
                    .expectErrorMessage(
                            "the token of client 'comply-one' may go nowhere yet; set the client's base-url")
                    .verify(FIVE_SECONDS);
        }

        @Test
        void mayBeAddedToACopy() {
            BearerTokenFilter more = filter().build().withOriginOf(URI.create("http://[::1]:8080/other"));

            expectStatus(more.filter(get(URI.create("http://[::1]:8080/x")).build(), answering(ok())), HttpStatus.OK);
            assertThat(more)
                    .hasToString("BearerTokenFilter[client=comply-one, origins=[https://api.example.com,"
                            + " http://[::1]:8080]]");
        }
    }

    @Nested
    class ExistingAuthorization {

        private final ClientRequest request =
                get(API).header(HttpHeaders.AUTHORIZATION, "Basic x", "Basic y").build();

        @Test
        void isReplaced() {
            expectStatus(filter().build().filter(request, answering(ok())), HttpStatus.OK);

            assertThat(authorization(sent.get(0))).containsExactly("Bearer one");
        }

        @Test
        void isKeptWhereThatIsWanted() {
            BearerTokenFilter filter = filter().keepAuthorization(true).build();

            expectStatus(filter.filter(request, answering(unauthorized().build())), HttpStatus.UNAUTHORIZED);

            assertThat(authorization(sent.get(0))).containsExactly("Basic x", "Basic y");
            assertThat(tokens.asked()).isZero();
        }
    }

    /** How much of its life the token of a request must have left. */
    @Nested
    class MinimumRemainingLife {

        private final Duration tenMinutes = Duration.ofMinutes(10);

        @Test
        void isAskedForWithEachRequest() {
            BearerTokenFilter filter = filter().minimumRemainingLife(tenMinutes).build();

            expectStatus(
                    filter.filter(get(API).build(), answering(unauthorized().build(), ok())), HttpStatus.OK);

            assertThat(sentTokens()).containsExactly("Bearer one", "Bearer two");
            assertThat(tokens.needed()).containsExactly(tenMinutes, tenMinutes);
        }

        @Test
        void isKeptByACopyOfTheFilter() {
            BearerTokenFilter filter = filter().minimumRemainingLife(tenMinutes)
                    .build()
                    .withOriginOf(URI.create("https://files.example.com"));

            expectStatus(filter.filter(get(API).build(), answering(ok())), HttpStatus.OK);

            assertThat(tokens.needed()).containsExactly(tenMinutes);
        }

        @Test
        void isTheRequestsOwnWhereItHasOne() {
            BearerTokenFilter filter = filter().minimumRemainingLife(tenMinutes).build();

            expectStatus(
                    filter.filter(
                            get(API).attribute(BearerTokenFilter.MINIMUM_REMAINING_LIFE, Duration.ofHours(1))
                                    .build(),
                            answering(ok())),
                    HttpStatus.OK);
            sent.clear();
            expectStatus(
                    filter.filter(
                            get(API).attribute(BearerTokenFilter.MINIMUM_REMAINING_LIFE, Duration.ZERO)
                                    .build(),
                            answering(ok())),
                    HttpStatus.OK);

            assertThat(tokens.needed()).containsExactly(Duration.ofHours(1));
        }

        @Test
        void isNothingUnlessAskedFor() {
            expectStatus(filter().build().filter(get(API).build(), answering(ok())), HttpStatus.OK);

            assertThat(tokens.needed()).isEmpty();
        }

        @Test
        void isNotNegative() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> filter().minimumRemainingLife(Duration.ofMillis(-1)))
                    .withMessage(
                            "minimumRemainingLife must not be negative, was PT-0.001S; zero is for any usable token");
        }
    }

    /** What an API answers in place of 401. */
    @Nested
    class OtherStatuses {

        private final ClientResponse expired = ClientResponse.create(HttpStatusCode.valueOf(498))
                .body(Flux.just(buffer("why")))
                .build();

        private BearerTokenFilter with(Integer... statuses) {
            return filter().unauthorizedStatuses(List.of(statuses)).build();
        }

        private ClientResponse status(int status) {
            return ClientResponse.create(HttpStatusCode.valueOf(status)).build();
        }

        @ParameterizedTest
        @ValueSource(ints = {400, 401, 403, 404, 419, 440, 498, 499})
        void areHealedAsA401Is(int status) {
            expectStatus(with(status).filter(get(API).build(), answering(status(status), ok())), HttpStatus.OK);

            assertThat(sentTokens()).containsExactly("Bearer one", "Bearer two");
            assertThat(tokens.invalidated()).containsExactly("one");
        }

        @Test
        void leaveThe401AsItIs() {
            expectStatus(
                    with(403).filter(get(API).build(), answering(unauthorized().build(), ok())), HttpStatus.OK);
        }

        @Test
        void areTheEndOfAReplay() {
            expectStatus(
                    with(403).filter(get(API).build(), answering(unauthorized().build(), status(403))),
                    HttpStatus.FORBIDDEN);

            assertThat(sent).hasSize(2);
            assertThat(tokens.invalidated()).containsExactly("one", "two");
        }

        @Test
        void areHandedOutUntouchedWhenTheBodyCannotBeSentAgain() {
            StepVerifier.create(with(498)
                            .filter(
                                    get(API).body(BodyInserters.fromDataBuffers(Flux.empty()))
                                            .build(),
                                    answering(expired))
                            .flatMap(response -> response.bodyToMono(String.class)))
                    .expectNext("why")
                    .expectComplete()
                    .verify(FIVE_SECONDS);

            assertThat(tokens.invalidated()).containsExactly("one");
        }

        @Test
        void areHandedOutWhenTheChallengeBlamesTheScope() {
            ClientResponse forbidden = ClientResponse.create(HttpStatus.FORBIDDEN)
                    .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"")
                    .build();

            expectStatus(with(403).filter(get(API).build(), answering(forbidden)), HttpStatus.FORBIDDEN);

            assertThat(tokens.invalidated()).isEmpty();
        }

        @Test
        void areNoSignThatTheOriginAcceptedTheToken() {
            tokens = new ScriptedTokens("one").withNoOtherToken();
            BearerTokenFilter filter = with(403);
            expectStatus(filter.filter(get(API).build(), answering(status(403))), HttpStatus.FORBIDDEN);
            sent.clear();

            expectStatus(filter.filter(get(API).build(), answering(status(403))), HttpStatus.FORBIDDEN);

            assertThat(sent).hasSize(1);
        }

        @Test
        void areSentAgainWithTheSameTokenWithinTheBudget() {
            tokens = new ScriptedTokens("one").withNoOtherToken();
            BearerTokenFilter filter = filter().unauthorizedStatuses(List.of(403))
                    .time(() -> 0, Schedulers::parallel)
                    .build();
            AtomicInteger exchanges = new AtomicInteger();
            expectStatus(filter.filter(get(API).build(), request -> Mono.just(ok())), HttpStatus.OK);

            for (int i = 0; i < 50; i++) {
                expectStatus(
                        filter.filter(get(API).build(), request -> {
                            exchanges.incrementAndGet();
                            return Mono.just(status(403));
                        }),
                        HttpStatus.FORBIDDEN);
            }

            assertThat(exchanges).hasValue(50 + 10);
        }

        @Test
        void areKeptByACopyOfTheFilter() {
            BearerTokenFilter filter = with(419).withOriginOf(URI.create("https://files.example.com"));

            expectStatus(filter.filter(get(API).build(), answering(status(419), ok())), HttpStatus.OK);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "200 | status 200 is no status of an error; name one from 400 to 499",
                    "302 | status 302 is no status of an error; name one from 400 to 499",
                    "0 | status 0 is no status of an error; name one from 400 to 499",
                    "600 | status 600 is no status of an error; name one from 400 to 499",
                    "500 | status 500 says that the server failed, whatever the token; name one from 400 to 499",
                    "503 | status 503 says that the server failed, whatever the token; name one from 400 to 499",
                    "407 | status 407 is of a proxy, which does not see the token; leave it out",
                    "429 | status 429 asks to send less, and the same request would be sent once more; leave it out",
                })
        void areRefusedWhereATokenIsNotTheReason(int status, String message) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> filter().unauthorizedStatuses(List.of(403, status)))
                    .withMessage(message);
        }
    }

    @Nested
    class Unauthorized {

        @Test
        void isHealedWithAnotherToken() {
            expectStatus(
                    filter().build()
                            .filter(get(API).build(), answering(unauthorized().build(), ok())),
                    HttpStatus.OK);

            assertThat(sentTokens()).containsExactly("Bearer one", "Bearer two");
            assertThat(tokens.invalidated()).containsExactly("one");
        }

        @Test
        void isHealedOnce() {
            ClientResponse second = unauthorized().build();

            StepVerifier.create(filter().build()
                            .filter(get(API).build(), answering(unauthorized().build(), second)))
                    .expectNext(second)
                    .expectComplete()
                    .verify(FIVE_SECONDS);

            assertThat(sent).hasSize(2);
            assertThat(tokens.invalidated()).containsExactly("one", "two"); // neither is used again
        }

        @Test
        void isHandedOutWhenItAsksForSomethingElse() {
            expectUntouched(
                    get(API).build(),
                    ClientResponse.create(HttpStatus.UNAUTHORIZED)
                            .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"")
                            .body(Flux.just(buffer("why"))));

            assertThat(tokens.invalidated()).isEmpty();
        }

        @Test
        void isHandedOutWhenTheBodyCannotBeSentAgain() {
            expectUntouched(
                    get(API).body(BodyInserters.fromDataBuffers(Flux.empty())).build(),
                    unauthorized().body(Flux.just(buffer("why"))));

            assertThat(sent).hasSize(1);
            assertThat(tokens.invalidated()).containsExactly("one");
        }

        @Test
        void isHandedOutWhenNoOtherTokenIsToBeHad() {
            tokens.withNoOtherToken();

            expectUntouched(get(API).build(), unauthorized().body(Flux.just(buffer("why"))));

            assertThat(tokens.invalidated()).containsExactly("one");
        }

        @Test
        void isHandedOutWhenRetriesAreOff() {
            BearerTokenFilter filter = filter().retryOnUnauthorized(false).build();

            expectStatus(
                    filter.filter(get(API).build(), answering(unauthorized().build())), HttpStatus.UNAUTHORIZED);

            assertThat(sent).hasSize(1);
            assertThat(tokens.invalidated()).containsExactly("one");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Bearer",
                    "bearer realm=\"api\"",
                    "Bearer resource_metadata=\"https://api.example.com/.well-known/x\"",
                    "BEARER Error=\"Expired_Token\"",
                })
        void isHealedWhateverTheServerCallsIt(String challenge) {
            ClientResponse answer = ClientResponse.create(HttpStatus.UNAUTHORIZED)
                    .header(HttpHeaders.WWW_AUTHENTICATE, challenge)
                    .build();

            expectStatus(filter().build().filter(get(API).build(), answering(answer, ok())), HttpStatus.OK);

            assertThat(sentTokens()).containsExactly("Bearer one", "Bearer two");
        }

        @Test
        void isReleasedBeforeTheNextTokenIsAskedFor() {
            List<String> order = new ArrayList<>();
            tokens = new ScriptedTokens("one").then(Mono.fromSupplier(() -> {
                order.add("token");
                return ScriptedTokens.token("two");
            }));
            Flux<DataBuffer> body = Flux.just(buffer("why")).doOnComplete(() -> order.add("released"));

            expectStatus(
                    filter().build()
                            .filter(
                                    get(API).build(),
                                    answering(unauthorized().body(body).build(), ok())),
                    HttpStatus.OK);

            assertThat(order).containsExactly("released", "token");
        }

        @Test
        void isHealedEvenIfItsOwnBodyBreaksOff() {
            Flux<DataBuffer> body = Flux.error(new IllegalStateException("connection reset"));

            expectStatus(
                    filter().build()
                            .filter(
                                    get(API).build(),
                                    answering(unauthorized().body(body).build(), ok())),
                    HttpStatus.OK);
        }

        @Test
        void isSentAgainWithTheSameTokenThatItsOriginHasJustAccepted() {
            tokens = new ScriptedTokens("one").withNoOtherToken();
            BearerTokenFilter filter = filter().build();
            expectStatus(filter.filter(get(API).build(), answering(ok())), HttpStatus.OK);
            sent.clear();

            expectStatus(
                    filter.filter(get(API).build(), answering(unauthorized().build(), ok())), HttpStatus.OK);

            assertThat(sentTokens()).containsExactly("Bearer one", "Bearer one");
        }

        @Test
        void isSentAgainForNoOtherOrigin() {
            tokens = new ScriptedTokens("one").withNoOtherToken();
            BearerTokenFilter filter =
                    filter().originOf(URI.create("https://files.example.com")).build();
            URI files = URI.create("https://files.example.com/a");
            expectStatus(filter.filter(get(files).build(), answering(ok())), HttpStatus.OK);
            sent.clear();

            expectStatus(
                    filter.filter(get(API).build(), answering(unauthorized().build())), HttpStatus.UNAUTHORIZED);
        }

        @Test
        void isSentAgainWhenACopyOfTheFilterSawTheTokenAccepted() {
            tokens = new ScriptedTokens("one").withNoOtherToken();
            BearerTokenFilter filter = filter().build();
            BearerTokenFilter copy = filter.withOriginOf(URI.create("https://files.example.com"));
            expectStatus(copy.filter(get(API).build(), answering(ok())), HttpStatus.OK);
            sent.clear();

            expectStatus(
                    filter.filter(get(API).build(), answering(unauthorized().build(), ok())), HttpStatus.OK);
        }

        @Test
        void isNotSentAgainWithTheSameTokenWhereTheFirstQuestionIsTheCallers() {
            tokens = new ScriptedTokens("one").withNoOtherToken();
            BearerTokenFilter filter = filter().build();
            expectStatus(filter.filter(get(API).build(), answering(ok())), HttpStatus.OK);
            sent.clear();
            ClientResponse forbidden = ClientResponse.create(HttpStatus.UNAUTHORIZED)
                    .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"")
                    .build();

            expectStatus(filter.filter(get(API).build(), answering(forbidden)), HttpStatus.UNAUTHORIZED);

            assertThat(tokens.invalidated()).isEmpty();
        }

        @Test
        void isSentAgainWithinTheBudgetHoweverManyComeAtOnce() {
            tokens = new ScriptedTokens("one").withNoOtherToken();
            BearerTokenFilter filter =
                    filter().time(() -> 0, Schedulers::parallel).build();
            expectStatus(filter.filter(get(API).build(), answering(ok())), HttpStatus.OK);
            AtomicInteger exchanges = new AtomicInteger();
            ExchangeFunction api = request -> {
                exchanges.incrementAndGet();
                return Mono.fromSupplier(() -> unauthorized().build()).subscribeOn(Schedulers.parallel());
            };

            Flux.range(0, 999)
                    .flatMap(i -> filter.filter(get(API).build(), api), 999)
                    .map(ClientResponse::statusCode)
                    .all(status -> status.value() == 401)
                    .as(StepVerifier::create)
                    .expectNext(true)
                    .expectComplete()
                    .verify(FIVE_SECONDS);

            assertThat(exchanges).hasValue(999 + 100);
        }

        @Test
        void givesTheExceptionOfARenewalThatFails() {
            tokens = new ScriptedTokens("one").then(Mono.error(new IllegalStateException("renewal failed")));

            filter().build()
                    .filter(get(API).build(), answering(unauthorized().build()))
                    .as(StepVerifier::create)
                    .expectErrorMessage("renewal failed")
                    .verify(FIVE_SECONDS);
        }

        private void expectUntouched(ClientRequest request, ClientResponse.Builder answer) {
            filter().build()
                    .filter(request, answering(answer.build()))
                    .flatMap(response -> response.bodyToMono(String.class))
                    .as(StepVerifier::create)
                    .expectNext("why")
                    .expectComplete()
                    .verify(FIVE_SECONDS);
        }
    }

    @Nested
    class Attributes {

        @Test
        void letABodyBeSentAgain() {
            ClientRequest request = get(API).body(BodyInserters.fromDataBuffers(Flux.empty()))
                    .attribute(BearerTokenFilter.REPLAYABLE, true)
                    .build();

            expectStatus(
                    filter().build().filter(request, answering(unauthorized().build(), ok())), HttpStatus.OK);
        }

        @Test
        void forbidThatARequestIsSentAgain() {
            ClientRequest request =
                    get(API).attribute(BearerTokenFilter.REPLAYABLE, false).build();

            expectStatus(
                    filter().build().filter(request, answering(unauthorized().build())), HttpStatus.UNAUTHORIZED);
            assertThat(tokens.invalidated()).containsExactly("one");
        }

        @Test
        void nameTheClientWithoutRegardToDashesAndCase() {
            ClientRequest request =
                    get(API).attribute(BearerTokenFilter.CLIENT, "complyOne").build();

            expectStatus(filter().build().filter(request, answering(ok())), HttpStatus.OK);
        }

        @Test
        void refuseTheTokenOfAnotherClient() {
            ClientRequest request =
                    get(API).attribute(BearerTokenFilter.CLIENT, "billing").build();

            filter().build()
                    .filter(request, answering())
                    .as(StepVerifier::create)
                    .expectErrorMessage(
                            "the request asks for the token of client 'billing', this filter has that of"
                                    + " 'comply-one'; use a WebClient with MonotokenClients.filter() to choose for each request")
                    .verify(FIVE_SECONDS);

            assertThat(sent).isEmpty();
        }
    }

    @Nested
    class Cancellation {

        @Test
        void whileTheTokenIsOnItsWayLeavesTheRequestUnsent() {
            PublisherProbe<Token> token = PublisherProbe.of(Mono.never());
            tokens = new ScriptedTokens().then(token.mono());

            cancelled(answering());

            assertThat(token.wasCancelled()).isTrue();
            assertThat(sent).isEmpty();
        }

        @Test
        void duringTheFirstExchangeEndsIt() {
            PublisherProbe<ClientResponse> exchange = PublisherProbe.of(Mono.never());

            cancelled(request -> exchange.mono());

            assertThat(exchange.wasCancelled()).isTrue();
            assertThat(tokens.invalidated()).isEmpty();
        }

        @Test
        void duringTheReleaseEndsIt() {
            TestPublisher<DataBuffer> body = TestPublisher.create();

            cancelled(answering(unauthorized().body(body.flux()).build()));

            body.assertCancelled();
            assertThat(tokens.asked()).isOne();
        }

        @Test
        void duringTheRenewalLeavesTheSecondRequestUnsent() {
            PublisherProbe<Token> renewal = PublisherProbe.of(Mono.never());
            tokens = new ScriptedTokens("one").then(renewal.mono());

            cancelled(answering(unauthorized().build()));

            assertThat(renewal.wasCancelled()).isTrue();
            assertThat(sent).hasSize(1);
        }

        @Test
        void duringTheSecondExchangeEndsIt() {
            PublisherProbe<ClientResponse> second = PublisherProbe.of(Mono.never());
            AtomicInteger exchanges = new AtomicInteger();

            cancelled(request ->
                    exchanges.getAndIncrement() == 0 ? Mono.just(unauthorized().build()) : second.mono());

            assertThat(second.wasCancelled()).isTrue();
        }

        private void cancelled(ExchangeFunction exchange) {
            StepVerifier.create(filter().build().filter(get(API).build(), exchange))
                    .thenAwait()
                    .thenCancel()
                    .verify(FIVE_SECONDS);
        }
    }
}
