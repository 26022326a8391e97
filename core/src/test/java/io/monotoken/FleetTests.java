package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.monotoken.FleetFixture.Instance;
import io.monotoken.RecordTag.Kind;
import io.monotoken.TestStore.Fate;
import io.monotoken.TokenListener.Sharing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Several instances that share one token, in one process and injected time. */
class FleetTests {

    private final FleetFixture fleet = new FleetFixture();

    @Test
    void logsInOnceForAll() {
        List<Instance> ten = fleet.instances(10);

        ten.forEach(instance -> assertThat(instance.obtain().value()).isEqualTo("access-1"));

        assertThat(fleet.endpoint.grants()).containsExactly("password");
        assertThat(ten.get(0).sharing).containsExactly(Sharing.LED);
        assertThat(ten.get(9).sharing).containsExactly(Sharing.ADOPTED);
    }

    @Test
    void renewsOnceForAllAndEachLifetime() {
        List<Instance> ten = fleet.instances(10);

        for (int minute = 0; minute < 300; minute++) {
            ten.forEach(Instance::obtain);
            fleet.advance(Duration.ofMinutes(1));
        }

        assertThat(fleet.endpoint.requests("password")).isOne();
        assertThat(fleet.endpoint.requests("refresh_token")).isBetween(12, 14);
        assertThat(fleet.endpoint.presentedTwice()).isEmpty();
    }

    @Test
    void asksTheStoreNothingForACall() {
        Instance instance = fleet.instance();
        instance.obtain();
        int before = fleet.store.commands();

        for (int i = 0; i < 1_000; i++) {
            instance.obtain();
        }

        assertThat(fleet.store.commands()).isEqualTo(before);
    }

    @Test
    void needsAtMostFifteenCommandsForALifetimeOfTen() {
        Random random = new Random(7);
        fleet.random = random::nextDouble;
        List<Instance> ten = fleet.instances(10);
        ten.forEach(Instance::obtain);
        fleet.advance(Duration.ofSeconds(1));
        int before = fleet.store.commands();

        for (int lifetime = 0; lifetime < 10; lifetime++) {
            for (int second = 0; second < 1350; second++) {
                ten.forEach(Instance::obtain);
                fleet.advance(Duration.ofSeconds(1));
            }
        }

        assertThat(fleet.store.commands() - before).isLessThanOrEqualTo(150);
    }

    @Test
    void needsNoLoginAfterARestart() {
        Instance first = fleet.instance();
        first.obtain();
        first.source.close();
        fleet.advance(Duration.ofHours(2));

        Token token = fleet.instance().obtain();

        assertThat(token.value()).isEqualTo("access-2");
        assertThat(fleet.endpoint.grants()).containsExactly("password", "refresh_token");
    }

    @Test
    void tokenIsInTheRecordBeforeCallersHearOfIt() {
        Instance first = fleet.instance();
        Instance second = fleet.instance();
        StringBuilder heard = new StringBuilder();

        first.token().flatMap(token -> second.token()).subscribe(token -> heard.append(token.value()));
        fleet.advance(Duration.ZERO);

        assertThat(heard).hasToString("access-1");
        assertThat(fleet.endpoint.requests()).isOne();
    }

    @Test
    void oneThatEndsAsSoonAsItsCallerHasTheTokenLeavesItToTheOthers() {
        fleet.store.latency = Duration.ofMillis(10);
        Instance first = fleet.instance();

        first.token().subscribe(token -> first.source.close());
        fleet.advance(Duration.ofSeconds(1));

        assertThat(fleet.instance().ask(Duration.ofSeconds(1)))
                .isInstanceOfSatisfying(
                        Token.class, token -> assertThat(token.value()).isEqualTo("access-1"));
        assertThat(fleet.endpoint.requests()).isOne();
    }

    @Test
    void aTokenThatWasReadSlowlyLastsNoLongerForThat() {
        Instance first = fleet.instance();
        first.obtain();
        fleet.store.latency = Duration.ofSeconds(1);
        Instance slow = fleet.instance();

        slow.ask(Duration.ofSeconds(2));

        assertThat(slow.source.state().expiresAt())
                .isBeforeOrEqualTo(first.source.state().expiresAt());
    }

    @Test
    void aTokenOfAnInstanceWithASlowStoreLastsNoLongerForThat() {
        fleet.store.latency = Duration.ofMillis(400);
        Instance slow = fleet.instance();
        slow.ask(Duration.ofSeconds(10));
        fleet.store.latency = Duration.ZERO;
        Instance other = fleet.instance();

        other.obtain();

        assertThat(fleet.endpoint.requests()).isOne();
        assertThat(other.source.state().expiresAt())
                .isBeforeOrEqualTo(slow.source.state().expiresAt());
    }

    @Test
    void clocksOfInstancesMayDiffer() {
        Instance early = fleet.instance(Duration.ofSeconds(-30));
        Instance late = fleet.instance(Duration.ofSeconds(30));
        fleet.store.clockAhead = Duration.ofHours(1);

        early.obtain();
        late.obtain();

        assertThat(late.source.state().expiresAt())
                .isEqualTo(
                        Objects.requireNonNull(early.source.state().expiresAt()).plusSeconds(60));
        fleet.endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
        fleet.advance(Duration.ofSeconds(1799));
        for (Instance instance : fleet.instances) {
            assertThat(instance.ask(Duration.ofMillis(100))).isInstanceOf(Token.class);
        }
        fleet.advance(Duration.ofMillis(500));
        for (Instance instance : fleet.instances) {
            assertThat(instance.ask(Duration.ofMillis(100))).isInstanceOf(TokenException.class);
        }
    }

