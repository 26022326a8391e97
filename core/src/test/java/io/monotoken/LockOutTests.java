package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.monotoken.TokenSourceState.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.util.RaceTestUtils;

/** No account is locked out: not by time, by many passwords, by many sources, by spellings, nor by answers that get lost. */
class LockOutTests {

    private static final Duration DAY = Duration.ofHours(24);

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;

    private static void call(SourceFixture source) {
        source.token().subscribe(token -> {}, error -> {});
    }

    private void load(Duration during, SourceFixture... sources) {
        for (long second = 0; second < during.toSeconds(); second++) {
            for (SourceFixture source : sources) {
                call(source);
            }
            fixture.time.advance(Duration.ofSeconds(1));
        }
    }

    private static int sends(SourceFixture... sources) {
        int sends = 0;
        for (SourceFixture source : sources) {
            sends += source.endpoint.requests("password");
        }
        return sends;
    }

    private static void refuse(SourceFixture... sources) {
        for (SourceFixture source : sources) {
            source.endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
        }
    }

    private List<Long> sendTimes(Duration during) {
        List<Long> at = new ArrayList<>();
        for (long second = 0; second < during.toSeconds(); second++) {
            int before = endpoint.requests();
            call(fixture);
            if (endpoint.requests() > before) {
                at.add(second);
            }
            fixture.time.advance(Duration.ofSeconds(1));
        }
        return at;
    }

    @Nested
    class ARefusedPassword {

        @Test
        void goesOutAtOnceAfterAMinuteAndAfterAQuarterOfAnHour() {
            refuse(fixture);

            assertThat(sendTimes(DAY)).containsExactly(0L, 60L, 960L);
        }

        @Test
        void goesOutAsOftenAsTheSettingsSay() {
            fixture.lockOut = LockOutSettings.defaults().withAttempts(5);
            refuse(fixture);

            assertThat(sendTimes(DAY)).containsExactly(0L, 60L, 960L, 1_860L, 2_760L);
        }

        @Test
        void goesOutOnceWhereTheSettingsSaySo() {
            fixture.lockOut = LockOutSettings.defaults().withAttempts(1);
            refuse(fixture);

            assertThat(sendTimes(DAY)).containsExactly(0L);
        }

        @Test
        void goesOutAgainLaterWhereTheSettingsSaySo() {
            fixture.lockOut = LockOutSettings.defaults().withAttempts(2).withAgain(Duration.ofHours(6));
            refuse(fixture);

            assertThat(sendTimes(DAY)).containsExactly(0L, 60L, 21_660L, 43_260L, 64_860L);
        }

        @Test
        void isSentByTheStrictestOfSeveralSettings() {
            SourceFixture strict = fixture.sibling();
            fixture.lockOut = LockOutSettings.defaults().withAttempts(10).withAgain(Duration.ofHours(1));
            strict.lockOut = LockOutSettings.defaults().withAttempts(2);
            refuse(fixture, strict);

            load(DAY, strict, fixture);

            assertThat(sends(fixture, strict)).isEqualTo(2);
        }

        @ParameterizedTest
        @ValueSource(strings = {"ANN@Example.com", " ann@example.com ", "\u212bnn@example.com", "ann@example.com"})
        void countsForTheAccountHoweverItsNameIsSpelt(String spelling) {
            String plain = spelling.startsWith("\u212b") ? "\u00e5nn@example.com" : "ann@example.com";
            fixture.grant = new PasswordGrant(plain, "wrong", List.of());
            SourceFixture sibling = fixture.sibling();
            sibling.grant = new PasswordGrant(spelling, "wrong", List.of());
            refuse(fixture, sibling);

            load(Duration.ofHours(2), fixture, sibling);

            assertThat(sends(fixture, sibling)).isEqualTo(3);
        }

        @Test
        void isLeftAloneByTheSuccessOfAnother() {
            SourceFixture right = fixture.sibling();
            right.endpoint.rotating = false;
            right.endpoint.life = 600;
            fixture.grant = new PasswordGrant("ann@example.com", "wrong", List.of());
            refuse(fixture);

            load(DAY, fixture, right);

            assertThat(sends(fixture)).isEqualTo(3);
            assertThat(sends(right)).isGreaterThan(100);
        }
    }

