package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static io.monotoken.redis.RedisFixture.KEEP;
import static io.monotoken.redis.RedisFixture.OTHER;
import static io.monotoken.redis.RedisFixture.SOON;
import static io.monotoken.redis.RedisFixture.VALUE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lettuce.core.RedisClient;
import io.monotoken.TokenStore.Change;
import io.monotoken.TokenStore.Reading;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The store on one server that is there. */
@ParameterizedClass
@EnumSource(RedisBuild.class)
class RedisTokenStoreTests {

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private final RedisBuild build;

    private RedisProcess server;
    private RedisTokenStore store;
    private String recordKey;

    RedisTokenStoreTests(RedisBuild build) {
        this.build = build;
    }

    @BeforeEach
    void start() {
        server = redis.server(build);
        store = redis.store(server);
        recordKey = "monotoken:" + redis.key;
    }

    @Test
    void readsNothingButTheTime() {
        Reading reading = redis.read(store);

        assertThat(reading.tag()).isNull();
        assertThat(reading.value()).isNull();
        assertThat(reading.now()).isCloseTo(Instant.now(), within(5, ChronoUnit.SECONDS));
    }

    @Test
    void readsTheBytesThatWereWritten() {
        byte[] value = new byte[10_000];
        new Random(1).nextBytes(value);

        assertThat(redis.replace(store, null, "one", value)).isTrue();

        assertThat(redis.read(store).tag()).isEqualTo("one");
        assertThat(redis.read(store).value()).isEqualTo(value);
    }

    @Test
    void replacesTheExpectedTagOnly() {
        assertThat(redis.replace(store, "none", "one")).isFalse();
        assertThat(redis.replace(store, null, "one")).isTrue();
        assertThat(redis.replace(store, null, "two", OTHER)).isFalse();
        assertThat(redis.replace(store, "none", "two", OTHER)).isFalse();
        assertThat(redis.read(store).value()).isEqualTo(VALUE);
        assertThat(redis.replace(store, "one", "two", OTHER)).isTrue();
        assertThat(redis.read(store).tag()).isEqualTo("two");
        assertThat(redis.read(store).value()).isEqualTo(OTHER);
    }

    @Test
    void answersTrueForATagInPlaceAndChangesNothing() {
        redis.replace(store, null, "one");
        server.operator().configResetstat();

        Boolean again = store.replace(redis.key, null, "one", OTHER, Duration.ofMillis(1))
                .block(SOON);

        assertThat(again).isTrue();
        assertThat(redis.read(store).value()).isEqualTo(VALUE);
        assertThat(server.operator().pttl(recordKey))
                .isGreaterThan(Duration.ofMinutes(4).toMillis());
        assertThat(server.commandsRun()).doesNotContainKeys("hset", "pexpire", "publish");
    }

    @Test
    void keepsOneHashForEachRecordWhichExpires() {
        redis.replace(store, null, "one");

        assertThat(server.operator().keys("*")).containsExactly(recordKey);
        assertThat(server.operator().hgetall(recordKey)).isEqualTo(Map.of("tag", "one", "value", "value"));
        assertThat(server.operator().pttl(recordKey)).isBetween(KEEP.toMillis() - 10_000, KEEP.toMillis());
    }

    @Test
    void keepsARecordForAsLongAsRedisCanAndForAMillisecondAtLeast() {
        store.replace(redis.key, null, "one", VALUE, Duration.ofSeconds(Long.MAX_VALUE))
                .block(SOON);
        assertThat(server.operator().pttl(recordKey))
                .isGreaterThan(Duration.ofDays(36_000).toMillis());

        store.replace(redis.key, "one", "two", VALUE, Duration.ofNanos(1)).block(SOON);
        assertThat(server.operator().pttl(recordKey)).isLessThan(2);
    }

    @Test
    void keepsRecordsUnderThePrefixThatWasChosen() {
        RedisTokenStore other = redis.store(RedisTokenStore.builder(
                        redis.client(RedisClient.create(server.address().build())))
                .keyPrefix("billing:"));
        redis.replace(store, null, "one");

        assertThat(redis.replace(other, null, "two")).isTrue();

        assertThat(server.operator().keys("*")).containsExactlyInAnyOrder(recordKey, "billing:" + redis.key);
        assertThat(redis.read(store).tag()).isEqualTo("one");
    }

    @Test
    void sendsOneCommandForARead() {
        redis.read(store);
        server.operator().configResetstat();

        redis.read(store);

        assertThat(server.commandsRun()).isEqualTo(Map.of("evalsha", 1L, "hmget", 1L, "time", 1L));
    }

