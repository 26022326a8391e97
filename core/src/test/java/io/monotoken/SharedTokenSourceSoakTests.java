package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** A day of random faults in injected time, against a server that rotates, loses answers, locks out and lies. */
class SharedTokenSourceSoakTests {

    private static final Duration DAY = Duration.ofHours(24);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void keepsItsPromisesForADay(long seed) {
        SourceFixture fixture = new SourceFixture();
        Random random = new Random(seed);
        fixture.random = random::nextDouble;
        UnkindServer server = new UnkindServer(fixture, random);
        fixture.endpoint.answer(server::answer);
        AtomicInteger waiting = new AtomicInteger();
        AtomicReference<Duration> longestWait = new AtomicReference<>(Duration.ZERO);
        Set<String> failures = new HashSet<>();
        AtomicReference<@Nullable Token> valid = new AtomicReference<>();
        AtomicInteger failedWithAValidToken = new AtomicInteger();
        fixture.listener = new TokenListener() {
            @Override
            public void obtained(Token token, Duration took) {
                valid.set(token);
            }

            @Override
            public void invalidated(Token token) {
                valid.set(null);
            }
        };
        int served = 0;

        while (fixture.time.elapsed().compareTo(DAY) < 0) {
            Duration since = fixture.time.elapsed();
            waiting.incrementAndGet();
            fixture.token()
                    .doFinally(signal -> {
                        waiting.decrementAndGet();
                        Duration waited = fixture.time.elapsed().minus(since);
                        longestWait.accumulateAndGet(waited, (a, b) -> a.compareTo(b) > 0 ? a : b);
                    })
                    .subscribe(server::checkAlive, error -> {
                        failures.add(error.getClass().getSuperclass().getSimpleName());
                        if (isValid(valid.get(), fixture)) {
                            failedWithAValidToken.incrementAndGet();
                        }
                    });
            served++;
            if (random.nextInt(200) == 0) {
                fixture.token().onErrorComplete().subscribe(fixture.source()::invalidate);
            }
            if (random.nextInt(2_000) == 0) {
                server.changeMood();
            }
            fixture.time.advanceMillis(50 + random.nextInt(random.nextInt(100) == 0 ? 120_000 : 3_000));
        }
        fixture.time.advance(Duration.ofSeconds(16));

        assertThat(failures).containsOnly("TokenException");
        assertThat(waiting).hasValue(0);
        assertThat(longestWait.get()).isLessThanOrEqualTo(Duration.ofSeconds(15));
        assertThat(served).isGreaterThan(10_000);
        assertThat(failedWithAValidToken).hasValue(0);
        assertThat(server.deadTokensServed).isZero();
        assertThat(server.spentTokensPresented).isZero();
        assertThat(server.mostWrongPasswordsInTwentyMinutes).isLessThanOrEqualTo(3);
        assertThat(fixture.endpoint.requests()).isLessThan(served / 2);
    }

    private static boolean isValid(@Nullable Token token, SourceFixture fixture) {
        return token != null
                && fixture.time
                        .clock
                        .instant(fixture.time.clock.now())
                        .isBefore(token.expiresAt().minusMillis(500));
    }

    /** Whatever it does, it remembers what it issued. */
    private static final class UnkindServer {

        private static final Duration WINDOW = Duration.ofMinutes(20);

        private final SourceFixture fixture;
        private final Random random;
        private final Map<String, Duration> ends = new HashMap<>();
        private final Set<String> arrivedDead = new HashSet<>();
        private final Set<String> refreshTokens = new HashSet<>();
        private final Set<String> spent = new HashSet<>();
        private final ArrayDeque<Duration> wrongPasswords = new ArrayDeque<>();
        private Mood mood = Mood.KIND;
        private int issued;
        private int deadTokensServed;
        private int spentTokensPresented;
        private int mostWrongPasswordsInTwentyMinutes;

        private enum Mood {
            KIND,
            FLAKY,
            DOWN,
            LOCKED,
            LYING
        }

        UnkindServer(SourceFixture fixture, Random random) {
            this.fixture = fixture;
            this.random = random;
        }

        void changeMood() {
            mood = Mood.values()[random.nextInt(Mood.values().length)];
        }

        Mono<TokenAnswer> answer(TokenRequest request) {
            Duration latency = Duration.ofMillis(random.nextInt(mood == Mood.FLAKY ? 6_000 : 400));
            TokenAnswer answer = decide(request);
            return Mono.just(answer)
                    .delayElement(latency, fixture.time.timer)
                    .timeout(Duration.ofSeconds(5), Mono.just(ScriptedEndpoint.lost()), fixture.time.timer);
        }

        private TokenAnswer decide(TokenRequest request) {
            @Nullable String refreshToken = request.first("refresh_token");
            if (spent.contains(String.valueOf(refreshToken))) {
                spentTokensPresented++;
            }
            if (mood == Mood.DOWN || (mood == Mood.FLAKY && random.nextInt(3) == 0)) {
                return fault(refreshToken);
            }
            if (refreshToken != null) {
                spent.add(refreshToken);
                if (!refreshTokens.remove(refreshToken) || random.nextInt(20) == 0) {
                    return ScriptedEndpoint.rejected(400, "invalid_grant");
                }
            }
            if (refreshToken == null && mood == Mood.LOCKED) {
                return refuse();
            }
            return issue(refreshToken);
        }

        private TokenAnswer refuse() {
            Duration now = fixture.time.elapsed();
            wrongPasswords.add(now);
            wrongPasswords.removeIf(earlier -> now.minus(earlier).compareTo(WINDOW) > 0);
            mostWrongPasswordsInTwentyMinutes = Math.max(mostWrongPasswordsInTwentyMinutes, wrongPasswords.size());
            return ScriptedEndpoint.rejected(400, "invalid_grant");
        }

        private TokenAnswer fault(@Nullable String refreshToken) {
            int kind = random.nextInt(6);
            if (kind > 1 && refreshToken != null) {
                spent.add(refreshToken);
            }
            return switch (kind) {
                case 0 -> ScriptedEndpoint.notSent();
                case 1 -> ScriptedEndpoint.unavailable(503, Duration.ofSeconds(random.nextInt(100)));
                case 2 -> ScriptedEndpoint.lost();
                case 3 -> ScriptedEndpoint.unavailable(500, null);
                case 4 -> ScriptedEndpoint.malformed();
                default -> ScriptedEndpoint.empty();
            };
        }

        private TokenAnswer issue(@Nullable String presented) {
            String value = "access-" + ++issued;
            String refresh = random.nextInt(5) == 0 ? null : "refresh-" + issued;
            if (refresh != null) {
                refreshTokens.add(refresh);
            } else if (presented != null) {
                refreshTokens.add(presented); // no new one in the answer: the old one stays good
                spent.remove(presented);
            }
            int life = mood == Mood.LYING ? random.nextInt(3) : 5 + random.nextInt(1_800);
            ends.put(value, fixture.time.elapsed().plusSeconds(life));
            if (life < 8) {
                arrivedDead.add(value);
            }
            return new TokenAnswer.Issued(TokenResponse.builder(value)
                    .expiresIn(Duration.ofSeconds(life))
                    .refreshToken(refresh)
                    .build());
        }

        void checkAlive(Token token) {
            boolean alive = fixture.time.elapsed().compareTo(ends.getOrDefault(token.value(), Duration.ZERO)) < 0;
            if (!alive && !arrivedDead.contains(token.value())) {
                deadTokensServed++;
            }
        }
    }
}