    @Nested
    class ManyPasswords {

        private final AtomicInteger given = new AtomicInteger();

        private PasswordGrant ever(String prefix) {
            return new PasswordGrant(
                    Mono.fromSupplier(() -> new Credentials("ann@example.com", prefix + given.incrementAndGet())),
                    List.of());
        }

        @Test
        void areRefusedFiveTimesInADayHoweverManyASupplierGives() {
            fixture.grant = ever("wrong-");
            refuse(fixture);

            load(DAY, fixture);

            assertThat(sends(fixture)).isEqualTo(5);
        }

        @Test
        void areRefusedFiveTimesInADayWithAgainToo() {
            fixture.lockOut = LockOutSettings.defaults().withAgain(Duration.ofHours(1));
            fixture.grant = ever("wrong-");
            refuse(fixture);

            load(DAY, fixture);

            assertThat(sends(fixture)).isEqualTo(5);
        }

        @Test
        void areCountedAnewAfterASuccess() {
            String[] password = {"wrong"};
            fixture.grant = new PasswordGrant(
                    Mono.fromSupplier(() -> new Credentials("ann@example.com", password[0])), List.of());
            endpoint.rotating = false;
            endpoint.life = 60;
            endpoint.answer(request -> Mono.just(
                    "right".equals(request.first("password"))
                            ? endpoint.token()
                            : ScriptedEndpoint.rejected(400, "invalid_grant")));
            load(Duration.ofMinutes(2), fixture);
            password[0] = "right";
            load(Duration.ofMinutes(2), fixture);
            int before = sends(fixture);
            password[0] = "wrong-2";

            load(Duration.ofHours(2), fixture);

            assertThat(sends(fixture) - before).isEqualTo(3);
        }
    }

    /** Once a password has worked, a provider that answers the changed one with 500 or a reset may count each of them. */
    @Nested
    class LostAnswers {

        private void loseAll(SourceFixture... sources) {
            for (SourceFixture source : sources) {
                source.endpoint.rotating = false;
                source.endpoint.life = 60;
                source.obtain();
                source.endpoint.answerWith(ScriptedEndpoint.lost());
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 5})
        void areFewAndSoonRareHoweverManySourcesThereAre(int number) {
            SourceFixture[] sources = new SourceFixture[number];
            sources[0] = fixture;
            for (int i = 1; i < number; i++) {
                sources[i] = fixture.sibling();
            }
            loseAll(sources);
            fixture.time.advance(Duration.ofSeconds(60));
            int before = sends(sources);

            load(Duration.ofMinutes(20), sources);
            assertThat(sends(sources) - before).isLessThanOrEqualTo(15);
            int later = sends(sources);
            load(Duration.ofMinutes(60), sources);

            assertThat(sends(sources) - later).isLessThanOrEqualTo(4);
        }

        @ParameterizedTest
        @CsvSource({"400", "401", "403", "409", "422", "451"})
        void areAlsoRefusalsThatAreNoOAuthAnswer(int status) {
            endpoint.answerWith(ScriptedEndpoint.rejected(status, null));

            assertThat(sendTimes(Duration.ofMinutes(15))).containsExactly(0L, 10L, 30L, 70L, 150L, 310L, 610L);
            assertThat(fixture.failure()).isInstanceOf(TokenException.Rejected.class);
            assertThat(fixture.source().state().phase()).isEqualTo(Phase.FAILING);
        }
    }

    /** What a server checks before it looks at the password. */
    @Nested
    class Configuration {

        @ParameterizedTest
        @CsvSource({
            "400, invalid_client",
            "401, invalid_client",
            "400, unauthorized_client",
            "400, unsupported_grant_type",
            "400, invalid_scope",
            "404,",
            "405,",
            "410,",
            "415,"
        })
        void countsForNoAccount(int status, String error) {
            endpoint.answerWith(ScriptedEndpoint.rejected(status, error));

            assertThat(sendTimes(Duration.ofMinutes(15))).containsExactly(0L, 30L, 90L, 210L, 450L, 750L);

            assertThat(fixture.source().state().phase()).isEqualTo(Phase.FAILING);
            SourceFixture corrected = fixture.sibling();
            assertThat(corrected.obtain()).isNotNull();
        }