    @Test
    void tellsWhoseTokenItHasAlsoWhenAHintBroughtIt() {
        Instance first = fleet.instance();
        Instance second = fleet.instance();
        first.obtain();
        second.obtain();

        for (int lifetime = 0; lifetime < 3; lifetime++) {
            fleet.advance(Duration.ofMinutes(28));
            first.obtain();
            fleet.advance(Duration.ofSeconds(2));
            assertThat(shared(second).generation()).isEqualTo(shared(first).generation());
        }

        assertThat(shared(second).generation()).isEqualTo(4);
        assertThat(shared(second).leader()).isEqualTo(shared(first).instance());
    }

    private static TokenSourceState.Shared shared(Instance instance) {
        return Objects.requireNonNull(instance.source.state().shared());
    }

    @Test
    void anAcceptedPasswordIsInTheAccountsRecordBeforeCallersHearOfIt() {
        fleet.store.fate =
                operation -> !operation.isToken() && operation.kind() == Kind.OTHER ? Fate.FROZEN : Fate.KIND;
        Instance first = fleet.instance();
        List<Token> got = new ArrayList<>();
        first.token().subscribe(got::add);
        fleet.advance(Duration.ofMillis(400));
        assertThat(fleet.endpoint.requests("password")).isOne();
        assertThat(got).isEmpty();

        fleet.advance(Duration.ofSeconds(6)); // a store that does not answer is not waited for

        assertThat(got).hasSize(1);
    }

    @Nested
    class Lease {

        @Test
        void namesTheOneThatRenews() {
            Instance leader = fleet.instance();
            Instance other = fleet.instance();
            fleet.endpoint.answer(request ->
                    Mono.delay(Duration.ofSeconds(2), fleet.time.timer).map(slow -> fleet.endpoint.token()));

            leader.token().subscribe();
            other.token().subscribe();
            fleet.advance(Duration.ofSeconds(1));

            String name = shared(leader).instance();
            assertThat(shared(leader).renewing()).isEqualTo(name);
            assertThat(shared(other).renewing()).isEqualTo(name);
            fleet.advance(Duration.ofSeconds(1));
            assertThat(shared(leader).renewing()).isNull();
            assertThat(shared(leader).leader()).isEqualTo(name);
        }

        @Test
        void theOthersWaitForTheOneThatLeads() {
            Instance leader = fleet.instance();
            Instance other = fleet.instance();
            fleet.endpoint.answer(request ->
                    Mono.delay(Duration.ofSeconds(2), fleet.time.timer).map(slow -> fleet.endpoint.token()));
            leader.token().subscribe();

            Object answer = other.ask(Duration.ofSeconds(3));

            assertThat(answer).isInstanceOf(Token.class);
            assertThat(fleet.endpoint.requests()).isOne();
            assertThat(other.sharing).containsExactly(Sharing.WAITED, Sharing.ADOPTED);
        }

        @Test
        void theyNeedNoHintsForThat() {
            fleet.store.hinting = false;

            theOthersWaitForTheOneThatLeads();
        }

        @Test
        void oneThatDiesWhileItLeadsCostsTheOthersOneLease() {
            fleet.settings = RefreshSettings.defaults()
                    .withTimeout(Duration.ofSeconds(2))
                    .withCredentialsTimeout(Duration.ofSeconds(1));
            fleet.storeSettings = fleet.storeSettings.withLease(Duration.ofSeconds(3));
            Instance leader = fleet.instance();
            leader.obtain();
            fleet.advance(Duration.ofMinutes(30));
            fleet.endpoint.hang();
            fleet.store.fate = operation -> Fate.KIND;
            leader.token().subscribe(token -> {}, error -> {});
            fleet.advance(Duration.ZERO);
            fleet.store.fate = operation -> operation.kind() == Kind.FAILURE ? Fate.FROZEN : Fate.KIND; // it is dead
            fleet.endpoint.answerTokens();
            Instance other = fleet.instance();

            Duration since = fleet.time.elapsed();
            Object answer = "";
            while (!(answer instanceof Token)
                    && fleet.time.elapsed().minus(since).toSeconds() < 10) {
                answer = other.ask(Duration.ofSeconds(10));
                fleet.time.advanceMillis(50);
            }

            assertThat(fleet.time.elapsed().minus(since)).isLessThan(Duration.ofMillis(4_500));
            assertThat(fleet.endpoint.grants()).containsExactly("password", "refresh_token", "password");
            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
        }

        @Test
        void takesTheRefreshTokenOutOfTheRecord() {
            Instance leader = fleet.instance();
            leader.obtain();
            fleet.advance(Duration.ofSeconds(1400));
            fleet.endpoint.hang();
            leader.obtain();
            fleet.advance(Duration.ZERO);
            fleet.endpoint.answerTokens();
            leader.source.close(); // its request is cut, and its lease given back

            Instance other = fleet.instance();
            other.obtain();
            fleet.advance(Duration.ofSeconds(30));
            other.obtain();
            fleet.advance(Duration.ofSeconds(400));
            other.obtain();

            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
            assertThat(fleet.endpoint.requests("password")).isEqualTo(2);
        }

        @Test
        void oneThatStoodStillPresentsNoRefreshTokenThatItGivesBack() {
            ProcessTimer process = new ProcessTimer(fleet.time.timer, 1);
            InstantSource wall = () -> TestStore.START.plusNanos(process.nanos());
            ShakyConnection connection = new ShakyConnection(
                    fleet.store, fleet.time, process, new Random(1), ShakyConnection.Witness.NOBODY);
            Instance leader =
                    fleet.instance(connection, fleet.endpoint, new SourceClock(process::nanos, wall, () -> process));
            leader.ask(Duration.ofSeconds(1));
            fleet.advance(Duration.ofSeconds(1400));
            connection.fate = operation -> {
                if (operation.kind() == Kind.LEASE) {
                    process.stop();
                }
                return ShakyConnection.Fate.KIND;
            };
            leader.obtain();
            fleet.advance(Duration.ofSeconds(16)); // longer than a flight may take, shorter than its lease
            connection.fate = operation -> ShakyConnection.Fate.KIND;
            process.resume();
            fleet.advance(Duration.ofSeconds(60));

            leader.obtain();
            fleet.advance(Duration.ofSeconds(1));

            assertThat(fleet.endpoint.requests("refresh_token")).isPositive();
            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
        }

