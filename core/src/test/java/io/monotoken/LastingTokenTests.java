package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monotoken.FleetFixture.Instance;
import io.monotoken.TestStore.Fate;
import io.monotoken.TokenListener.Lookup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.util.RaceTestUtils;

/** A token for a call that takes long: one with too little life left is renewed first. */
class LastingTokenTests {

    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static final Duration AFTER_A_THIRD = Duration.ofMinutes(10);

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;

    private String obtain(Duration minimumRemaining) {
        return Objects.requireNonNull(fixture.source().token(minimumRemaining).block(SourceFixture.BOUND))
                .value();
    }

    private List<String> ask(Duration minimumRemaining) {
        List<String> got = Collections.synchronizedList(new ArrayList<>());
        fixture.source()
                .token(minimumRemaining)
                .map(Token::value)
                .subscribe(got::add, error -> got.add(String.valueOf(error.getMessage())));
        return got;
    }

    @Test
    void handsOutATokenThatIsGoodForLongEnough() {
        fixture.obtain();
        fixture.time.advance(AFTER_A_THIRD);

        assertThat(obtain(Duration.ofMinutes(20))).isEqualTo("access-1");

        assertThat(endpoint.requests()).isOne();
        assertThat(fixture.lookups).containsExactly(Lookup.WAITING, Lookup.FRESH);
    }

    @Test
    void renewsAFreshTokenThatEndsTooSoon() {
        fixture.obtain();
        fixture.time.advance(AFTER_A_THIRD);

        assertThat(obtain(Duration.ofMinutes(20).plusNanos(1))).isEqualTo("access-2");

        assertThat(endpoint.grants()).containsExactly("password", "refresh_token");
    }

    @Test
    void asksAnewWithEachSubscription() {
        Mono<Token> lasting = fixture.source().token(Duration.ofMinutes(25));

        assertThat(lasting.map(Token::value).block()).isEqualTo("access-1");
        assertThat(lasting.map(Token::value).block()).isEqualTo("access-1");
        fixture.time.advance(AFTER_A_THIRD);
        assertThat(lasting.map(Token::value).block()).isEqualTo("access-2");
    }

    @Test
    void sharesOneRenewalWithAllWhoAsk() {
        fixture.obtain();
        fixture.time.advance(AFTER_A_THIRD);
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());

        List<String> first = ask(Duration.ofMinutes(25));
        List<String> second = ask(Duration.ofMinutes(21));
        List<String> patient = ask(Duration.ofMinutes(1));
        assertThat(fixture.obtain().value()).isEqualTo("access-1");
        assertThat(first).isEmpty();
        answer.tryEmitValue(endpoint.token());

        assertThat(first).containsExactly("access-2");
        assertThat(second).containsExactly("access-2");
        assertThat(patient).containsExactly("access-1");
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void sharesTheRenewalThatAPlainCallerStarted() {
        fixture.obtain();
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());
        fixture.time.advance(Duration.ofMinutes(25));
        assertThat(fixture.obtain().value()).isEqualTo("access-1");
        fixture.time.advance(Duration.ZERO);

        List<String> lasting = ask(TEN_MINUTES);
        answer.tryEmitValue(endpoint.token());

        assertThat(lasting).containsExactly("access-2");
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void letsPlainCallersWithoutATokenShareItsRequest() {
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());

        List<String> lasting = ask(TEN_MINUTES);
        List<String> plain = ask(Duration.ZERO);
        answer.tryEmitValue(endpoint.token());