        @ParameterizedTest
        @ValueSource(ints = {429, 408, 503})
        void holdsAlsoForAServerThatIsBusy(int status) {
            endpoint.answerWith(ScriptedEndpoint.unavailable(status, Duration.ofSeconds(7)));
            fixture.failure();

            assertThat(fixture.events).noneMatch(event -> event.startsWith("guard"));
            assertThat(fixture.failure()).isInstanceOf(TokenException.Unavailable.class);
            endpoint.answerTokens();
            fixture.time.advance(Duration.ofSeconds(status == 408 ? 10 : 7));
            assertThat(fixture.obtain()).isNotNull();
        }
    }

    @Nested
    class InLine {

        private final List<SourceFixture> sources = new ArrayList<>();
        private final List<String> tokens = new ArrayList<>();
        private final List<Throwable> failures = new ArrayList<>();

        private void sources(int number, Duration latency, TokenAnswer answer) {
            IntStream.range(0, number).forEach(i -> {
                SourceFixture source = i == 0 ? fixture : fixture.sibling();
                source.endpoint.answer(request -> latency.isZero()
                        ? Mono.just(answer)
                        : Mono.just(answer).delayElement(latency, fixture.time.timer));
                sources.add(source);
            });
        }

        private void callAll() {
            sources.forEach(source -> source.token().map(Token::value).subscribe(tokens::add, failures::add));
        }

        @Test
        void aHundredColdSourcesOfOneUserAllGetTheirToken() {
            sources(100, Duration.ofMillis(250), endpoint.token("token", 1_800.0, null));

            callAll();
            fixture.time.advance(Duration.ofSeconds(1));

            assertThat(failures).isEmpty();
            assertThat(tokens).hasSize(100);
        }

        @Test
        void fiveThousandColdSourcesDoToo() {
            sources(5_000, Duration.ZERO, endpoint.token("token", 1_800.0, null));

            callAll();

            assertThat(failures).isEmpty();
            assertThat(tokens).hasSize(5_000);
        }

        @Test
        void aWrongPasswordIsSentOnceForAllOfThem() {
            sources(100, Duration.ofMillis(250), ScriptedEndpoint.rejected(400, "invalid_grant"));

            callAll();
            fixture.time.advance(Duration.ofSeconds(1));

            assertThat(failures).hasSize(100).allMatch(TokenException.Rejected.class::isInstance);
            assertThat(sources.stream().mapToInt(LockOutTests::sends).sum()).isEqualTo(1);
        }

        @Test
        void allFailWithALoginWhoseAnswerIsLost() {
            sources(100, Duration.ofMillis(250), ScriptedEndpoint.lost());

            callAll();
            fixture.time.advance(Duration.ofSeconds(1));

            assertThat(failures)
                    .hasSize(100)
                    .allSatisfy(failure -> assertThat(failure).isInstanceOf(TokenException.Unavailable.class));
            assertThat(sources.stream().mapToInt(LockOutTests::sends).sum()).isEqualTo(1);
        }

        @Test
        void allFailWithALoginThatSaysNothingOfThePassword() {
            sources(100, Duration.ofMillis(250), ScriptedEndpoint.rejected(400, "invalid_client"));

            callAll();
            fixture.time.advance(Duration.ofSeconds(1));

            assertThat(failures)
                    .hasSize(100)
                    .allSatisfy(failure -> assertThat(failure)
                            .isInstanceOf(TokenException.Rejected.class)
                            .hasMessage("rejected: invalid_client"));
            assertThat(sources.stream().mapToInt(LockOutTests::sends).sum()).isEqualTo(1);
        }

