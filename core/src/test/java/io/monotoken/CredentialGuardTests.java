package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSourceState.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.util.RaceTestUtils;

class CredentialGuardTests {

    private static final Duration TWENTY_MINUTES = Duration.ofMinutes(20);

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;

    private void callEverySecond(Duration during, SourceFixture... sources) {
        for (long second = 0; second < during.toSeconds(); second++) {
            for (SourceFixture source : sources) {
                source.token().subscribe(token -> {}, error -> {});
            }
            fixture.time.advance(Duration.ofSeconds(1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_grant",
        "401, invalid_grant",
        "400, access_denied",
        "403, access_denied",
        "400, invalid_request",
        "500, account_locked",
        "503, invalid_grant",
        "422, nope"
    })
    void sendsAWrongPasswordThreeTimesInTwentyMinutesWhateverTheCode(int status, String error) {
        endpoint.answerWith(ScriptedEndpoint.rejected(status, error));

        callEverySecond(TWENTY_MINUTES, fixture);

        assertThat(endpoint.requests()).isEqualTo(3);
        assertThat(fixture.failure()).isInstanceOf(TokenException.Rejected.class);
        assertThat(fixture.source().state().phase()).isEqualTo(Phase.GUARDED);
    }

    @Test
    void sendsARefusedPasswordThreeTimesInADay() {
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));

        callEverySecond(Duration.ofHours(24), fixture);

        assertThat(fixture.events)
                .filteredOn(event -> event.startsWith("guard"))
                .containsExactly("guard closed 60", "guard closed 900", "guard closed until a change");
        assertThat(endpoint.requests()).isEqualTo(3);
        assertThat(fixture.source().state().phase()).isEqualTo(Phase.GUARDED);
        assertThat(fixture.source().state().nextAttempt()).isNull();
    }

    @Test
    void answersWithTheRealCodeFromMemory() {
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.failure();

        TokenException remembered = fixture.failure();

        assertThat(remembered).isInstanceOf(TokenException.Rejected.class);
        assertThat(remembered.error()).hasValue("invalid_grant");
        assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void isOneForTwoSourcesOfOneUser() {
        SourceFixture sibling = fixture.sibling();
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        sibling.endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));

        callEverySecond(TWENTY_MINUTES, fixture, sibling);

