package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static io.monotoken.redis.RedisFixture.KEEP;
import static io.monotoken.redis.RedisFixture.SOON;
import static io.monotoken.redis.RedisFixture.VALUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.monotoken.TokenStore.Change;
import io.monotoken.TokenStore.Reading;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** The store while Redis is away, frozen or forgetful. */
@ParameterizedClass
@EnumSource(RedisBuild.class)
class RedisOutageTests {

    private static final Duration IMPATIENT = Duration.ofMillis(200);

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private final RedisBuild build;
    private final AtomicLong nanos = new AtomicLong();

    RedisOutageTests(RedisBuild build) {
        this.build = build;
    }

    private RedisTokenStore onManualTime(RedisProcess server) {
        return redis.store(RedisTokenStore.builder(
                        redis.client(RedisClient.create(server.address().build())))
                .nanos(nanos::get));
    }

    /** The connections of the store, by their numbers; the server counts them up. */
    private static List<Long> connections(RedisProcess server) {
        return server.operator()
                .clientList()
                .lines()
                .filter(line -> !line.contains("cmd=client"))
                .map(line -> Long.valueOf(line.replaceAll("^id=(\\d+) .*", "$1")))
                .toList();
    }

    private static void assertAway(Mono<?> call, RedisProcess server) {
        long start = System.nanoTime();
        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> call.block(SOON))
                .withMessageStartingWith("Redis is out of reach: Unable to connect")
                .withMessageContaining("Connection refused")
                .withMessageContaining(":" + server.port());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void connectsWhenItIsFirstAskedAndNotBefore() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = redis.store(server);
        assertThat(connections(server)).isEmpty();

        redis.read(store);