        @Test
        void anotherScopeIsNotFailedByAMisspeltOne() {
            fixture.grant = new PasswordGrant("ann@example.com", "P4ssw0rd", List.of("emial"));
            endpoint.answer(request -> Mono.just(ScriptedEndpoint.rejected(400, "invalid_scope"))
                    .delayElement(Duration.ofMillis(250), fixture.time.timer));
            SourceFixture corrected = fixture.sibling();
            sources.add(fixture);
            sources.add(corrected);

            callAll();
            fixture.time.advance(Duration.ofSeconds(1));

            assertThat(failures).hasSize(1);
            assertThat(tokens).containsExactly("access-1");
        }

        @Test
        void otherPasswordsGoOneByOne() {
            AtomicInteger inFlight = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            for (int i = 0; i < 5; i++) {
                SourceFixture source = i == 0 ? fixture : fixture.sibling();
                source.grant = new PasswordGrant("ann@example.com", "password-" + i, List.of());
                source.endpoint.answer(request -> Mono.defer(() -> {
                    most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                    return Mono.delay(Duration.ofMillis(250), fixture.time.timer)
                            .map(late -> {
                                inFlight.decrementAndGet();
                                return source.endpoint.token();
                            });
                }));
                sources.add(source);
            }

            callAll();
            fixture.time.advance(Duration.ofSeconds(2));

            assertThat(failures).isEmpty();
            assertThat(tokens).hasSize(5);
            assertThat(most).hasValue(1);
        }

        @Test
        void nobodyWaitsLongerThanAFlightMayTake() {
            fixture.grant = new PasswordGrant("ann@example.com", "other", List.of());
            endpoint.hang();
            call(fixture);
            fixture.time.advance(Duration.ofSeconds(1));
            SourceFixture impatient = fixture.sibling();
            impatient.settings = RefreshSettings.defaults()
                    .withTimeout(Duration.ofSeconds(6))
                    .withCredentialsTimeout(Duration.ofSeconds(1));
            impatient.token().subscribe(token -> {}, failures::add);

            fixture.time.advance(Duration.ofMillis(5_999));
            assertThat(failures).isEmpty();
            fixture.time.advance(Duration.ofMillis(1));

            assertThat(failures)
                    .singleElement()
                    .satisfies(failure -> assertThat(failure)
                            .isInstanceOf(TokenException.Unavailable.class)
                            .hasMessageEndingWith("the logins of this user before it took too long"));
        }

        @Test
        void theTimeInLineIsNotTakenFromTheirOwnFlight() {
            fixture.grant = new PasswordGrant("ann@example.com", "other", List.of());
            endpoint.answer(request ->
                    Mono.delay(Duration.ofSeconds(14), fixture.time.timer).map(late -> endpoint.token()));
            call(fixture);
            SourceFixture next = fixture.sibling();
            next.endpoint.answer(request ->
                    Mono.delay(Duration.ofSeconds(14), fixture.time.timer).map(late -> next.endpoint.token()));
            next.token().map(Token::value).subscribe(tokens::add, failures::add);

            fixture.time.advance(Duration.ofSeconds(28));

            assertThat(failures).isEmpty();
            assertThat(tokens).hasSize(1);
        }

        @Test
        void aFlightThatHangsEndsAfterItsOwnTime() {
            fixture.grant = new PasswordGrant("ann@example.com", "other", List.of());
            endpoint.answer(request ->
                    Mono.delay(Duration.ofSeconds(14), fixture.time.timer).map(late -> endpoint.token()));
            call(fixture);
            SourceFixture next = fixture.sibling();
            next.endpoint.hang();
            next.token().subscribe(token -> {}, failures::add);

            fixture.time.advance(Duration.ofMillis(28_900));
            assertThat(failures).isEmpty();
            fixture.time.advance(Duration.ofMillis(200));

            assertThat(failures).hasSize(1);
        }
    }

    @Nested
    class FromMemory {

        @Test
        void saysWhenItWasRefusedThatNothingWasSentAndWhenTheNextAttemptComes() {
            refuse(fixture);
            assertThat(fixture.failure()).hasMessage("rejected: invalid_grant");
            fixture.time.advance(Duration.ofSeconds(10));

            assertThat(fixture.failure())
                    .isInstanceOf(TokenException.Rejected.class)
                    .hasMessage("rejected: invalid_grant; refused at 2026-01-01T00:00:00Z, nothing was sent now, and no"
                            + " password is sent until 2026-01-01T00:01:00Z unless it changes");
            assertThat(fixture.source().state().nextAttempt()).hasToString("2026-01-01T00:01:00Z");
            assertThat(fixture.failure().error()).hasValue("invalid_grant");
        }