        assertThat(endpoint.requests() + sibling.endpoint.requests()).isEqualTo(3);
        assertThat(sibling.failure()).isInstanceOf(TokenException.Rejected.class);
    }

    @Test
    void isOneForTwoSourcesWithTwoWrongPasswords() {
        SourceFixture sibling = fixture.sibling();
        sibling.grant = new PasswordGrant("ann@example.com", "other", List.of());
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        sibling.endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));

        callEverySecond(Duration.ofHours(24), fixture, sibling);

        assertThat(endpoint.requests()).isLessThanOrEqualTo(3);
        assertThat(sibling.endpoint.requests()).isLessThanOrEqualTo(3);
        assertThat(endpoint.requests() + sibling.endpoint.requests()).isEqualTo(5);
    }

    @Test
    void sendsOnePasswordAtATimeAndFailsTheNextSourceWithItsRefusal() {
        SourceFixture sibling = fixture.sibling();
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());
        List<Throwable> failures = new ArrayList<>();
        fixture.token().subscribe(token -> {}, failures::add);
        sibling.token().subscribe(token -> {}, failures::add);

        answer.tryEmitValue(ScriptedEndpoint.rejected(400, "invalid_grant"));

        assertThat(failures).hasSize(2).allMatch(TokenException.Rejected.class::isInstance);
        assertThat(sibling.endpoint.requests()).isZero();
        assertThat(fixture.events).containsOnlyOnce("guard closed 60");
        assertThat(sibling.events).containsExactly("failed Rejected", "guard closed 60");
    }

    @Test
    void tellsASourceOnceThatAnotherOnesRefusalClosedIt() {
        SourceFixture sibling = fixture.sibling();
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));

        callEverySecond(Duration.ofSeconds(70), fixture, sibling); // the first one's password is refused twice

        assertThat(endpoint.requests()).isEqualTo(2);
        assertThat(sibling.events)
                .filteredOn(event -> event.startsWith("guard"))
                .containsExactly("guard closed 60");
        sibling.source().reset();

        assertThat(sibling.events).endsWith("guard opened");
        assertThat(sibling.endpoint.requests()).isZero();
    }

    @Test
    void letsTheNextSourceLogInAfterASuccess() {
        SourceFixture sibling = fixture.sibling();
        fixture.obtain();

        assertThat(sibling.obtain()).isNotNull();
        assertThat(sibling.endpoint.requests()).isEqualTo(1);
    }

    @Test
    void leavesOtherUsersAlone() {
        SourceFixture other = fixture.sibling();
        other.grant = new PasswordGrant("bob@example.com", "P4ssw0rd", List.of());
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.failure();

        assertThat(other.obtain()).isNotNull();
    }

    @Test
    void opensWithinFiveSecondsForAChangedPassword() {
        String[] password = {"wrong"};
        AtomicInteger asked = new AtomicInteger();
        fixture.grant = new PasswordGrant(
                Mono.fromSupplier(() -> {
                    asked.incrementAndGet();
                    return new Credentials("ann@example.com", password[0]);
                }),
                List.of());
        endpoint.answer(request -> Mono.just(
                "right".equals(request.first("password"))
                        ? endpoint.token()
                        : ScriptedEndpoint.rejected(400, "invalid_grant")));
        callEverySecond(Duration.ofSeconds(20), fixture);
        assertThat(asked.get()).isBetween(4, 5);
        assertThat(endpoint.requests()).isEqualTo(1);

        password[0] = "right";
        callEverySecond(Duration.ofSeconds(6), fixture);

        assertThat(fixture.obtain()).isNotNull();
        assertThat(fixture.events).contains("guard opened");
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void asksOneAtATimeAndLetsNoCallerWaitForIt() {
        AtomicInteger asking = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        fixture.grant = new PasswordGrant(
                Mono.defer(() -> asked.incrementAndGet() == 1
                        ? Mono.just(new Credentials("ann@example.com", "wrong"))
                        : Mono.<Credentials>never().doOnSubscribe(s -> asking.incrementAndGet())),
                List.of());
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.failure();
        fixture.time.advance(Duration.ofSeconds(6));

        for (int i = 0; i < 100; i++) {
            assertThat(fixture.failure()).isInstanceOf(TokenException.Rejected.class);
        }

        assertThat(asking).hasValue(1);
    }

    @Test
    void staysClosedForTheSamePassword() {
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));

        callEverySecond(Duration.ofSeconds(59), fixture);

        assertThat(endpoint.requests()).isEqualTo(1);
        assertThat(fixture.events).doesNotContain("guard opened");
    }

    @Test
    void opensAtAnOperatorsWord() {
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.failure();
        endpoint.answerTokens();

        fixture.source().reset();

        assertThat(fixture.obtain()).isNotNull();
        assertThat(fixture.events).contains("guard opened");
    }

    @Test
    void isNotHurriedByTheWallClock() {
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.failure();

        for (int i = 0; i < 20; i++) {
            fixture.time.moveWall(Duration.ofHours(1));
            fixture.time.advance(Duration.ofSeconds(2));
            fixture.failure();
        }

        assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void isNotWalkedRoundByLostAnswers() {
        SourceFixture sibling = fixture.sibling();
        endpoint.answerWith(ScriptedEndpoint.lost());
        sibling.endpoint.answerWith(ScriptedEndpoint.lost());

        callEverySecond(Duration.ofMinutes(5), fixture, sibling);

        assertThat(endpoint.requests() + sibling.endpoint.requests()).isEqualTo(5);
    }

    @Test
    void endsALoginThatRanOutOfTime() {
        endpoint.hang();
        fixture.token().subscribe(token -> {}, error -> {});
        fixture.time.advance(Duration.ofSeconds(16));
        endpoint.answerTokens();

        assertThat(fixture.failure()).isInstanceOf(TokenException.Unavailable.class);
        fixture.time.advance(Duration.ofSeconds(10));

        assertThat(fixture.obtain()).isNotNull();
    }

    @RepeatedTest(200)
    void isLeftByAFlightThatEndsWhileItEnters() {
        TokenRequest login = TokenRequest.of("password").with("username", "ann").with("password", "P4ssw0rd");
        SourceClock clock = fixture.time.clock;
        LoginPermit first = LoginPermit.of(fixture.tokenUri, "client", login, LockOutSettings.defaults());
        LoginPermit second = LoginPermit.of(fixture.tokenUri, "client", login, LockOutSettings.defaults());

        RaceTestUtils.race(() -> first.enter(clock).subscribe(), () -> first.leave(new LoginResult.Withdrawn(), clock));

        assertThat(second.enter(clock).block(SourceFixture.BOUND)).isInstanceOf(LoginPermit.Entry.Open.class);
        second.leave(new LoginResult.Accepted(), clock);
    }

    @ParameterizedTest
    @MethodSource("undecidedAnswers")
    void countsAPasswordWhoseAnswerDoesNotJudgeItAsLost(TokenAnswer answer) {
        endpoint.answerWith(answer);

        callEverySecond(TWENTY_MINUTES, fixture);

        assertThat(endpoint.requests()).isLessThanOrEqualTo(9);
    }

    static List<TokenAnswer> undecidedAnswers() {
        return List.of(
                ScriptedEndpoint.lost(),
                ScriptedEndpoint.malformed(),
                ScriptedEndpoint.empty(),
                ScriptedEndpoint.unavailable(500, null),
                ScriptedEndpoint.unavailable(502, null),
                ScriptedEndpoint.unavailable(504, null));
    }

    @Test
    void isNotOpenedForOnePasswordByTheSuccessOfAnother() {
        SourceFixture right = fixture.sibling();
        right.endpoint.life = 60;
        right.endpoint.rotating = false;
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.grant = new PasswordGrant("ann@example.com", "wrong", List.of());

        callEverySecond(TWENTY_MINUTES, right, fixture);

        assertThat(right.endpoint.requests()).isGreaterThan(20);
        assertThat(endpoint.requests()).isLessThanOrEqualTo(3);
    }

    @Test
    void takesNoOtherPasswordForOneThatWasAccepted() {
        String[] password = {"right"};
        endpoint.rotating = false;
        fixture.grant =
                new PasswordGrant(Mono.fromSupplier(() -> new Credentials("ann@example.com", password[0])), List.of());
        fixture.obtain();
        password[0] = "typo";
        endpoint.answerWith(ScriptedEndpoint.lost());
        fixture.time.advance(Duration.ofMinutes(30));

        callEverySecond(TWENTY_MINUTES, fixture);

        assertThat(endpoint.requests()).isLessThanOrEqualTo(10);
    }

    @Test
    void letsACorrectedPasswordTryAgainSoonWhoseAnswerWasLost() {
        String[] password = {"wrong"};
        fixture.grant =
                new PasswordGrant(Mono.fromSupplier(() -> new Credentials("ann@example.com", password[0])), List.of());
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        callEverySecond(Duration.ofMinutes(8), fixture);
        password[0] = "right";
        endpoint.answerWith(ScriptedEndpoint.lost());
        callEverySecond(Duration.ofSeconds(8), fixture);
        endpoint.answerTokens();

        callEverySecond(Duration.ofSeconds(12), fixture);

        assertThat(fixture.obtain()).isNotNull();
    }

    @Test
    void guardsAPasswordUnderAnyGrantsName() {
        fixture.grant = () -> Mono.just(TokenRequest.of("http://auth0.com/oauth/grant-type/password-realm")
                .with("username", "ann@example.com")
                .with("password", "wrong"));
        endpoint.answerWith(ScriptedEndpoint.rejected(403, "invalid_grant"));

        callEverySecond(TWENTY_MINUTES, fixture);

        assertThat(endpoint.requests()).isLessThanOrEqualTo(3);
    }

    @Test
    void neverAsksAConstant() {
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.failure();
        int scheduled = (int) fixture.time.timer.getScheduledTaskCount();
        fixture.time.advance(Duration.ofSeconds(30));

        fixture.failure();

        assertThat(fixture.time.timer.getScheduledTaskCount() - scheduled).isLessThanOrEqualTo(1);
    }

    @Test
    void asksAlthoughTheResumeSchedulerIsDisposed() {
        String[] password = {"wrong"};
        CountDownLatch asked = new CountDownLatch(2);
        fixture.grant = new PasswordGrant(
                Mono.fromSupplier(() -> {
                    asked.countDown();
                    return new Credentials("ann@example.com", password[0]);
                }),
                List.of());
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.failure();
        fixture.resume = Schedulers.newSingle("disposed");
        fixture.resume.dispose();
        fixture.time.advance(Duration.ofSeconds(6));

        fixture.failure();

        assertThat(awaited(asked)).isTrue();
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void letsARefreshTokenThroughWhileClosed() {
        SourceFixture sibling = fixture.sibling();
        sibling.obtain();
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.failure();
        fixture.time.advance(Duration.ofSeconds(30));
        sibling.time.advance(Duration.ofSeconds(1_770));
        fixture.failure();

        assertThat(sibling.obtain().value()).isEqualTo("access-2");
        assertThat(sibling.endpoint.last().grantType()).isEqualTo("refresh_token");
    }

    @Test
    void takesARejectedTokenFromNobodyWhileClosed() {
        SourceFixture sibling = fixture.sibling();
        sibling.endpoint.rotating = false;
        Token usable = sibling.obtain();
        endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        fixture.failure();

        sibling.source().invalidate(usable);

        assertThat(sibling.obtain()).isSameAs(usable);
        assertThat(sibling.endpoint.requests()).isEqualTo(1);
    }
}
