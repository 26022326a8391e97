package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSourceState.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.util.RaceTestUtils;

class SharedTokenSourceRejectionTests {

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;

    private boolean invalidate(Token token) {
        return fixture.source().invalidate(token);
    }

    @Test
    void renewsOnceForAThousandRejectionsOfOneToken() {
        Token rejected = fixture.obtain();
        Sinks.One<TokenAnswer> renewal = Sinks.one();
        endpoint.answer(request -> renewal.asMono());
        List<Token> got = new ArrayList<>();

        for (int i = 0; i < 1_000; i++) {
            assertThat(invalidate(rejected)).isTrue();
            fixture.token().subscribe(got::add);
        }
        renewal.tryEmitValue(endpoint.token());

        assertThat(got).hasSize(1_000).extracting(Token::value).containsOnly("access-2");
        assertThat(endpoint.grants()).containsExactly("password", "refresh_token");
        assertThat(fixture.events).containsOnlyOnce("invalidated access-1");
    }

    @Test
    void answersTrueWithoutARequestForATokenThatWasReplaced() {
        Token old = fixture.obtain();
        invalidate(old);
        fixture.obtain();

        assertThat(invalidate(old)).isTrue();
        assertThat(endpoint.requests()).isEqualTo(2);
        assertThat(fixture.obtain().value()).isEqualTo("access-2");
    }

    @Test
    void comparesByValue() {
        Token current = fixture.obtain();
        Token copy = Token.of(current.value(), List.of(), current.issuedAt(), current.expiresAt());

        assertThat(invalidate(copy)).isTrue();
        assertThat(fixture.obtain().value()).isEqualTo("access-2");
    }

    @Test
    void renewsATokenOnceThatIsRejectedSecondsAfterItCame() {
        Token first = fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(3));