        @Test
        void saysThatOnlyAChangeHelps() {
            refuse(fixture);
            load(Duration.ofMinutes(17), fixture);

            assertThat(fixture.failure())
                    .hasMessage("rejected: invalid_grant; refused at 2026-01-01T00:16:00Z, nothing was sent now, and no"
                            + " password is sent until the credentials change or an operator resets");
            assertThat(fixture.source().state().nextAttempt()).isNull();
        }
    }

    @Nested
    class Reset {

        @Test
        void ofASourceWithoutAPauseOpensItsAccount() {
            SourceFixture other = fixture.sibling();
            refuse(other);
            load(Duration.ofMinutes(17), other);

            fixture.source().reset();

            assertThat(fixture.obtain()).isNotNull();
        }

        @Test
        void ofASourceWithASupplierOpensTheAccountThatTheSupplierNames() {
            SourceFixture other = fixture.sibling();
            refuse(other);
            load(Duration.ofMinutes(17), other);
            fixture.grant = new PasswordGrant(Mono.just(new Credentials("ann@example.com", "P4ssw0rd")), List.of());

            fixture.source().reset();

            assertThat(fixture.obtain()).isNotNull();
        }

        @Test
        void ofOneSourceLetsTheOthersGoOn() {
            SourceFixture other = fixture.sibling();
            refuse(fixture, other);
            load(Duration.ofMinutes(17), fixture, other);
            other.endpoint.answerTokens();

            fixture.source().reset();

            assertThat(other.obtain()).isNotNull();
            assertThat(other.events).contains("guard opened");
        }

        @Test
        void leavesASourceWithoutAPasswordAlone() {
            fixture.grant = new ClientCredentialsGrant(List.of());

            fixture.source().reset();

            assertThat(fixture.obtain()).isNotNull();
        }

        @RepeatedTest(100)
        void mayComeAtAnyMomentOfAColdFlight() {
            Sinks.One<TokenAnswer> answer = Sinks.one();
            endpoint.answer(request -> answer.asMono());
            List<String> ends = new ArrayList<>();

            RaceTestUtils.race(
                    () -> fixture.token().subscribe(token -> ends.add("token"), error -> ends.add("failed")),
                    () -> fixture.source().reset());
            answer.tryEmitValue(endpoint.token());

            assertThat(ends).containsExactly("token");
            assertThat(endpoint.requests()).isEqualTo(1);
        }

        @RepeatedTest(100)
        void mayComeAsAPasswordIsRefused() {
            Sinks.One<TokenAnswer> answer = Sinks.one();
            endpoint.answer(request -> answer.asMono());
            call(fixture);

            RaceTestUtils.race(
                    () -> answer.tryEmitValue(ScriptedEndpoint.rejected(400, "invalid_grant")),
                    () -> fixture.source().reset());
            fixture.source().reset();
            endpoint.answerTokens();

            assertThat(fixture.obtain()).isNotNull();
        }
    }

    static List<LockOutSettings> settings() {
        return List.of(
                LockOutSettings.defaults(),
                LockOutSettings.defaults().withAttempts(10),
                LockOutSettings.defaults().withAttempts(1).withAgain(Duration.ofHours(1)));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void keepsToItsBoundForAnySettings(LockOutSettings lockOut) {
        fixture.lockOut = lockOut;
        refuse(fixture);

        load(DAY, fixture);

        assertThat(sends(fixture)).isLessThanOrEqualTo(Math.max(5, lockOut.attempts()));
    }

    @Test
    void refusesSettingsThatProtectNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LockOutSettings.defaults().withAttempts(0))
                .withMessage("attempts must be from 1 to 10, was 0; the default is 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LockOutSettings.defaults().withAttempts(11));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LockOutSettings.defaults().withAgain(Duration.ofMinutes(59)))
                .withMessage("again must be at least PT1H, was PT59M; unset, a refused password is not sent again");
    }
}
