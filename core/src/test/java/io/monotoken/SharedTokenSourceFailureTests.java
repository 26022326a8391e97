package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSourceState.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

class SharedTokenSourceFailureTests {

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;

    private void useClientCredentials() {
        fixture.grant = new ClientCredentialsGrant(List.of("email"));
    }

    /** {@return the seconds at which requests are sent while callers come every 50 ms} */
    private List<Double> attempts(Duration during) {
        List<Double> at = new ArrayList<>();
        long end = fixture.time.elapsed().plus(during).toMillis();
        while (fixture.time.elapsed().toMillis() < end) {
            int before = endpoint.requests();
            fixture.token().subscribe(token -> {}, error -> {});
            if (endpoint.requests() > before) {
                at.add(fixture.time.elapsed().toMillis() / 1000.0);
            }
            fixture.time.advanceMillis(50);
        }
        return at;
    }

    @Nested
    class WithoutAToken {

        @Test
        void waitsAQuarterOfTheOutageAfterTransientFailuresButTenSecondsAtMost() {
            useClientCredentials();
            fixture.random = () -> 1;
            endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));

            List<Double> at = attempts(Duration.ofSeconds(40));

            assertThat(at)
                    .startsWith(0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 3.95, 4.95, 6.2)
                    .hasSize(21)
                    .endsWith(19.0, 23.75, 29.7, 37.15);
        }

        @Test
        void answersFromMemoryInBetween() {
            endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
            fixture.failure();

            TokenException second = fixture.failure();

            assertThat(second).isInstanceOf(TokenException.Unavailable.class).hasMessage("unavailable: 503");
            assertThat(second.status()).hasValue(503);
            assertThat(endpoint.requests()).isEqualTo(1);
            assertThat(fixture.source().state().phase()).isEqualTo(Phase.FAILING);
            assertThat(fixture.source().state().lastFailure())
                    .isEqualTo(new TokenSourceState.Failure("Unavailable", null));
        }

        @ParameterizedTest
        @CsvSource({"0, 0.2", "5, 5", "60, 60", "3600, 60"})
        void waitsAsTheServerAsksButNoLongerThanAMinute(long retryAfter, double seconds) {
            useClientCredentials();
            endpoint.answerWith(ScriptedEndpoint.unavailable(429, Duration.ofSeconds(retryAfter)));

            List<Double> at = attempts(Duration.ofSeconds(seconds < 1 ? 1 : (long) seconds + 2));

            assertThat(at.get(1)).isBetween(seconds, seconds + 0.1);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "invalid_client",
                    "unauthorized_client",
                    "unsupported_grant_type",
                    "invalid_scope",
                    "invalid_request"
                })
        void waitsHalfAMinuteDoublingToFiveAfterWhatOnlySetUpCanMend(String error) {
            useClientCredentials();
            endpoint.answerWith(ScriptedEndpoint.rejected(400, error));

            List<Double> at = attempts(Duration.ofMinutes(15));

            assertThat(at).containsExactly(0.0, 30.0, 90.0, 210.0, 450.0, 750.0);
            assertThat(fixture.failure())
                    .isInstanceOf(TokenException.Rejected.class)
                    .satisfies(failure -> assertThat(failure.error()).hasValue(error));
        }

        @Test
        void treatsAnUnreadableAnswerAsTransient() {
            useClientCredentials();
            fixture.random = () -> 1;
            endpoint.answerWith(ScriptedEndpoint.malformed());

            assertThat(attempts(Duration.ofSeconds(2))).containsExactly(0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.6);
            assertThat(fixture.failure()).isInstanceOf(TokenException.Malformed.class);
        }

        @Test
        void waitsTenSecondsDoublingAfterALostAnswerToAPassword() {
            endpoint.answerWith(ScriptedEndpoint.lost());

            assertThat(attempts(Duration.ofMinutes(15))).containsExactly(0.0, 10.0, 30.0, 70.0, 150.0, 310.0, 610.0);
        }

        @Test
        void waitsASecondAfterALostAnswerOnceTheseCredentialsWereAccepted() {
            endpoint.rotating = false;
            fixture.random = () -> 1;
            fixture.obtain();
            endpoint.answerWith(ScriptedEndpoint.lost());
            fixture.time.advance(Duration.ofSeconds(1800));

            assertThat(attempts(Duration.ofSeconds(6))).containsExactly(1800.0, 1801.0, 1802.0, 1803.0, 1804.0, 1805.0);
        }

        @Test
        void forgetsFailuresAtASuccess() {
            useClientCredentials();
            endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
            attempts(Duration.ofSeconds(20));
            endpoint.answerTokens();
            attempts(Duration.ofSeconds(15));

            assertThat(fixture.source().state().lastFailure()).isNull();
            assertThat(fixture.source().state().phase()).isEqualTo(Phase.FRESH);
        }

        @Test
        void triesAgainAtOnceAfterAReset() {
            useClientCredentials();
            endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_client"));
            fixture.failure();
            endpoint.answerTokens();

            fixture.source().reset();

            assertThat(fixture.obtain().value()).isEqualTo("access-1");
        }
    }

    @Nested
    class WithAUsableToken {

        @Test
        void keepsTheTokenToItsEndAndTriesAtLeastThreeTimesInAMinute() {
            endpoint.life = 60;
            fixture.obtain();
            endpoint.answer(request ->
                    Mono.just(ScriptedEndpoint.notSent()).delayElement(Duration.ofMillis(900), fixture.time.timer));
            int failed = 0;

            for (int i = 0; i < 539; i++) {
                failed += fixture.token().onErrorComplete().block(SourceFixture.BOUND) == null ? 1 : 0;
                fixture.time.advanceMillis(100);
            }

            assertThat(failed).isZero();
            assertThat(fixture.events.stream()
                            .filter("failed Unavailable"::equals)
                            .count())
                    .isGreaterThanOrEqualTo(3);
        }

        @Test
        void endsAtLeastOneRenewalBeforeTheTokenDoesWhenTheEndpointHangs() {
            endpoint.life = 60;
            fixture.obtain();
            endpoint.answer(request ->
                    Mono.just(ScriptedEndpoint.lost()).delayElement(Duration.ofSeconds(5), fixture.time.timer));

            for (int i = 0; i < 539; i++) {
                fixture.token().block(SourceFixture.BOUND);
                fixture.time.advanceMillis(100);
            }

            assertThat(fixture.events).contains("failed Unavailable");
        }

        @Test
        void asksFewTimesDuringAnOutageOfFiveSeconds() {
            endpoint.life = 30;
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(21));
            endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));

            List<Double> at = attempts(Duration.ofSeconds(5));

            assertThat(at).hasSizeBetween(3, 10);
        }

        @Test
        void doesNotWaitBeyondTheTokensEndWhateverTheServerAsks() {
            endpoint.life = 60;
            fixture.obtain();
            endpoint.answerWith(ScriptedEndpoint.unavailable(429, Duration.ofHours(1)));
            fixture.time.advance(Duration.ofSeconds(50));
            fixture.obtain();
            endpoint.answerTokens();
            fixture.time.advance(Duration.ofSeconds(10));

            assertThat(fixture.obtain().value()).isEqualTo("access-2");
        }

        @ParameterizedTest
        @CsvSource({"10, 10", "299, 299", "300, 300", "301, 300", "3600, 300"})
        void waitsAsTheServerAsksButNoLongerThanFiveMinutes(long retryAfter, double seconds) {
            endpoint.life = 7_200;
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(5_760));
            endpoint.answerWith(ScriptedEndpoint.unavailable(429, Duration.ofSeconds(retryAfter)));

            List<Double> at = attempts(Duration.ofSeconds((long) seconds + 2));

            assertThat(at.get(1) - at.get(0)).isBetween(seconds, seconds + 0.1);
        }

        @Test
        void endsAllWhoJoinAFailingRenewalAtExpiry() {
            endpoint.life = 60;
            fixture.obtain();
            endpoint.answer(request ->
                    Mono.just(ScriptedEndpoint.notSent()).delayElement(Duration.ofSeconds(4), fixture.time.timer));
            fixture.time.advance(Duration.ofSeconds(53));
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(7));
            AtomicInteger failed = new AtomicInteger();
            for (int i = 0; i < 1_000; i++) {
                fixture.token().subscribe(token -> {}, error -> failed.incrementAndGet());
            }

            fixture.time.advance(Duration.ofSeconds(10));

            assertThat(failed).hasValue(1_000);
        }
    }

    @Nested
    class NeverHangs {

        @Test
        void endsAFlightThatGetsNoAnswerAndNamesTheUsualCause() {
            endpoint.hang();
            List<Throwable> failures = new ArrayList<>();
            fixture.token().subscribe(token -> {}, failures::add);

            fixture.time.advance(Duration.ofMillis(15_100));

            assertThat(failures)
                    .singleElement()
                    .satisfies(failure -> assertThat(failure)
                            .isInstanceOf(TokenException.Unavailable.class)
                            .hasMessage(fixture.tokenUri
                                    + " gave client 'client' no token: none came within 15000 ms; if the"
                                    + " credentials supplier or the HTTP client of the token endpoint waits for a token of this"
                                    + " very source, give it a client without the filter"));
        }

        @Test
        void recoversFromALinkageErrorWhileSubscribing() {
            AtomicBoolean broken = new AtomicBoolean(true);
            endpoint.answer(request -> {
                if (broken.get()) {
                    throw new NoClassDefFoundError("tools/jackson/Missing");
                }
                return Mono.just(endpoint.token());
            });

            assertThat(fixture.failure())
                    .hasMessageEndingWith("the token client failed with java.lang.NoClassDefFoundError");
            broken.set(false);
            fixture.time.advance(Duration.ofSeconds(30));

            assertThat(fixture.obtain()).isNotNull();
        }

        @Test
        void recoversFromAnEmptyExchange() {
            endpoint.answer(request -> Mono.empty());

            assertThat(fixture.failure()).hasMessageEndingWith("the token client gave no answer");
            endpoint.answerTokens();
            fixture.time.advance(Duration.ofSeconds(30));

            assertThat(fixture.obtain()).isNotNull();
        }

        @Test
        void recoversFromASupplierThatThrowsIsEmptyOrNeverEnds() {
            List<Mono<Credentials>> suppliers = new ArrayList<>(List.of(
                    Mono.error(new IllegalStateException("vault sealed")),
                    Mono.empty(),
                    Mono.never(),
                    Mono.defer(() -> {
                        throw new ExceptionInInitializerError("vault");
                    }),
                    Mono.just(new Credentials("ann@example.com", "P4ssw0rd"))));
            fixture.grant = new PasswordGrant(Mono.defer(() -> suppliers.remove(0)), List.of());
            List<String> messages = new ArrayList<>();

            for (int i = 0; i < 4; i++) {
                fixture.token().subscribe(token -> {}, error -> messages.add(error.getMessage()));
                fixture.time.advance(Duration.ofSeconds(16));
            }

            String start = fixture.tokenUri + " gave client 'client' no token: its credentials ";
            assertThat(messages)
                    .containsExactly(
                            start + "failed with java.lang.IllegalStateException",
                            start + "were empty",
                            start
                                    + "did not come within 5000 ms; a supplier must not wait for a token of this very source",
                            start + "failed with java.lang.ExceptionInInitializerError");
            assertThat(fixture.obtain()).isNotNull();
        }

        @Test
        void servesAlthoughTheTimerIsDisposed() {
            fixture.time.timer.dispose();
            fixture.resume = Schedulers.immediate();

            assertThat(fixture.obtain()).isNotNull();
        }

        @Test
        void isNotHarmedByAListenerThatThrows() {
            TokenListener thrower = new TokenListener() {
                @Override
                public void requested(String grantType) {
                    throw new IllegalStateException("listener");
                }

                @Override
                public void obtained(Token token, Duration took) {
                    throw new NoClassDefFoundError("listener");
                }
            };
            fixture.listener = thrower;

            assertThat(fixture.obtain()).isNotNull();
        }

        @Test
        void leavesNothingBehindWhenClosed() {
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(1800));
            endpoint.hang();
            List<Throwable> failures = new ArrayList<>();
            fixture.token().subscribe(token -> {}, failures::add);

            fixture.source().close();

            assertThat(failures).singleElement().isInstanceOf(TokenException.Unavailable.class);
            assertThat(fixture.failure()).hasMessageEndingWith("no token: its token source is closed");
            assertThat(fixture.source().state().phase()).isEqualTo(Phase.CLOSED);
            assertThat(fixture.source().invalidate(token())).isFalse();
            assertThat(endpoint.requests()).isEqualTo(2);
        }

        private Token token() {
            return Token.of("any", List.of(), java.time.Instant.EPOCH, java.time.Instant.EPOCH);
        }
    }

    @Nested
    class Contexts {

        @Test
        void keepsTheCallersContextOutOfTheFlightAndIntactDownstream() {
            List<Context> seen = new ArrayList<>();
            fixture.grant = () -> Mono.deferContextual(context -> {
                seen.add(Context.of(context));
                return Mono.just(TokenRequest.of("client_credentials"));
            });

            String mine = fixture.token()
                    .transformDeferredContextual((token, context) ->
                            token.map(t -> context.get("mine").toString()))
                    .contextWrite(Context.of("mine", "value"))
                    .block(SourceFixture.BOUND);

            assertThat(mine).isEqualTo("value");
            assertThat(seen)
                    .singleElement()
                    .satisfies(context -> assertThat(context.hasKey("mine")).isFalse());
        }

        @Test
        void failsAtOnceWhenTwoSourcesNeedEachOther() {
            SourceFixture other = new SourceFixture();
            fixture.grant =
                    () -> other.token().map(token -> TokenRequest.of("jwt").with("assertion", token.value()));
            other.grant =
                    () -> fixture.token().map(token -> TokenRequest.of("jwt").with("assertion", token.value()));

            TokenException failure = fixture.failure();

            assertThat(rootMessage(failure))
                    .endsWith("no token: this very request for one needs it; give the credentials supplier, the refresh"
                            + " token store and the HTTP"
                            + " client of the token endpoint a client without the filter");
            assertThat(endpoint.requests()).isZero();
        }

        @Test
        void failsAtOnceWhenTwoSourcesThatStartedTogetherNeedEachOther() {
            SourceFixture other = new SourceFixture();
            Sinks.Empty<Void> both = Sinks.empty();
            fixture.grant = () -> both.asMono()
                    .then(other.token())
                    .map(token -> TokenRequest.of("jwt").with("assertion", token.value()));
            other.grant = () -> both.asMono()
                    .then(fixture.token())
                    .map(token -> TokenRequest.of("jwt").with("assertion", token.value()));
            List<Throwable> failures = new ArrayList<>();
            fixture.token().subscribe(token -> {}, failures::add);
            other.token().subscribe(token -> {}, failures::add);

            both.tryEmitEmpty();

            assertThat(failures).hasSize(2);
        }

        private static @Nullable String rootMessage(Throwable failure) {
            Throwable root = failure;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return root.getMessage();
        }
    }
}