        assertThat(invalidate(first)).isTrue();
        assertThat(fixture.obtain().value()).isEqualTo("access-2");
    }

    @Test
    void renewsOnceInTenSecondsForAnApiThatAlwaysRejects() {
        for (int i = 0; i < 600; i++) {
            invalidate(fixture.obtain());
            fixture.time.advanceMillis(100);
        }

        assertThat(endpoint.requests()).isEqualTo(1 + 6);
    }

    @Test
    void leavesTheTokenCurrentWhereItMayNotRenewYet() {
        invalidate(fixture.obtain());
        Token second = fixture.obtain();

        assertThat(invalidate(second)).isFalse();
        assertThat(fixture.obtain()).isSameAs(second);
        assertThat(fixture.source().state().phase()).isEqualTo(Phase.FRESH);
    }

    @Test
    void failsNobodyForOneSpuriousRejectionDuringAnOutage() {
        Token token = fixture.obtain();
        Sinks.One<TokenAnswer> renewal = Sinks.one();
        endpoint.answer(request -> renewal.asMono());

        assertThat(invalidate(token)).isTrue();
        List<Token> joined = new ArrayList<>();
        fixture.token().subscribe(joined::add);
        renewal.tryEmitValue(ScriptedEndpoint.unavailable(503, null));

        assertThat(joined).containsExactly(token);
        assertThat(fixture.obtain()).isSameAs(token);
        assertThat(invalidate(token)).isFalse();
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void givesARejectedTokenUpWhenItsRenewalIsRefused() {
        fixture.grant = new ClientCredentialsGrant(List.of());
        Token token = fixture.obtain();
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_client"));

        assertThat(invalidate(token)).isTrue();

        assertThat(fixture.failure()).isInstanceOf(TokenException.Rejected.class);
        assertThat(fixture.source().state().expiresAt()).isNull();
    }

    @Test
    void keepsAnUnrejectedTokenWhenItsRenewalIsRefused() {
        fixture.grant = new ClientCredentialsGrant(List.of());
        Token token = fixture.obtain();
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_client"));
        fixture.time.advance(Duration.ofSeconds(1500));

        fixture.obtain();

        assertThat(fixture.obtain()).isSameAs(token);
    }

    @Test
    void joinsARenewalThatIsInFlight() {
        Token token = fixture.obtain();
        Sinks.One<TokenAnswer> renewal = Sinks.one();
        endpoint.answer(request -> renewal.asMono());
        fixture.time.advance(Duration.ofSeconds(1500));
        fixture.obtain();
        AtomicInteger waited = new AtomicInteger();

        assertThat(invalidate(token)).isTrue();
        fixture.token().subscribe(next -> waited.incrementAndGet());
        assertThat(waited).hasValue(0);
        renewal.tryEmitValue(endpoint.token());

        assertThat(waited).hasValue(1);
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void startsARenewalForATokenThatEndedMeanwhile() {
        Token token = fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(1790));

        assertThat(invalidate(token)).isTrue();
        assertThat(fixture.obtain().value()).isEqualTo("access-2");
    }

    @Test
    void answersFalseInsideAPause() {
        Token token = fixture.obtain();
        endpoint.answerWith(ScriptedEndpoint.notSent());
        fixture.time.advance(Duration.ofSeconds(1500));
        fixture.obtain();
        int before = endpoint.requests();

        assertThat(invalidate(token)).isFalse();
        assertThat(endpoint.requests()).isEqualTo(before);
        assertThat(fixture.obtain()).isSameAs(token);
    }

    @Test
    void limitsForcedRenewalsAlsoWhenTheRejectedTokenExpiresMeanwhile() {
        endpoint.life = 2;
        Token token = fixture.obtain();
        endpoint.answer(request -> Mono.delay(Duration.ofSeconds(4), fixture.time.timer)
                .map(late -> endpoint.token("next", 1800.0, null)));
        assertThat(invalidate(token)).isTrue();
        fixture.token().subscribe();
        fixture.time.advance(Duration.ofSeconds(4));
        Token next = fixture.obtain();
        assertThat(next.value()).isEqualTo("next");

        assertThat(invalidate(next)).isFalse();
        assertThat(fixture.obtain()).isSameAs(next);
        fixture.time.advance(Duration.ofSeconds(10));

        assertThat(invalidate(next)).isTrue();
    }

    @RepeatedTest(200)
    void takesARejectionAndAFailureInEitherOrder() {
        Token token = fixture.obtain();
        Sinks.One<TokenAnswer> renewal = Sinks.one();
        endpoint.answer(request -> renewal.asMono());
        fixture.time.advance(Duration.ofSeconds(1500));
        fixture.obtain();

        RaceTestUtils.race(
                () -> invalidate(token), () -> renewal.tryEmitValue(ScriptedEndpoint.unavailable(503, null)));

        assertThat(fixture.obtain()).isSameAs(token);
        assertThat(endpoint.requests()).isEqualTo(2);
        assertThat(fixture.source().state().waiters()).isZero();
    }

    @RepeatedTest(200)
    void takesARejectionAndACommitInEitherOrder() {
        Token token = fixture.obtain();
        Sinks.One<TokenAnswer> renewal = Sinks.one();
        endpoint.answer(request -> renewal.asMono());
        fixture.time.advance(Duration.ofSeconds(1500));
        fixture.obtain();

        RaceTestUtils.race(() -> assertThat(invalidate(token)).isTrue(), () -> renewal.tryEmitValue(endpoint.token()));

        assertThat(fixture.obtain().value()).isEqualTo("access-2");
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void presentsNoRefreshTokenTwiceUnderRejectionsStaleReadsAndManualCallsTogether() {
        endpoint.life = 5;
        endpoint.answer(
                request -> Mono.just(endpoint.token()),
                request -> Mono.just(endpoint.requests() % 3 == 0 ? ScriptedEndpoint.lost() : endpoint.token()));

        for (int i = 0; i < 3_000; i++) {
            Token token = fixture.token().onErrorComplete().block(SourceFixture.BOUND);
            if (token != null && i % 7 == 0) {
                RaceTestUtils.race(
                        () -> invalidate(token), () -> fixture.token().subscribe(t -> {}, e -> {}));
            }
            fixture.time.advanceMillis(100);
        }

        assertThat(endpoint.requests("refresh_token")).isGreaterThan(20);
        assertThat(endpoint.presentedTwice()).isEmpty();
    }
}