        assertThat(lasting).containsExactly("access-1");
        assertThat(plain).containsExactly("access-1");
        assertThat(endpoint.requests()).isOne();
    }

    @RepeatedTest(200)
    void startsOneRenewalForCallersWhoComeTogether() {
        fixture.obtain();
        fixture.time.advance(AFTER_A_THIRD);
        List<String> got = Collections.synchronizedList(new ArrayList<>());
        Runnable asking = () ->
                fixture.source().token(Duration.ofMinutes(25)).map(Token::value).subscribe(got::add);

        RaceTestUtils.race(asking, asking, () -> fixture.token().subscribe(), asking);

        assertThat(got).containsExactly("access-2", "access-2", "access-2");
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @RepeatedTest(200)
    void isNotLostWhenTheTokenIsRejectedMeanwhile() {
        Token rejected = fixture.obtain();
        fixture.time.advance(AFTER_A_THIRD);
        List<String> got = Collections.synchronizedList(new ArrayList<>());

        RaceTestUtils.race(
                () -> fixture.source()
                        .token(Duration.ofMinutes(25))
                        .map(Token::value)
                        .subscribe(got::add),
                () -> fixture.source().invalidate(rejected));
        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(got).hasSize(1).doesNotContain("access-1");
        assertThat(endpoint.requests()).isBetween(2, 3);
    }

    /** The provider decides how long tokens live. */
    @Nested
    class TokensThatLiveShorter {

        private static final int LIFE = 300;

        @Test
        void goOutWhileTheyAreNotDueForRenewal() {
            endpoint.life = LIFE;

            for (int second = 0; second < 10 * LIFE; second++) {
                obtain(TEN_MINUTES);
                fixture.time.advance(Duration.ofSeconds(1));
            }

            assertThat(endpoint.requests()).isBetween(10, 14);
        }

        @Test
        void areRenewedFirstWhenTheyAreDue() {
            endpoint.life = LIFE;
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(240));

            assertThat(obtain(TEN_MINUTES)).isEqualTo("access-2");
        }

        @ParameterizedTest
        @ValueSource(longs = {299, 299_999})
        void areNotRenewedInACircleForAMomentOfLife(long needed) {
            Duration almostAll = needed < 1_000 ? Duration.ofSeconds(needed) : Duration.ofMillis(needed);
            endpoint.life = LIFE;

            for (int i = 0; i < 1_000; i++) {
                obtain(almostAll);
                fixture.time.advanceMillis(100);
            }

            assertThat(endpoint.requests()).isBetween(9, 12);
        }

        @Test
        void areTheNewestForWhomeverAsksForADayOrMore() {
            endpoint.life = Duration.ofDays(7).toSeconds();

            obtain(Duration.ofDays(400_000));
            fixture.time.advance(Duration.ofHours(2));
            obtain(Duration.ofDays(3));

            assertThat(endpoint.requests()).isOne();
        }

        @Test
        void bringOneWarning() {
            endpoint.life = LIFE;
            try (CapturedLog log = CapturedLog.warningsOf(TokenSource.class)) {
                for (int i = 0; i < 5; i++) {
                    obtain(TEN_MINUTES);
                    fixture.time.advance(Duration.ofSeconds(240));
                }

                assertThat(log.messages())
                        .containsExactly(
                                "TokenSource[" + fixture.tokenUri + ", client 'client']: a caller needs a token for"
                                        + " PT10M, and the provider's live for PT5M; callers get the newest");
            }
        }

        @Test
        void areNotWarnedOfWhereTheyLiveLongEnough() {
            try (CapturedLog log = CapturedLog.warningsOf(TokenSource.class)) {
                obtain(TEN_MINUTES);
                fixture.time.advance(Duration.ofMinutes(22));
                obtain(TEN_MINUTES);

                assertThat(log.messages()).isEmpty();
            }
        }

        @Test
        void thatTheServerGivesAgainAreHandedOut() {
            fixture.grant = new ClientCredentialsGrant(List.of());
            endpoint.answer(request -> Mono.just(
                    endpoint.token("the-same", 1_800.0 - fixture.time.elapsed().toSeconds(), null)));
            obtain(TEN_MINUTES);
            fixture.time.advance(Duration.ofMinutes(21));

            for (int i = 0; i < 60; i++) {
                assertThat(obtain(TEN_MINUTES)).isEqualTo("the-same");
                fixture.time.advance(Duration.ofSeconds(1));
            }

            assertThat(endpoint.requests()).isLessThan(12);
        }

        @Test
        void thatAreDeadWhenTheyComeGoToThoseWhoWaited() {
            endpoint.life = 0;

            assertThat(obtain(TEN_MINUTES)).isEqualTo("access-1");
        }
    }

    /** A usable token is never withheld. */
    @Nested
    class WhenNoOtherIsToBeHad {

        @ParameterizedTest
        @ValueSource(strings = {"invalid_grant", "invalid_client", "invalid_scope", "temporarily_unavailable"})
        void theUsableOneComesAfterARefusal(String error) {
            fixture.obtain();
            fixture.time.advance(AFTER_A_THIRD);
            endpoint.answerWith(ScriptedEndpoint.rejected(400, error));

            assertThat(obtain(Duration.ofMinutes(25))).isEqualTo("access-1");
        }

        @Test
        void itComesAtOnceDuringThePauseAndIsRenewedAfterIt() {
            fixture.obtain();
            fixture.time.advance(AFTER_A_THIRD);
            endpoint.answerWith(ScriptedEndpoint.unavailable(503, Duration.ofSeconds(60)));
            obtain(Duration.ofMinutes(25));
            endpoint.answerTokens();
            int before = endpoint.requests();

            assertThat(obtain(Duration.ofMinutes(25))).isEqualTo("access-1");
            assertThat(endpoint.requests()).isEqualTo(before);

            fixture.time.advance(Duration.ofSeconds(61));
            assertThat(obtain(Duration.ofMinutes(25))).isEqualTo("access-2");
        }

        @Test
        void itComesWithinHalfOfItsLifeFromAnEndpointThatHangs() {
            fixture.settings = RefreshSettings.defaults().withTimeout(Duration.ofMinutes(20));
            fixture.obtain();
            fixture.time.advance(Duration.ofMinutes(26));
            endpoint.hang();

            List<String> got = ask(TEN_MINUTES);
            fixture.time.advance(Duration.ofSeconds(119));
            assertThat(got).isEmpty();
            fixture.time.advance(Duration.ofSeconds(1));

            assertThat(got).containsExactly("access-1");
        }

        @Test
        void noSecondPasswordIsSentForIt() {
            endpoint.rotating = false;
            fixture.obtain();
            fixture.time.advance(AFTER_A_THIRD);
            endpoint.answerWith(ScriptedEndpoint.lost());

            for (int i = 0; i < 1_000; i++) {
                assertThat(obtain(Duration.ofMinutes(25))).isEqualTo("access-1");
                fixture.time.advance(Duration.ofSeconds(1));
            }

            assertThat(endpoint.requests()).isEqualTo(2);
        }

        @Test
        void aCallerWithoutATokenGetsTheFailure() {
            endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));

            assertThat(ask(TEN_MINUTES)).containsExactly("unavailable: 503");
            assertThat(ask(TEN_MINUTES)).containsExactly("unavailable: 503");
            assertThat(endpoint.requests()).isOne();
        }

        @Test
        void aRequestThatItsOwnRenewalWaitsForGetsTheUsableOne() {
            fixture.obtain();
            fixture.time.advance(AFTER_A_THIRD);
            List<String> inside = new ArrayList<>();
            endpoint.answer(
                    request -> fixture.source().token(Duration.ofMinutes(25)).map(token -> {
                        inside.add(token.value());
                        return endpoint.token();
                    }));

            assertThat(obtain(Duration.ofMinutes(25))).isEqualTo("access-2");

            assertThat(inside).containsExactly("access-1");
        }

        @Test
        void aClosedSourceSaysSo() {
            fixture.obtain();
            fixture.source().close();

            assertThat(ask(TEN_MINUTES)).singleElement().asString().contains("its token source is closed");
        }
    }

    /** Instances with a shared store. */
    @Nested
    class InAFleet {

        private final FleetFixture fleet = new FleetFixture();

        private List<String> ask(Instance instance, Duration minimumRemaining) {
            List<String> got = Collections.synchronizedList(new ArrayList<>());
            instance.source.token(minimumRemaining).map(Token::value).subscribe(got::add);
            fleet.advance(Duration.ZERO);
            return got;
        }

        @Test
        void oneRenewsForAll() {
            List<Instance> ten = fleet.instances(10);
            ten.forEach(Instance::obtain);
            fleet.advance(AFTER_A_THIRD);

            for (Instance instance : ten) {
                assertThat(ask(instance, Duration.ofMinutes(25))).containsExactly("access-2");
            }

            assertThat(fleet.endpoint.requests()).isEqualTo(2);
        }

        @Test
        void anInstanceThatComesLaterTakesTheSharedOneAndRenewsItWhereItEndsTooSoon() {
            fleet.instance().obtain();
            fleet.advance(AFTER_A_THIRD);

            assertThat(ask(fleet.instance(), Duration.ofMinutes(25))).containsExactly("access-2");
            assertThat(ask(fleet.instance(), Duration.ofMinutes(25))).containsExactly("access-2");

            assertThat(fleet.endpoint.requests()).isEqualTo(2);
        }

        @Test
        void aNewerOneOfAnotherInstanceIsRenewedWhereItEndsTooSoonAsWell() {
            Instance first = fleet.instance();
            Instance second = fleet.instance();
            first.obtain();
            second.obtain();
            fleet.advance(AFTER_A_THIRD);
            fleet.store.hinting = false;
            assertThat(ask(first, Duration.ofMinutes(25))).containsExactly("access-2");
            fleet.advance(AFTER_A_THIRD);

            assertThat(ask(second, Duration.ofMinutes(25))).containsExactly("access-3");

            assertThat(fleet.endpoint.requests()).isEqualTo(3);
            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
        }

        @Test
        void withoutTheStoreEachRenewsForItself() {
            Instance instance = fleet.instance();
            instance.obtain();
            fleet.advance(AFTER_A_THIRD);
            fleet.store.fate = operation -> Fate.REFUSED;

            assertThat(ask(instance, Duration.ofMinutes(25))).containsExactly("access-2");
        }
    }

    @Nested
    class ATokenThatNeverChanges {

        @Test
        void isAllThereIs() {
            TokenSource fixed = TokenSource.fixed("always");

            assertThat(fixed.token(Duration.ofDays(400_000)).map(Token::value).block())
                    .isEqualTo("always");
        }

        @Test
        void isAskedForNoNegativeTime() {
            TokenSource fixed = TokenSource.fixed("always");

            assertThatThrownBy(() -> fixed.token(Duration.ofNanos(-1))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void refusesANegativeTime() {
        assertThatThrownBy(() -> fixture.source().token(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("minimumRemaining must not be negative, was PT-1S; use token() for any usable one");
    }

    @Test
    void isThePlainTokenWithoutATime() {
        assertThat(fixture.source().token(Duration.ZERO))
                .isSameAs(fixture.source().token());
    }
}
