package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenListener.Lookup;
import io.monotoken.TokenSourceState.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/** A token near its end: its renewal is waited for a little, and it is handed out to its true end. */
class SharedTokenSourceLastStretchTests {

    private static final Duration HALF_AN_HOUR = Duration.ofMinutes(30);
    private static final Duration LAST_STRETCH = HALF_AN_HOUR.minusSeconds(30);
    private static final Duration TRUE_END = HALF_AN_HOUR.minusMillis(500);

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;

    private List<String> tokens(int callers) {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            fixture.token().map(Token::value).subscribe(tokens::add, error -> tokens.add("failed"));
        }
        return tokens;
    }

    @ParameterizedTest
    @CsvSource({"300, 299500", "60, 59500", "30, 29700", "5, 4950", "1, 990", "86400, 86399500"})
    void handsOutATokenToItsTrueEndWhileTheEndpointStaysAway(int life, int trueEnd) {
        endpoint.life = life;
        fixture.obtain();
        endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
        int step = Math.max(1, life / 600);
        fixture.time.advanceMillis(life * 500L);

        for (long at = life * 500L; at < trueEnd; at += step) {
            assertThat(tokens(1)).as("at %d ms", at).containsExactly("access-1");
            fixture.time.advanceMillis(step);
        }

        fixture.time.advanceMillis(step);
        assertThat(tokens(1)).containsExactly("failed");
    }

    @Test
    void handsOutNoTokenAfterItsTrueEnd() {
        fixture.obtain();
        fixture.time.advance(TRUE_END);
        endpoint.hang();

        List<String> tokens = tokens(10);
        fixture.time.advance(Duration.ofSeconds(5));

        assertThat(tokens).isEmpty();
        assertThat(fixture.source().state().phase()).isEqualTo(Phase.WAITING);
    }

    @Test
    void letsCallersWaitForTheRenewalThatTheFirstOfThemStarts() {
        fixture.obtain();
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());
        fixture.time.advance(LAST_STRETCH);

        List<String> tokens = tokens(3);
        assertThat(tokens).isEmpty();
        fixture.time.advanceMillis(900);
        answer.tryEmitValue(endpoint.token());

        assertThat(tokens).containsOnly("access-2").hasSize(3);
        assertThat(endpoint.requests()).isEqualTo(2);
        assertThat(fixture.lookups).containsExactly(Lookup.WAITING, Lookup.WAITING, Lookup.WAITING, Lookup.WAITING);
    }

    @Test
    void letsThemWaitForASecondTogetherAndNobodyAfterThat() {
        fixture.obtain();
        endpoint.hang();
        fixture.time.advance(LAST_STRETCH);

        List<String> first = tokens(2);
        fixture.time.advanceMillis(700);
        List<String> second = tokens(2);
        fixture.time.advanceMillis(299);
        assertThat(first).isEmpty();
        fixture.time.advanceMillis(1);

        assertThat(first).containsExactly("access-1", "access-1");
        assertThat(second).containsExactly("access-1", "access-1");
        assertThat(tokens(1)).containsExactly("access-1");
        assertThat(fixture.source().state().waiters()).isZero();
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void letsThemWaitForHalfOfWhatIsLeftAtMost() {
        fixture.obtain();
        endpoint.hang();
        fixture.time.advance(TRUE_END.minusMillis(400));

        List<String> tokens = tokens(1);
        fixture.time.advanceMillis(199);
        assertThat(tokens).isEmpty();
        fixture.time.advanceMillis(1);

        assertThat(tokens).containsExactly("access-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalid_grant", "invalid_client", "invalid_scope"})
    void givesTheTokenToThoseWhoWaitedForARenewalThatIsRefused(String error) {
        endpoint.rotating = false;
        fixture.obtain();
        endpoint.answerWith(ScriptedEndpoint.rejected(400, error));
        fixture.time.advance(LAST_STRETCH);

        assertThat(tokens(3)).containsExactly("access-1", "access-1", "access-1");
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void letsNobodyWaitOnceARenewalHasFailed() {
        fixture.obtain();
        fixture.time.advance(LAST_STRETCH);
        endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
        assertThat(tokens(1)).containsExactly("access-1");
        endpoint.hang();
        fixture.time.advance(Duration.ofSeconds(5));

        assertThat(tokens(3)).containsExactly("access-1", "access-1", "access-1");

        assertThat(endpoint.requests()).isEqualTo(3);
    }

    @Test
    void givesTheTokenAtOnceToARequestThatItsOwnRenewalWaitsFor() {
        fixture.obtain();
        List<String> inside = new ArrayList<>();
        endpoint.answer(request -> fixture.token().map(token -> {
            inside.add(token.value());
            return endpoint.token();
        }));
        fixture.time.advance(LAST_STRETCH);

        assertThat(tokens(1)).containsExactly("access-2");

        assertThat(inside).containsExactly("access-1");
    }

    @Test
    void keepsTheCallersContext() {
        fixture.obtain();
        endpoint.hang();
        fixture.time.advance(LAST_STRETCH);
        List<String> seen = new ArrayList<>();

        fixture.token()
                .transformDeferredContextual(
                        (token, context) -> token.map(t -> context.get("mine").toString()))
                .contextWrite(Context.of("mine", "value"))
                .subscribe(seen::add);
        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(seen).containsExactly("value");
    }

    @Test
    void waitsWithoutATokenForARejectedOne() {
        Token rejected = fixture.obtain();
        fixture.time.advance(LAST_STRETCH);
        endpoint.hang();
        fixture.source().invalidate(rejected);

        List<String> tokens = tokens(1);
        fixture.time.advance(Duration.ofSeconds(2));

        assertThat(tokens).isEmpty();
    }

    /** The first attempt after an outage comes soon, counted by what callers felt of it. */
    @Nested
    class BackSoon {

        private double recovery(Duration outageFrom, Duration outage, long seed) {
            SourceFixture source = new SourceFixture();
            source.random = new Random(seed)::nextDouble;
            source.endpoint.life = 60;
            source.obtain();
            long at = 0;
            while (at < outageFrom.toMillis()) {
                source.time.advanceMillis(10);
                at += 10;
            }
            source.endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
            int before = source.endpoint.requests();
            long back = at + outage.toMillis();
            List<Long> fresh = new ArrayList<>();
            while (fresh.isEmpty()) {
                long now = at;
                if (at == back) {
                    assertThat(source.endpoint.requests() - before)
                            .isLessThanOrEqualTo(outage.toSeconds() <= 8 ? 20 : 30);
                    source.endpoint.answerTokens();
                }
                source.token()
                        .filter(token -> !token.value().equals("access-1"))
                        .subscribe(token -> fresh.add(now), error -> {});
                source.time.advanceMillis(10);
                at += 10;
            }
            return (fresh.get(0) - Math.max(back, 59_500)) / 1000.0;
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
        void afterAnOutageAcrossTheTokensEnd(long seed) {
            assertThat(recovery(Duration.ofSeconds(57), Duration.ofSeconds(5), seed))
                    .isLessThanOrEqualTo(1.5);
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14})
        void whenTheEndpointIsBackJustAfterTheTokensEnd(long seed) {
            assertThat(recovery(Duration.ofSeconds(40), Duration.ofMillis(19_800), seed))
                    .isLessThanOrEqualTo(0.3);
        }

        @Test
        void afterEachOfManyOutagesOfAnyLength() {
            Random random = new Random(11);
            for (int i = 0; i < 60; i++) {
                long outage = 100L + random.nextInt(30_000);
                double felt = (57_000 + outage - 59_500) / 1000.0;

                assertThat(recovery(Duration.ofSeconds(57), Duration.ofMillis(outage / 10 * 10), i))
                        .as("outage of %d ms", outage)
                        .isLessThanOrEqualTo(Math.max(0.3, Math.min(10, felt / 3) + 0.1));
            }
        }

        @Test
        void startsANewRowWhenNobodyAsksForLong() {
            fixture.grant = new ClientCredentialsGrant(List.of());
            fixture.random = () -> 1;
            endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
            for (int i = 0; i < 400; i++) {
                tokens(1);
                fixture.time.advanceMillis(50);
            }
            fixture.time.advance(Duration.ofMinutes(5));
            int before = endpoint.requests();

            tokens(1);
            fixture.time.advanceMillis(250);
            tokens(1);

            assertThat(endpoint.requests() - before).isEqualTo(2);
        }
    }

    /** A server that caches its own tokens gives the same one again, with ever less of its life. */
    @Nested
    class TheSameTokenAgain {

        private int issued = 1;

        private TokenAnswer cached(double period) {
            double elapsed = fixture.time.elapsed().toMillis() / 1000.0;
            long n = (long) (elapsed / period);
            return endpoint.token("cached-" + n, Math.floor((n + 1) * period - elapsed), null);
        }

        @Test
        void failsNobodyAndAsksSeldom() {
            fixture.grant = new ClientCredentialsGrant(List.of());
            endpoint.answer(request -> Mono.just(cached(60)));
            List<String> failures = new ArrayList<>();

            for (int i = 0; i < 6_000; i++) {
                int now = i;
                fixture.token().subscribe(token -> {}, error -> failures.add(now + ": " + error.getMessage()));
                fixture.time.advanceMillis(100);
            }

            assertThat(failures).isEmpty();
            assertThat(endpoint.requests()).isLessThanOrEqualTo(120);
        }

        @Test
        void holdsTheFirstExpiryOfAValue() {
            endpoint.answer(request -> Mono.just(endpoint.token("same", 60.0, "refresh-" + issued++)));
            Token first = fixture.obtain();
            endpoint.answer(request -> Mono.just(endpoint.token("same", 0.0, "refresh-" + issued++)));
            fixture.time.advance(Duration.ofSeconds(50));
            fixture.obtain();

            assertThat(fixture.obtain()).isSameAs(first);
            assertThat(fixture.source().state().expiresAt()).isEqualTo(first.expiresAt());
            assertThat(fixture.events).endsWith("failed Unavailable");
            assertThat(fixture.source().state().phase()).isEqualTo(Phase.STALE);
        }

        @Test
        void takesTheRefreshTokenThatCameWithIt() {
            endpoint.answer(request -> Mono.just(endpoint.token("same", 60.0, "refresh-" + issued++)));
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(50));
            endpoint.answer(request -> Mono.just(endpoint.token("same", 10.0, "refresh-" + issued++)));
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(10));

            fixture.obtain();

            assertThat(endpoint.last().first("refresh_token")).isEqualTo("refresh-2");
        }

        @Test
        void takesALongerLifeOfTheSameValue() {
            endpoint.answer(request -> Mono.just(endpoint.token("same", 60.0, null)));
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(50));

            fixture.obtain();

            assertThat(fixture.source().state().phase()).isEqualTo(Phase.FRESH);
        }

        @Test
        void isNoOtherTokenToAnApiThatRejectedIt() {
            endpoint.answer(request -> Mono.just(endpoint.token("same", 60.0, null)));
            Token rejected = fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(2));
            endpoint.answer(request -> Mono.just(endpoint.token("same", 58.0, null)));

            assertThat(fixture.source().invalidate(rejected)).isTrue();

            assertThat(fixture.obtain()).isSameAs(rejected);
            assertThat(fixture.source().invalidate(rejected)).isFalse();
        }

        @Test
        void ofAnAbsurdLifeIsTakenForADayAtMost() {
            endpoint.answer(request -> Mono.just(endpoint.token("same", 60.0, null)));
            fixture.obtain();
            fixture.time.advance(Duration.ofSeconds(50));
            endpoint.answer(request -> Mono.just(new TokenAnswer.Issued(TokenResponse.builder("same")
                    .expiresIn(Duration.ofSeconds(Long.MAX_VALUE))
                    .build())));

            fixture.obtain();

            assertThat(fixture.source().state().phase()).isEqualTo(Phase.FRESH);
        }
    }
}