        assertThat(connections(server)).hasSize(1);
    }

    @Test
    void failsSoonWhileRedisIsAwayAtStartAndWorksOnceItIsThere() {
        RedisProcess server = redis.open(RedisProcess.away(build));
        RedisTokenStore store = redis.store(server);

        assertAway(store.read(redis.key), server);
        assertAway(store.replace(redis.key, null, "one", VALUE, KEEP), server);
        assertAway(store.changes().next(), server);
        server.start();

        assertThat(redis.replace(store, null, "one")).isTrue();
        assertThat(redis.read(store).tag()).isEqualTo("one");
    }

    @Test
    void healsAfterRedisWasKilledAndCameBack() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = redis.store(server);
        redis.replace(store, null, "one");

        server.kill();
        assertAway(store.read(redis.key), server);
        server.start();

        assertThat(redis.read(store).tag()).isNull();
        assertThat(redis.replace(store, null, "two")).isTrue();
    }

    @Test
    void failsAtOnceWhatIsUnderWayWhenRedisDies() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = redis.store(server);
        redis.read(store);
        server.freeze();
        CompletableFuture<Reading> underWay = store.read(redis.key).toFuture();

        server.kill();

        assertThat(underWay)
                .failsWithin(5, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("Redis is out of reach");
    }

    @Test
    void noticesNothingOfALostConnectionWhileRedisIsThere() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = redis.store(server);
        redis.replace(store, null, "one");

        for (int i = 0; i < 20; i++) {
            assertThat(server.operator()
                            .clientKill(KillArgs.Builder.typeNormal().skipme()))
                    .isEqualTo(1);
            assertThat(redis.read(store).tag()).isEqualTo("one");
        }
    }

    @Test
    void sendsOnceMoreWhatWasUnderWayOnALostConnection() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = redis.store(server);
        redis.replace(store, null, "one");
        server.operatorSays("CLIENT PAUSE 500 WRITE");
        CompletableFuture<Boolean> underWay =
                store.replace(redis.key, "one", "two", VALUE, KEEP).toFuture();
        eventually(() -> server.operator().info("clients"), info -> info.contains("blocked_clients:1"));

        server.operator().clientKill(KillArgs.Builder.typeNormal().skipme());

        assertThat(underWay).succeedsWithin(5, TimeUnit.SECONDS).isEqualTo(true);
        assertThat(redis.read(store).tag()).isEqualTo("two");
    }

    @Test
    void goesOnAfterAFreeze() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = redis.store(server);
        redis.replace(store, null, "one");

        server.freeze();
        for (int i = 0; i < 10; i++) {
            assertThat(store.read(redis.key).timeout(IMPATIENT, Mono.empty()).blockOptional(SOON))
                    .isEmpty();
        }
        server.thaw();

        assertThat(redis.read(store).tag()).isEqualTo("one");
        assertThat(redis.replace(store, "one", "two")).isTrue();
    }

    @Test
    void sendsAFrozenRedisABoundedNumberOfCommands() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = onManualTime(server);
        redis.replace(store, null, "one");
        server.freeze();
        for (int i = 0; i < SharedConnection.MOST_UNANSWERED; i++) {
            store.read(redis.key).subscribe().dispose();
        }

        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> store.read(redis.key).block(SOON))
                .withMessage("Redis has left 1024 commands unanswered and gets no more until it answers");

        server.thaw();
        nanos.addAndGet(SharedConnection.SILENCE.toNanos());
        assertThat(redis.read(store).tag()).isEqualTo("one");
    }

    @Test
    void givesUpAConnectionOnWhichNothingIsAnswered() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = onManualTime(server);
        redis.read(store);
        List<Long> before = connections(server);
        server.freeze();
        CompletableFuture<Reading> waiting = store.read(redis.key).toFuture();
        nanos.addAndGet(SharedConnection.SILENCE.toNanos());

        CompletableFuture<Reading> next = store.read(redis.key).toFuture();
        server.thaw();

        assertThat(next).succeedsWithin(SOON);
        assertThat(waiting).succeedsWithin(SOON);
        assertThat(eventually(() -> connections(server), now -> now.size() == 1))
                .doesNotContainAnyElementsOf(before);
    }

    @Test
    void keepsAConnectionThatWasOnlyIdle() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = onManualTime(server);
        redis.read(store);
        List<Long> before = connections(server);

        nanos.addAndGet(Duration.ofHours(1).toNanos());
        redis.read(store);

        assertThat(connections(server)).isEqualTo(before);
    }

    @Test
    void sendsNothingOfACallThatWasCancelledWhileItConnected() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = redis.store(server);
        server.operator();
        server.freeze();

        store.replace(redis.key, null, "one", VALUE, KEEP).subscribe().dispose();
        CompletableFuture<Reading> read = store.read(redis.key).toFuture();
        server.thaw();

        assertThat(read).succeedsWithin(SOON).extracting(Reading::tag).isNull();
    }

    @Test
    void makesOneConnectionForAllWhoWaitForIt() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = redis.store(server);
        server.operator();
        server.freeze();
        List<CompletableFuture<Reading>> waiting = IntStream.range(0, 100)
                .mapToObj(caller -> store.read(redis.key).toFuture())
                .toList();

        server.thaw();

        assertThat(waiting).allSatisfy(read -> assertThat(read).succeedsWithin(SOON));
        assertThat(connections(server)).hasSize(1);
    }

    @Test
    void endsHintsWhenRedisDiesAndHintsAgainOnceItIsBack() throws InterruptedException {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = redis.store(server);
        Heard before = new Heard(store);
        awaitSubscriber(server);

        server.kill();
        assertThat(before.error()).hasMessage("connection for hints was given up: Redis closed it");
        server.start();
        Heard after = new Heard(store);
        awaitSubscriber(server);

        redis.replace(store, null, "one");
        assertThat(after.next()).isEqualTo(new Change(redis.key, "one"));
        after.stop();
    }

    @Test
    void endsHintsWhenRedisIsSilent() {
        RedisProcess server = redis.server(build);
        RedisTokenStore store = redis.store(RedisTokenStore.builder(
                        redis.client(RedisClient.create(server.address().build())))
                .hintsCheckedEvery(Duration.ofMillis(50)));
        Heard heard = new Heard(store);
        awaitSubscriber(server);
        eventually(() -> server.commandsRun().get("subscribe"), times -> times != null && times > 3);

        server.freeze();

        assertThat(heard.error()).hasMessage("Redis has not confirmed the subscription within PT5S");
        server.thaw();
    }

    private static void awaitSubscriber(RedisProcess server) {
        eventually(
                () -> server.operator().pubsubNumsub("monotoken:changes").get("monotoken:changes"),
                count -> count == 1);
    }

    @Test
    void closesWhatItOpenedAndNothingElse() {
        RedisProcess server = redis.server(build);
        RedisClient client = redis.client(RedisClient.create(server.address().build()));
        RedisTokenStore store = RedisTokenStore.builder(client).build();
        redis.read(store);
        Heard heard = new Heard(store);
        awaitSubscriber(server);

        store.close();
        store.close();

        assertThat(heard.error()).hasMessage("connection for hints was given up: the store is closed");
        eventually(() -> connections(server), List::isEmpty);
        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> store.read(redis.key).block(SOON))
                .withMessage("the store is closed");
        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> store.changes().blockFirst(SOON))
                .withMessage("the store is closed");
        assertThat(client.connect().sync().ping()).isEqualTo("PONG");
    }

    @Test
    void warnsOfNothingWhenTheApplicationShutsItsClientDown() {
        RedisProcess server = redis.server(build);
        RedisClient client = RedisClient.create(server.address().build());
        RedisTokenStore store = redis.store(RedisTokenStore.builder(client));
        redis.read(store);
        Heard heard = new Heard(store);
        awaitSubscriber(server);
        CapturedWarnings warnings = redis.open(new CapturedWarnings(RedisChannelHandler.class));

        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        heard.error();
        store.close();
        eventually(
                () -> Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .toList(),
                names -> !names.contains("monotoken-redis"));

        assertThat(warnings.messages()).isEmpty();
    }
}