        @Test
        void aHolderThatComesLateChangesNothingAndDropsItsRefreshToken() {
            fleet.settings = RefreshSettings.defaults().withTimeout(Duration.ofSeconds(15));
            fleet.storeSettings = fleet.storeSettings.withLease(Duration.ofSeconds(16));
            Instance frozen = fleet.instance();
            frozen.obtain();
            fleet.advance(Duration.ofSeconds(1400));
            fleet.endpoint.answer(request -> Mono.delay(Duration.ofSeconds(14), fleet.time.timer)
                    .map(slow -> fleet.endpoint.token("late", 1800.0, "late-refresh")));
            frozen.obtain();
            fleet.advance(Duration.ZERO);
            Map<String, Object> held = fleet.store.snapshot();
            assertThat(held).isNotEmpty();
            fleet.store.flush(); // stands for a lease that has run out, without the wait
            fleet.endpoint.answerTokens();
            Instance other = fleet.instance();
            other.obtain();

            fleet.advance(Duration.ofSeconds(14));

            assertThat(frozen.obtain().value()).isEqualTo("late");
            assertThat(frozen.sharing).contains(Sharing.ORPHANED);
            assertThat(fleet.instance().obtain().value()).isEqualTo("access-2");
            int refreshes = fleet.endpoint.requests("refresh_token");

            fleet.store.fate = operation -> Fate.REFUSED;
            fleet.advance(Duration.ofSeconds(1795));
            frozen.ask(Duration.ofSeconds(10));

            assertThat(fleet.endpoint.last().first("grant_type")).isEqualTo("password");
            assertThat(fleet.endpoint.requests("refresh_token")).isEqualTo(refreshes);
        }
    }

    @Nested
    class Rejection {

        @Test
        void aTokenThatOneSawRejectedIsTakenFromAll() {
            fleet.store.latency = Duration.ofMillis(2);
            List<Instance> ten = fleet.instances(10);
            ten.forEach(instance -> instance.ask(Duration.ofSeconds(1)));
            fleet.advance(Duration.ofSeconds(60));
            Token rejected = ten.get(0).obtain();

            assertThat(ten.get(0).source.invalidate(rejected)).isTrue();
            fleet.advance(Duration.ofMillis(100));

            ten.forEach(instance -> assertThat(instance.obtain().value()).isEqualTo("access-2"));
            assertThat(fleet.endpoint.requests()).isEqualTo(2);
        }

        @Test
        void oneThatDiesWhileItRenewsItCostsTheOthersOneLease() {
            List<Instance> ten = fleet.instances(10);
            ten.forEach(Instance::obtain);
            fleet.advance(Duration.ofSeconds(60));
            Token rejected = ten.get(0).obtain();
            fleet.endpoint.hang();
            ten.get(0).source.invalidate(rejected);
            fleet.advance(Duration.ZERO);
            fleet.store.fate = operation -> operation.kind() == Kind.FAILURE ? Fate.FROZEN : Fate.KIND; // it is dead
            fleet.endpoint.answerTokens();
            List<Instance> others = ten.subList(1, 10);

            Duration since = fleet.time.elapsed();
            while (others.stream().map(Instance::obtained).anyMatch(token -> token == null || token.equals(rejected))) {
                others.forEach(other -> other.source.invalidate(rejected)); // its API answers 401
                fleet.time.advanceMillis(50);
                assertThat(fleet.time.elapsed().minus(since))
                        .isLessThan(fleet.storeSettings.lease().plusMillis(1_500));
            }

            assertThat(fleet.endpoint.grants()).containsExactly("password", "refresh_token", "password");
        }

        @Test
        void oneThatMeetsItsOwnAdoptsTheNewOne() {
            fleet.store.hinting = false;
            Instance first = fleet.instance();
            Instance second = fleet.instance();
            Token rejected = first.obtain();
            second.obtain();
            first.source.invalidate(rejected);
            fleet.advance(Duration.ofSeconds(1));

            assertThat(second.source.invalidate(rejected)).isTrue();
            fleet.advance(Duration.ofSeconds(1));

            assertThat(second.obtain().value()).isEqualTo("access-2");
            assertThat(fleet.endpoint.requests()).isEqualTo(2);
        }

        @Test
        void oneThatCouldNotRenewItLooksForTheOthersWhoseHintWasLost() {
            fleet.store.hinting = false;
            Instance first = fleet.instance();
            Instance second = fleet.instance();
            Token rejected = first.obtain();
            second.obtain();
            fleet.store.fate = operation -> Fate.REFUSED;
            fleet.endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
            second.source.invalidate(rejected);
            fleet.advance(Duration.ofSeconds(1)); // it has sent the one password that a usable token allows
            fleet.store.fate = operation -> Fate.KIND;
            fleet.endpoint.answerTokens();
            first.source.invalidate(rejected);
            fleet.advance(Duration.ofSeconds(1));

            for (int call = 0; call < 11; call++) {
                second.source.invalidate(rejected);
                fleet.advance(Duration.ofSeconds(1));
            }

            assertThat(second.obtain()).isEqualTo(first.obtain()).isNotEqualTo(rejected);
            assertThat(fleet.endpoint.grants()).containsExactly("password", "password", "refresh_token");
        }