    @Test
    void sendsOneCommandForAReplacement() {
        redis.replace(store, null, "one");
        server.operator().configResetstat();

        redis.replace(store, "one", "two");

        assertThat(server.commandsRun())
                .isEqualTo(Map.of("evalsha", 1L, "hmget", 1L, "hset", 1L, "pexpire", 1L, "publish", 1L));
    }

    @Test
    void sendsTheTextsOnceToAServerThatForgotThem() {
        redis.replace(store, null, "one");
        redis.read(store);
        server.operator().scriptFlush();
        server.operator().configResetstat();

        assertThat(redis.replace(store, "one", "two")).isTrue();
        assertThat(redis.read(store).tag()).isEqualTo("two");
        assertThat(redis.replace(store, "two", "three")).isTrue();
        assertThat(redis.read(store).tag()).isEqualTo("three");

        assertThat(server.commandsRun()).containsEntry("eval", 2L).containsEntry("evalsha", 4L);
    }

    @Test
    void readsNothingAfterAFlush() {
        redis.replace(store, null, "one");

        server.operator().flushall();

        assertThat(redis.read(store).tag()).isNull();
        assertThat(redis.replace(store, "one", "two")).isFalse();
        assertThat(redis.replace(store, null, "two")).isTrue();
    }

    @Test
    void takesAHashWithoutATagForNoRecord() {
        server.operator().hset(recordKey, "something", "else");

        assertThat(redis.read(store).tag()).isNull();
        assertThat(redis.replace(store, null, "one")).isTrue();
    }

    @Test
    void letsOneOfSixtyFourWritersWinEachRound() {
        RedisTokenStore sibling = redis.store(server);
        String tag = null;

        for (int round = 0; round < 20; round++) {
            String expected = tag;
            String prefix = "round-" + round + "-";
            List<Integer> winners = Objects.requireNonNull(Flux.range(0, 64)
                    .flatMap(
                            writer -> (writer % 2 == 0 ? store : sibling)
                                    .replace(redis.key, expected, prefix + writer, bytes(writer), KEEP)
                                    .filter(won -> won)
                                    .map(won -> writer)
                                    .subscribeOn(Schedulers.parallel()),
                            64)
                    .collectList()
                    .block(SOON));

            assertThat(winners).hasSize(1);
            tag = prefix + winners.get(0);
            assertThat(redis.read(store).tag()).isEqualTo(tag);
            assertThat(redis.read(store).value()).isEqualTo(bytes(winners.get(0)));
        }
    }

    private static byte[] bytes(int writer) {
        return Integer.toString(writer).getBytes(UTF_8);
    }

    @Test
    void hintsAtChangesOfItsOwnAndOfSiblings() throws InterruptedException {
        RedisTokenStore sibling = redis.store(server);
        Heard one = new Heard(store);
        Heard two = new Heard(store);
        awaitSubscribers(1);

        redis.replace(sibling, null, "one");
        redis.replace(store, "one", "two");

        assertThat(one.next()).isEqualTo(new Change(redis.key, "one"));
        assertThat(one.next()).isEqualTo(new Change(redis.key, "two"));
        assertThat(two.next()).isEqualTo(new Change(redis.key, "one"));
        one.stop();
        redis.replace(store, "two", "three");
        assertThat(two.next()).isEqualTo(new Change(redis.key, "two"));
        assertThat(two.next()).isEqualTo(new Change(redis.key, "three"));
        two.stop();
        awaitSubscribers(0);
    }

    @Test
    void delaysNoSubscriberOfHintsBehindASlowOne() throws InterruptedException {
        int changes = 1_000;
        List<Change> slow = new CopyOnWriteArrayList<>();
        BaseSubscriber<Change> oneAtATime = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(Change change) {
                slow.add(change);
            }
        };
        store.changes().subscribe(oneAtATime);
        Heard quick = new Heard(store);
        awaitSubscribers(1);

        Flux.range(0, changes)
                .concatMap(i -> store.replace(redis.key + i, null, "one", VALUE, KEEP))
                .blockLast(SOON);

        for (int i = 0; i < changes; i++) {
            assertThat(quick.next().key()).isEqualTo(redis.key + i);
        }
        assertThat(slow).hasSize(1);
        quick.stop();
        oneAtATime.cancel();
    }

    private void awaitSubscribers(long subscribers) {
        eventually(
                () -> server.operator().pubsubNumsub("monotoken:changes").get("monotoken:changes"),
                count -> count == subscribers);
    }

    @Test
    void answersOnThreadsThatMustNotBlock() {
        Mono<Reading> fromAnEventLoop = store.read(redis.key).subscribeOn(Schedulers.parallel());

        for (int i = 0; i < 100; i++) {
            assertThat(Flux.range(0, 64)
                            .flatMap(caller -> fromAnEventLoop, 64)
                            .count()
                            .block(SOON))
                    .isEqualTo(64);
        }
    }
}
