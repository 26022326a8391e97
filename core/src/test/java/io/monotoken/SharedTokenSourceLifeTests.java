package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSourceState.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class SharedTokenSourceLifeTests {

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;

    @Test
    void asksNobodyBeforeTheFirstSubscription() {
        Mono<Token> assembled = fixture.token();

        assertThat(assembled).isNotNull();
        assertThat(endpoint.requests()).isZero();
        assertThat(fixture.source().state().phase()).isEqualTo(Phase.IDLE);
    }

    @Test
    void handsOutAFreshTokenWithoutOtherWork() {
        Token first = fixture.obtain();
        fixture.time.advance(Duration.ofMinutes(20));

        assertThat(fixture.obtain()).isSameAs(first);
        assertThat(endpoint.grants()).containsExactly("password");
        assertThat(fixture.source().state().phase()).isEqualTo(Phase.FRESH);
    }

    @Test
    void handsOutAStaleTokenAtOnceWhileTheEndpointHangs() {
        Token first = fixture.obtain();
        endpoint.hang();
        fixture.time.advance(Duration.ofSeconds(1400));

        assertThat(fixture.obtain()).isSameAs(first);
        assertThat(fixture.obtain()).isSameAs(first);
        assertThat(endpoint.grants()).containsExactly("password", "refresh_token");
        assertThat(fixture.source().state().phase()).isEqualTo(Phase.STALE);
        assertThat(fixture.lookups).contains(TokenListener.Lookup.STALE);
    }

    @Test
    void renewsInTheBackgroundWithTheRefreshTokenAndSendsNoScope() {
        fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(1400));

        fixture.obtain();

        assertThat(endpoint.grants()).containsExactly("password", "refresh_token");
        assertThat(endpoint.last().first("refresh_token")).isEqualTo("refresh-1");
        assertThat(endpoint.last().first("scope")).isNull();
        assertThat(fixture.obtain().value()).isEqualTo("access-2");
        assertThat(fixture.obtain().scopes()).containsExactly("email", "offline_access");
    }

    @Test
    void asksForANewTokenAtExpiryAndCallersWaitForIt() {
        fixture.obtain();
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());
        fixture.time.advance(Duration.ofSeconds(1800));
        List<Token> got = new ArrayList<>();

        fixture.token().subscribe(got::add);
        fixture.token().subscribe(got::add);
        assertThat(fixture.source().state().phase()).isEqualTo(Phase.WAITING);
        assertThat(fixture.source().state().waiters()).isEqualTo(2);
        answer.tryEmitValue(endpoint.token());

        assertThat(got).extracting(Token::value).containsExactly("access-2", "access-2");
        assertThat(endpoint.requests()).isEqualTo(2);
        assertThat(fixture.source().state().waiters()).isZero();
    }

    @Test
    void countsTheLifeFromTheMomentTheRequestWasSent() {
        TokenAnswer sent = endpoint.token("slow", 60.0, null);
        endpoint.answer(request -> Mono.just(sent).delayElement(Duration.ofSeconds(4), fixture.time.timer));

        fixture.token().subscribe();
        fixture.time.advance(Duration.ofSeconds(4));

        Token token = fixture.obtain();
        assertThat(Duration.between(token.issuedAt(), token.expiresAt())).isEqualTo(Duration.ofSeconds(60));
        assertThat(fixture.source().state().expiresAt())
                .isEqualTo(token.issuedAt().plusSeconds(60));
    }

    @Test
    void forgetsAnEndedTokenByItself() {
        fixture.obtain();

        fixture.time.advance(Duration.ofSeconds(1800));

        assertThat(fixture.source().state().phase()).isEqualTo(Phase.IDLE);
        assertThat(fixture.time.timer.getScheduledTaskCount()).isNotZero();
        assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void keepsAnOldRefreshTokenWhenTheAnswerBringsNone() {
        endpoint.answer(
                request -> Mono.just(endpoint.token("one", 60.0, "keeper")),
                request -> Mono.just(endpoint.token("two", 60.0, null)));
        fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(60));
        fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(60));

        fixture.obtain();

        assertThat(endpoint.grants()).containsExactly("password", "refresh_token", "refresh_token");
        assertThat(endpoint.last().first("refresh_token")).isEqualTo("keeper");
    }

    @Test
    void logsInAgainWhenTheRefreshTokenHasEnded() {
        endpoint.answer(request -> Mono.just(new TokenAnswer.Issued(TokenResponse.builder("a")
                .expiresIn(Duration.ofSeconds(60))
                .refreshToken("r")
                .refreshExpiresIn(Duration.ofSeconds(30))
                .build())));
        fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(60));

        fixture.obtain();

        assertThat(endpoint.grants()).containsExactly("password", "password");
    }

    @Nested
    class UnusualLives {

        @Test
        void givesATokenThatEndedOnArrivalToThoseWhoWaitedAndSpacesTheNextRequest() {
            endpoint.life = 0;

            assertThat(fixture.obtain().value()).isEqualTo("access-1");
            TokenException inside = fixture.failure();
            fixture.time.advanceMillis(999);
            fixture.failure();
            fixture.time.advanceMillis(1);

            assertThat(inside)
                    .isInstanceOf(TokenException.Unavailable.class)
                    .hasMessageContaining("had ended when it came (life PT0S");
            assertThat(endpoint.requests()).isEqualTo(1);
            assertThat(fixture.obtain().value()).isEqualTo("access-2");
        }

        @Test
        void keepsTheOldTokenWhenARenewalBringsADeadOne() {
            Token first = fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(1400));
            endpoint.life = 0;
            fixture.obtain();

            assertThat(fixture.obtain()).isSameAs(first);
            assertThat(endpoint.requests()).isEqualTo(2);
        }

        @Test
        void takesFiveMinutesWhereTheAnswerNamesNoLife() {
            endpoint.answer(request -> Mono.just(endpoint.token("a", null, null)));

            Token token = fixture.obtain();

            assertThat(Duration.between(token.issuedAt(), token.expiresAt())).isEqualTo(Duration.ofMinutes(5));
        }

        @Test
        void takesADayAtMost() {
            endpoint.life = 99_999_999_999.0;

            Token token = fixture.obtain();

            assertThat(Duration.between(token.issuedAt(), token.expiresAt())).isEqualTo(Duration.ofHours(24));
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, 1, 2, 5, 30, 60})
        void asksAtMostOnceASecondAndHandsOutNoEndedToken(double life) {
            endpoint.life = life;

            for (int i = 0; i < 600; i++) {
                int before = endpoint.requests();
                fixture.token()
                        .doOnNext(token -> assertThat(fixture.time
                                                .clock
                                                .instant(fixture.time.clock.now())
                                                .isBefore(token.expiresAt())
                                        || endpoint.requests() > before)
                                .isTrue())
                        .onErrorComplete()
                        .block(SourceFixture.BOUND);
                fixture.time.advanceMillis(100);
            }

            assertThat(endpoint.requests()).isLessThanOrEqualTo(life <= 1 ? 90 : (int) (60 / (0.5 * life)) + 1);
        }
    }

    @Nested
    class Clocks {

        @Test
        void noticesASuspensionWithinASecond() {
            fixture.obtain();

            fixture.time.moveWall(Duration.ofHours(1));
            fixture.time.advance(Duration.ofSeconds(1));

            assertThat(fixture.obtain().value()).isEqualTo("access-2");
        }

        @Test
        void isNotMovedByAWallClockThatIsSetBack() {
            Token first = fixture.obtain();

            fixture.time.moveWall(Duration.ofHours(-1));
            fixture.time.advance(Duration.ofMinutes(20));
            assertThat(fixture.obtain()).isSameAs(first);
            fixture.time.advance(Duration.ofMinutes(20));

            assertThat(fixture.obtain().value()).isEqualTo("access-2");
        }

        @Test
        void noticesASuspensionAlsoAfterTheWallClockWasSetBack() {
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(2));
            fixture.time.moveWall(Duration.ofHours(-1));
            fixture.time.advance(Duration.ofSeconds(2));
            fixture.obtain();

            fixture.time.moveWall(Duration.ofMinutes(30));
            fixture.time.advance(Duration.ofSeconds(2));

            assertThat(fixture.obtain().value()).isEqualTo("access-2");
        }
    }

    @Nested
    class Spread {

        @ParameterizedTest
        @ValueSource(doubles = {1, 5, 37, 38, 60, 75, 300, 1_800, 86_400})
        void renewsAThousandSourcesOverATenthOfTheLife(double seconds) {
            Random random = new Random(7);
            long sent = -5_000_000_000L;

            DoubleStream shares = DoubleStream.generate(() -> Lifetime.of(
                                            sent,
                                            Duration.ofMillis((long) (seconds * 1000)),
                                            RefreshSettings.defaults(),
                                            random.nextDouble())
                                    .renewFrom()
                            - sent)
                    .limit(1_000)
                    .map(nanos -> nanos / (seconds * 1e9));

            double[] sorted = shares.sorted().toArray();
            assertThat(sorted[999] - sorted[0]).isBetween(0.08, 0.1001);
            assertThat(sorted[999]).isLessThanOrEqualTo(0.8);
            assertThat(sorted[0]).isGreaterThan(0.4);
        }

        @Test
        void renewsAheadAsConfiguredButNeverBeforeHalfTheLife() {
            RefreshSettings early = RefreshSettings.defaults().withAhead(Duration.ofMinutes(10));
            RefreshSettings absurd = RefreshSettings.defaults().withAhead(Duration.ofHours(1));

            assertThat(Lifetime.of(0, Duration.ofSeconds(1800), early, 0).renewFrom())
                    .isEqualTo(Duration.ofMinutes(20).toNanos());
            assertThat(Lifetime.of(0, Duration.ofSeconds(1800), early, 1).renewFrom())
                    .isEqualTo(Duration.ofMinutes(17).toNanos());
            assertThat(Lifetime.of(0, Duration.ofSeconds(1800), absurd, 0).renewFrom())
                    .isEqualTo(Duration.ofMinutes(18).toNanos());
            assertThat(Lifetime.of(0, Duration.ofSeconds(1800), absurd, 1).renewFrom())
                    .isEqualTo(Duration.ofMinutes(15).toNanos());
        }

        @ParameterizedTest
        @ValueSource(
                longs = {0, 1, 999, 1_000, 59_999, 60_000, 1_800_000, 86_400_000, 86_400_001, Long.MAX_VALUE / 1_000_000
                })
        void neitherRenewsNorUsesATokenAfterItsEnd(long millis) {
            Lifetime life = Lifetime.of(0, Duration.ofMillis(millis), RefreshSettings.defaults(), 0.5);

            assertThat(life.renewFrom()).isLessThanOrEqualTo(life.usableUntil());
            assertThat(life.usableUntil()).isLessThanOrEqualTo(life.trueEnd());
            assertThat(life.trueEnd()).isLessThanOrEqualTo(life.length());
        }

        @Test
        void takesTheLongestLifeThatThereIsForADay() {
            Lifetime life = Lifetime.of(0, Duration.ofSeconds(Long.MAX_VALUE), RefreshSettings.defaults(), 0.5);

            assertThat(Duration.ofNanos(life.length())).isEqualTo(Duration.ofHours(24));
        }

        @Test
        void leavesTimeForAWholeFlightBeforeTheTokenEnds() {
            Lifetime minute = Lifetime.of(0, Duration.ofSeconds(60), RefreshSettings.defaults(), 0);

            assertThat(Duration.ofNanos(minute.usableUntil())).isEqualTo(Duration.ofSeconds(54));
            assertThat(Duration.ofNanos(minute.trueEnd())).isEqualTo(Duration.ofMillis(59_500));
            assertThat(Duration.ofNanos(minute.renewFrom())).isEqualTo(Duration.ofSeconds(42));
        }
    }
}