        @Test
        void renewsOnceInTenSecondsForAll() {
            Instance first = fleet.instance();
            Instance second = fleet.instance();
            first.source.invalidate(first.obtain());
            fleet.advance(Duration.ofSeconds(1));

            second.source.invalidate(second.obtain());
            fleet.advance(Duration.ofSeconds(1));

            assertThat(second.obtain().value()).isEqualTo("access-2");
            assertThat(fleet.endpoint.requests()).isEqualTo(2);
        }
    }

    @Nested
    class Guard {

        @Test
        void sendsAWrongPasswordOnceForAllInstancesAndRestarts() {
            fleet.endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));

            for (int start = 0; start < 8; start++) {
                fleet.forgetLocalGuard();
                Object answer = fleet.instance().ask(Duration.ofSeconds(1));
                assertThat(answer).isInstanceOf(TokenException.Rejected.class);
            }

            assertThat(fleet.endpoint.requests("password")).isOne();
        }

        @Test
        void sendsItByItsOwnScheduleThen() {
            fleet.endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));

            for (int minute = 0; minute < 60; minute++) {
                fleet.forgetLocalGuard();
                fleet.instance().ask(Duration.ofSeconds(1));
                fleet.advance(Duration.ofMinutes(1));
            }

            assertThat(fleet.endpoint.requests("password")).isEqualTo(3);
        }

        @Test
        void oneRefusalLeavesOtherCredentialsAlone() {
            fleet.endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
            fleet.instance().ask(Duration.ofSeconds(1));
            fleet.forgetLocalGuard();
            fleet.endpoint.answerTokens();
            fleet.grant = new PasswordGrant("Ann@example.com", "changed", List.of("email", "offline_access"));

            assertThat(fleet.instance().ask(Duration.ofSeconds(1))).isInstanceOf(Token.class);
        }

        @Test
        void knowsARefusedPasswordAfterTheKeyHasChanged() {
            fleet.endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
            fleet.instance().ask(Duration.ofSeconds(1));
            fleet.forgetLocalGuard();
            fleet.storeSettings =
                    StoreSettings.encryptedBy("k2", FleetFixture.key(2)).withOlderKey("k1", FleetFixture.KEY);

            fleet.instance().ask(Duration.ofSeconds(1));

            assertThat(fleet.endpoint.requests("password")).isOne();
        }

        @Test
        void anOperatorOpensItForAll() {
            fleet.endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
            Instance first = fleet.instance();
            Instance second = fleet.instance();
            first.ask(Duration.ofSeconds(1));
            fleet.forgetLocalGuard();
            second.ask(Duration.ofSeconds(1));
            fleet.endpoint.answerTokens();

            first.source.reset();
            fleet.advance(Duration.ofMillis(10));

            assertThat(second.ask(Duration.ofSeconds(1))).isInstanceOf(Token.class);
        }

        @Test
        void aSenderThatDiedCountsAsALostAnswer() {
            fleet.endpoint.hang();
            fleet.store.fate = operation ->
                    operation.kind() == Kind.OTHER || operation.kind() == Kind.FAILURE ? Fate.FROZEN : Fate.KIND;
            fleet.instance().ask(Duration.ofSeconds(16)); // dies: nothing it writes arrives
            fleet.forgetLocalGuard();
            fleet.store.fate = operation -> Fate.KIND;
            fleet.instances.get(0).source.close();
            fleet.endpoint.answerTokens();
            fleet.advance(Duration.ofSeconds(10));

            Object answer = fleet.instance().ask(Duration.ofSeconds(5));

            assertThat(answer).isInstanceOf(TokenException.class);
            assertThat(fleet.endpoint.requests("password")).isOne();
            fleet.forgetLocalGuard();
            fleet.advance(Duration.ofSeconds(11));
            assertThat(fleet.instance().ask(Duration.ofSeconds(5))).isInstanceOf(Token.class);
        }
    }

    @Nested
    class Failures {

        @Test
        void aFailureOfOneIsThatOfAllWithinItsPause() {
            fleet.endpoint.answerWith(ScriptedEndpoint.unavailable(503, Duration.ofSeconds(30)));
            Instance first = fleet.instance();
            Instance second = fleet.instance();
            first.ask(Duration.ofSeconds(1));

            Object answer = second.ask(Duration.ofSeconds(1));

            assertThat(answer)
                    .isInstanceOfSatisfying(
                            TokenException.Unavailable.class,
                            failure -> assertThat(failure).hasMessageContaining("503"));
            assertThat(fleet.endpoint.requests()).isOne();
        }

        @Test
        void whatTheServerSaysOfOneClientSecretIsNotSaidToAll() {
            fleet.endpoint.answerWith(ScriptedEndpoint.rejected(401, "invalid_client"));
            fleet.instance().ask(Duration.ofSeconds(1));
            fleet.endpoint.answerTokens();

            assertThat(fleet.instance().ask(Duration.ofSeconds(1))).isInstanceOf(Token.class);
        }

        @Test
        void anOutageCostsTheEndpointAsManyRequestsAsOneInstanceDoes() {
            List<Instance> ten = fleet.instances(10);
            ten.forEach(Instance::obtain);
            fleet.advance(Duration.ofSeconds(1790));
            fleet.endpoint.answerWith(ScriptedEndpoint.unavailable(503, null));
            int before = fleet.endpoint.requests();

            for (int i = 0; i < 200; i++) {
                ten.forEach(instance -> instance.token().subscribe(token -> {}, error -> {}));
                fleet.advance(Duration.ofMillis(100));
            }

            assertThat(fleet.endpoint.requests() - before).isLessThanOrEqualTo(30);
            fleet.endpoint.answerTokens();
            Duration since = fleet.time.elapsed();
            ten.forEach(instance -> {
                while (instance.obtained() == null
                        && fleet.time.elapsed().minus(since).toSeconds() < 20) {
                    fleet.advance(Duration.ofMillis(100));
                }
            });
            assertThat(fleet.time.elapsed().minus(since)).isLessThan(Duration.ofSeconds(5));
        }

        @Test
        void oneInALongPauseLooksForATokenWhoseHintWasLost() {
            fleet.store.hinting = false;
            fleet.endpoint.answerWith(ScriptedEndpoint.rejected(401, "invalid_client"));
            Instance wrongSecret = fleet.instance();
            wrongSecret.ask(Duration.ofSeconds(1));
            fleet.endpoint.answerTokens();
            Token token = fleet.instance().obtain();

            int reads = fleet.store.reads.get();
            for (int call = 0; call < 11; call++) {
                wrongSecret.ask(Duration.ZERO);
                wrongSecret.ask(Duration.ZERO);
                fleet.advance(Duration.ofSeconds(1));
            }

            assertThat(wrongSecret.obtain()).isEqualTo(token);
            assertThat(fleet.store.reads.get() - reads).isOne();
            assertThat(fleet.endpoint.requests()).isEqualTo(2);
        }

        @Test
        void aRefreshTokenThatWasNotUsedIsGivenBack() {
            Instance first = fleet.instance();
            first.obtain();
            fleet.advance(Duration.ofSeconds(1400));
            fleet.endpoint.answerWith(ScriptedEndpoint.notSent());
            first.obtain();
            fleet.advance(Duration.ofMillis(10));
            fleet.endpoint.answerTokens();
            fleet.advance(Duration.ofSeconds(100));

            fleet.instance().obtain();
            first.obtain();
            fleet.advance(Duration.ofSeconds(200));

            assertThat(fleet.endpoint.requests("password")).isOne();
            assertThat(fleet.endpoint.last().grantType()).isEqualTo("refresh_token");
        }
    }

    @Nested
    class Hints {

        private final Instance leader = fleet.instance();
        private final Instance sibling = fleet.instance();

        private String share() {
            leader.obtain();
            sibling.obtain();
            fleet.advance(Duration.ofSeconds(2));
            return fleet.store.values().keySet().stream()
                    .filter(key -> key.startsWith("token:"))
                    .findFirst()
                    .orElseThrow();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "%s-ffff-t-0123456789abcdef-0123456789abcdef",
                    "%s-ffff-r-0123456789abcdef-0123456789abcdef",
                    "ffffffffffffffff-ffffffffffffffff-t-0123456789abcdef-0123456789abcdef",
                    "7fffffffffffffff-1-f-0123456789abcdef-0123456789abcdef",
                    "%s-ffff-t-0123456789abcdef",
                    "0-0-o-0000000000000000-0000000000000000",
                    "",
                    "ünknown\n"
                })
        void thatNobodySealedCostNothing(String forged) {
            String key = share();
            String tag = fleet.store.tag(key);
            String epoch = tag.substring(0, tag.indexOf('-'));
            int before = fleet.store.commands();

            fleet.store.hint(key, String.format(forged, epoch));
            fleet.advance(Duration.ofSeconds(5));

            assertThat(fleet.store.commands()).isEqualTo(before);
            fleet.advance(Duration.ofSeconds(1400));
            sibling.obtain();
            fleet.advance(Duration.ofSeconds(2));
            leader.obtain();
            assertThat(fleet.endpoint.grants()).containsExactly("password", "refresh_token");
        }

        @Test
        void ofAnotherRecordCostNothing() {
            String key = share();
            String account = "account:" + key.substring("token:".length());
            int before = fleet.store.commands();

            RecordTag next = Objects.requireNonNull(RecordTag.parse(fleet.store.tag(key)))
                    .next(Kind.REJECTED);
            fleet.store.hint(
                    key,
                    next.sealed(new StoreCipher(Map.of("k1", FleetFixture.KEY)), account)
                            .toString());
            fleet.advance(Duration.ofSeconds(5));

            assertThat(fleet.store.commands()).isEqualTo(before);
        }

        @Test
        void thatComeAgainCostNothing() {
            String key = share();
            int before = fleet.store.commands();

            for (int i = 0; i < 100; i++) {
                fleet.store.hint(key, fleet.store.tag(key));
            }
            fleet.advance(Duration.ofSeconds(5));

            assertThat(fleet.store.commands()).isEqualTo(before);
        }

        @Test
        void ofAWriteThatTheStoreLostKeepItsRefreshTokenFromBeingBelieved() {
            share();
            Map<String, Object> replica = fleet.store.snapshot();
            fleet.advance(Duration.ofSeconds(1400));
            leader.obtain();
            fleet.advance(Duration.ofSeconds(2));

            fleet.store.restore(replica);
            fleet.advance(Duration.ofSeconds(1400));
            sibling.obtain();
            fleet.advance(Duration.ofSeconds(2));

            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
            assertThat(fleet.endpoint.grants()).containsExactly("password", "refresh_token", "password");
        }
    }

    @Nested
    class StoreAway {

        @Test
        void costsNothingButTheSharing() {
            fleet.store.fate = operation -> Fate.REFUSED;
            Instance first = fleet.instance();
            Instance second = fleet.instance();

            assertThat(first.ask(Duration.ofSeconds(1))).isInstanceOf(Token.class);
            assertThat(second.ask(Duration.ofSeconds(1))).isInstanceOf(Token.class);

            assertThat(Objects.requireNonNull(first.source.state().shared()).awaySince())
                    .isNotNull();
        }

        @Test
        void isWaitedForHalfASecond() {
            Instance instance = fleet.instance();
            instance.obtain();
            fleet.advance(Duration.ofMinutes(31));
            fleet.store.fate = operation -> Fate.FROZEN;

            assertThat(instance.ask(Duration.ofMillis(600))).isInstanceOf(Token.class);
        }

        @Test
        void isWaitedForFiveSecondsByAProcessThatHasJustStarted() {
            fleet.instance().obtain();
            fleet.store.latency = Duration.ofMillis(4_900);

            assertThat(fleet.instance().ask(Duration.ofSeconds(5))).isInstanceOf(Token.class);

            assertThat(fleet.endpoint.requests()).isOne();
            fleet.store.fate = operation -> Fate.FROZEN;
            assertThat(fleet.instance().ask(Duration.ofMillis(5_100))).isInstanceOf(Token.class);
        }

        @Test
        void leavesTokensInUseForHalfOfTheTimeBetweenRenewalAndEnd() {
            Instance instance = fleet.instance();
            instance.obtain();
            fleet.store.fate = operation -> Fate.REFUSED;
            fleet.advance(Duration.ofSeconds(1360));
            for (int i = 0; i < 200; i++) {
                instance.obtain();
                fleet.advance(Duration.ofSeconds(1));
            }
            assertThat(fleet.endpoint.requests()).isOne();

            for (int i = 0; i < 60; i++) {
                instance.obtain();
                fleet.advance(Duration.ofSeconds(1));
            }

            assertThat(fleet.endpoint.grants()).containsExactly("password", "password");
        }

        @Test
        void isToldOnceWhenItGoesAndOnceWhenItComesBack() {
            Instance instance = fleet.instance();
            instance.obtain();
            try (CapturedLog log = CapturedLog.of(TokenSource.class, Level.INFO)) {
                fleet.store.fate = operation -> Fate.REFUSED;
                fleet.advance(Duration.ofSeconds(1360));
                for (int i = 0; i < 60; i++) {
                    instance.obtain();
                    fleet.advance(Duration.ofSeconds(1));
                }
                assertThat(log.messages()).singleElement().asString().contains("each instance goes on for itself");
                assertThat(instance.events).containsExactly("obtained access-1");
                fleet.store.fate = operation -> Fate.KIND;
                for (int i = 0; i < 12; i++) {
                    instance.obtain();
                    fleet.advance(Duration.ofSeconds(1));
                }

                assertThat(log.messages()).hasSize(2).last().asString().contains("answers again");
            }
        }

        @Test
        void isProbedEverMoreSeldomAndUsedAgain() {
            Instance first = fleet.instance();
            Instance second = fleet.instance();
            first.obtain();
            second.obtain();
            fleet.store.fate = operation -> Fate.REFUSED;
            fleet.advance(Duration.ofSeconds(1360));
            int before = fleet.store.commands();
            for (int i = 0; i < 100; i++) {
                first.obtain();
                fleet.advance(Duration.ofSeconds(1));
            }
            assertThat(fleet.store.commands() - before).isBetween(8, 20);

            fleet.store.fate = operation -> Fate.KIND;
            for (int i = 0; i < 12; i++) {
                first.obtain();
                fleet.advance(Duration.ofSeconds(1));
            }

            assertThat(first.obtain().value()).isEqualTo("access-2");
            assertThat(second.obtain().value()).isEqualTo("access-2");
            assertThat(fleet.endpoint.grants()).containsExactly("password", "refresh_token");
        }

        @Test
        void aRefreshTokenOfTheTimeAloneIsPresentedByItsOwnerOnly() {
            fleet.store.fate = operation -> Fate.REFUSED;
            Instance first = fleet.instance();
            Instance second = fleet.instance();
            first.ask(Duration.ofSeconds(1));
            second.ask(Duration.ofSeconds(1));
            fleet.store.fate = operation -> Fate.KIND;

            for (int i = 0; i < 5_000; i++) {
                first.obtain();
                second.obtain();
                fleet.advance(Duration.ofSeconds(1));
            }

            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
            assertThat(fleet.endpoint.requests("password")).isEqualTo(2);
            assertThat(first.obtain()).isEqualTo(second.obtain());
        }

        @Test
        void anAnswerLostToACommitIsFoundOutAndRepaired() {
            Instance first = fleet.instance();
            fleet.store.fate = operation -> operation.kind() == Kind.TOKEN ? Fate.REFUSED : Fate.KIND;
            assertThat(first.ask(Duration.ofSeconds(1))).isInstanceOf(Token.class);
            fleet.store.fate = operation -> Fate.KIND;
            fleet.advance(Duration.ofSeconds(3));

            Token other = fleet.instance().obtain();

            assertThat(other.value()).isEqualTo("access-1");
            assertThat(fleet.endpoint.requests()).isOne();
        }

        @Test
        void aCommitWhoseAnswerAloneIsLostIsNotDoneTwice() {
            Instance first = fleet.instance();
            fleet.store.fate = operation -> operation.kind() == Kind.TOKEN ? Fate.ANSWER_LOST : Fate.KIND;
            assertThat(first.ask(Duration.ofSeconds(1))).isInstanceOf(Token.class);
            fleet.store.fate = operation -> Fate.KIND;
            fleet.advance(Duration.ofSeconds(1400));

            first.obtain();
            fleet.instance().obtain();
            fleet.advance(Duration.ofSeconds(1));

            assertThat(fleet.endpoint.grants()).containsExactly("password", "refresh_token");
            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
        }

        @Test
        void aRefreshTokenWhoseCommitIsUnknownIsLeftToTheRecord() {
            Instance first = fleet.instance();
            fleet.store.fate = operation -> operation.kind() == Kind.TOKEN ? Fate.ANSWER_LOST : Fate.KIND;
            first.ask(Duration.ofSeconds(1));
            fleet.store.fate = operation -> Fate.KIND;
            Instance second = fleet.instance();
            second.obtain();
            fleet.advance(Duration.ofSeconds(1400));
            fleet.endpoint.answer(
                    login -> Mono.just(ScriptedEndpoint.unavailable(503, null)),
                    refresh -> Mono.just(ScriptedEndpoint.lost()));
            second.obtain();
            fleet.advance(Duration.ofSeconds(1));
            assertThat(fleet.endpoint.requests("refresh_token")).isOne();

            fleet.endpoint.answerTokens();
            fleet.advance(Duration.ofSeconds(390));
            first.ask(Duration.ofSeconds(30));
            first.ask(Duration.ofSeconds(30));

            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
            assertThat(fleet.endpoint.requests("refresh_token")).isOne();
            assertThat(first.obtain().value()).isNotEqualTo("access-1");
        }

        @Test
        void aLeaseWhoseAnswerIsLostPresentsNothing() {
            Instance first = fleet.instance();
            first.obtain();
            fleet.advance(Duration.ofSeconds(1400));
            fleet.store.fate = operation -> operation.kind() == Kind.LEASE ? Fate.ANSWER_HANGS : Fate.KIND;
            first.obtain();
            fleet.advance(Duration.ofSeconds(2));

            assertThat(fleet.endpoint.requests("refresh_token")).isZero();
            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
        }

        @Test
        void oneThatForgetsCostsALogin() {
            Instance first = fleet.instance();
            Instance second = fleet.instance();
            first.obtain();
            second.obtain();
            fleet.store.flush();
            fleet.advance(Duration.ofSeconds(1400));

            first.obtain();
            fleet.advance(Duration.ofSeconds(1));

            assertThat(first.obtain().value()).isEqualTo("access-2");
            assertThat(second.obtain().value()).isEqualTo("access-2");
            assertThat(fleet.endpoint.grants()).containsExactly("password", "password");
        }

        @Test
        void aRefreshTokenThatCameBackIsNotBelieved() {
            Instance first = fleet.instance();
            first.obtain();
            Map<String, Object> replica = fleet.store.snapshot();
            fleet.advance(Duration.ofSeconds(1400));
            first.obtain();
            fleet.advance(Duration.ofSeconds(1));
            assertThat(fleet.endpoint.requests("refresh_token")).isOne();
            fleet.store.restore(replica);

            fleet.advance(Duration.ofSeconds(1400));
            first.obtain();
            fleet.advance(Duration.ofSeconds(1));

            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
            assertThat(fleet.endpoint.grants()).containsExactly("password", "refresh_token", "password");
        }
    }

    @Nested
    class Secrecy {

        @Test
        void nothingReadableLiesInTheStore() {
            fleet.instance().obtain();

            fleet.store.values().forEach((key, value) -> {
                String text = key + new String(value, StandardCharsets.ISO_8859_1);
                assertThat(text)
                        .doesNotContain("access-1", "refresh-1", "ann@example", "idp.example", "email", "token\"");
            });
        }

        @Test
        void aValueThatWasChangedIsNeverAToken() {
            fleet.instance().obtain();
            fleet.store.values().forEach((key, value) -> {
                value[value.length - 1] ^= 1;
                fleet.store.plant(key, value);
            });

            Instance second = fleet.instance();

            assertThat(second.obtain().value()).isEqualTo("access-2");
            assertThat(second.storeFailures).hasPositiveValue();
        }

        @Test
        void aValueThatWasMovedToAnotherRecordIsNeverAToken() {
            fleet.instance().obtain();
            Map<String, byte[]> values = fleet.store.values();
            fleet.grant = new PasswordGrant("bob@example.com", "P4ssw0rd", List.of("email", "offline_access"));
            fleet.instance().obtain();
            byte[] anns = values.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith("token:"))
                    .findFirst()
                    .orElseThrow()
                    .getValue();
            fleet.store.values().keySet().stream()
                    .filter(key -> key.startsWith("token:") && !values.containsKey(key))
                    .forEach(key -> fleet.store.plant(key, anns));

            assertThat(fleet.instance().obtain().value()).isEqualTo("access-3");
        }

        @Test
        void anotherKeyUnderTheSameNameIsTold() {
            fleet.instance().obtain();
            fleet.storeSettings = StoreSettings.encryptedBy("k1", FleetFixture.key(9));
            try (CapturedLog log = CapturedLog.warningsOf(TokenSource.class)) {
                Instance other = fleet.instance();

                assertThat(other.obtain().value()).isEqualTo("access-2");

                assertThat(String.join(" ", log.messages()))
                        .contains("does not decrypt with key 'k1'", "different keys");
            }
        }

        @Test
        void anUnreadableRecordIsLeftToThoseWhoCanReadIt() {
            Token shared = fleet.instance().obtain();
            StoreSettings known = fleet.storeSettings;
            fleet.storeSettings = StoreSettings.encryptedBy("k9", FleetFixture.key(9));
            try (CapturedLog log = CapturedLog.warningsOf(TokenSource.class)) {
                fleet.instance().obtain();

                assertThat(log.messages())
                        .singleElement()
                        .asString()
                        .containsPattern("its record token:\\S+ in the store is unreadable")
                        .contains(
                                "it has [k9]",
                                "give every instance all keys",
                                "delete it when no instance can read it");
            }
            fleet.storeSettings = known;

            assertThat(fleet.instance().obtain()).isEqualTo(shared);
        }

        @Test
        void keysAreChangedWithoutALogin() {
            fleet.instance().obtain();
            fleet.storeSettings =
                    StoreSettings.encryptedBy("k1", FleetFixture.KEY).withOlderKey("k2", FleetFixture.key(2));
            Instance knowsBoth = fleet.instance();
            knowsBoth.obtain();
            fleet.storeSettings =
                    StoreSettings.encryptedBy("k2", FleetFixture.key(2)).withOlderKey("k1", FleetFixture.KEY);
            Instance changed = fleet.instance();
            changed.obtain();
            fleet.advance(Duration.ofSeconds(1400));
            changed.obtain();
            fleet.advance(Duration.ofSeconds(20));
            knowsBoth.obtain();
            fleet.storeSettings = StoreSettings.encryptedBy("k2", FleetFixture.key(2));

            assertThat(fleet.instance().obtain()).isEqualTo(knowsBoth.obtain());
            assertThat(fleet.endpoint.grants()).containsExactly("password", "refresh_token");
        }
    }

    @Nested
    class Records {

        @Test
        void twoUsersNeverMeet() {
            Token anns = fleet.instance().obtain();
            fleet.grant = new PasswordGrant("bob@example.com", "P4ssw0rd", List.of("email", "offline_access"));

            assertThat(fleet.instance().obtain()).isNotEqualTo(anns);
        }

        @Test
        void spellingsOfAUserMeet() {
            Token anns = fleet.instance().obtain();
            fleet.grant = new PasswordGrant(" ANN@example.com", "P4ssw0rd", List.of("offline_access", "email"));

            assertThat(fleet.instance().obtain()).isEqualTo(anns);
        }

        @Test
        void aGrantThatAsksForAnotherTokenEachTimeFailsAndSaysWhy() {
            AtomicInteger n = new AtomicInteger();
            fleet.grant = () -> Mono.just(TokenRequest.of("password")
                    .with("username", "ann")
                    .with("password", "P4ssw0rd")
                    .with("device", "device-" + n.incrementAndGet()));
            fleet.storeSettings = fleet.storeSettings.withSubject("ann");

            assertThat(fleet.instance().ask(Duration.ofSeconds(1)))
                    .asString()
                    .contains("a field of its grant other than a secret changes with each request");

            assertThat(fleet.endpoint.requests()).isZero();
        }

        @Test
        void aSupplierThatChangesTheUserChangesTheRecord() {
            Mono<Credentials> current = Mono.fromSupplier(() -> new Credentials(
                    fleet.endpoint.requests() == 0 ? "ann@example.com" : "bob@example.com", "P4ssw0rd"));
            fleet.endpoint.rotating = false;
            fleet.grant = new PasswordGrant(current, List.of("email"));
            Instance first = fleet.instance();
            Token anns = first.obtain();
            fleet.advance(Duration.ofMinutes(31));

            Token bobs = first.obtain();

            fleet.grant = new PasswordGrant("bob@example.com", "P4ssw0rd", List.of("email"));
            assertThat(fleet.instance().obtain()).isEqualTo(bobs).isNotEqualTo(anns);
            fleet.grant = new PasswordGrant("ann@example.com", "P4ssw0rd", List.of("email"));
            assertThat(fleet.instance().obtain()).isNotEqualTo(bobs);
        }

        @Test
        void aGivenRefreshTokenIsPresentedByOneInstance() {
            fleet.grant = new RefreshTokenGrant("given");
            Instance first = fleet.instance();
            first.obtain();
            fleet.grant = new RefreshTokenGrant("given");
            Instance second = fleet.instance();

            assertThat(second.obtain()).isEqualTo(first.obtain());
            fleet.endpoint.answerWith(ScriptedEndpoint.rejected(400, "invalid_grant"));
            fleet.advance(Duration.ofMinutes(31));
            first.ask(Duration.ofSeconds(1));
            fleet.advance(Duration.ofMinutes(31));
            second.ask(Duration.ofSeconds(1));

            assertThat(fleet.endpoint.presentedTwice()).isEmpty();
        }

        @Test
        void aGivenRefreshTokenIsNotPresentedWhileTheStoreIsAway() {
            fleet.grant = new RefreshTokenGrant("given");
            fleet.store.fate = operation -> Fate.REFUSED;

            assertThat(fleet.instance().ask(Duration.ofSeconds(1)))
                    .isInstanceOfSatisfying(
                            TokenException.Unavailable.class,
                            failure -> assertThat(failure).hasMessageContaining("store"));
            assertThat(fleet.endpoint.requests()).isZero();
        }
    }

    @Nested
    class Building {

        private final TokenSource.Builder builder = TokenSource.builder(fleet.endpoint, fleet.grant);

        @Test
        void refusesTwoStores() {
            builder.tokenStore(fleet.store, fleet.storeSettings).refreshTokenStore(token -> Mono.empty());

            assertThatThrownBy(builder::build)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "tokenStore and refreshTokenStore contradict each other: a shared refresh token lives in"
                                    + " the token store alone; keep one");
        }

        @Test
        void refusesALeaseThatIsShorterThanAFlight() {
            builder.tokenStore(fleet.store, fleet.storeSettings.withLease(Duration.ofSeconds(15)));

            assertThatThrownBy(builder::build)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("lease PT15S is shorter than a renewal may take; it must be at least PT16S, the refresh"
                            + " timeout and twice the store's; lengthen the lease or shorten a timeout");
        }

        @Test
        void refusesAGrantThatDoesNotSayForWhom() {
            TokenSource.Builder lambda = TokenSource.builder(
                            fleet.endpoint, () -> Mono.just(TokenRequest.of("urn:custom")))
                    .tokenStore(fleet.store, fleet.storeSettings);

            assertThatThrownBy(lambda::build)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("withSubject");
            lambda.tokenStore(fleet.store, fleet.storeSettings.withSubject("ann"))
                    .build()
                    .close();
        }
    }
}
