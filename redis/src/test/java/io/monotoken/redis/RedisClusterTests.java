package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static io.monotoken.redis.RedisFixture.KEEP;
import static io.monotoken.redis.RedisFixture.SOON;
import static io.monotoken.redis.RedisFixture.VALUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.monotoken.TokenStore.Change;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The store on a Cluster that is well. */
@ParameterizedClass
@EnumSource(RedisBuild.class)
@TestInstance(Lifecycle.PER_CLASS)
class RedisClusterTests {

    private static final Duration WITHIN = Duration.ofMillis(200);

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    @Parameter
    private RedisBuild build = RedisBuild.EMBEDDED;

    private RedisCluster cluster;
    private RedisClusterClient client;
    private RedisTokenStore store;

    @BeforeParameterizedClassInvocation
    void start() {
        cluster = new RedisCluster(build);
    }

    @AfterParameterizedClassInvocation
    void stop() {
        cluster.close();
    }

    @BeforeEach
    void connect() {
        client =
                redis.client(RedisClusterClient.create(cluster.first().address().build()));
        store = redis.store(client);
        cluster.nodes().forEach(node -> node.operator().configResetstat());
    }

    private static boolean replace(RedisTokenStore store, String key, @Nullable String expected, String tag) {
        return Boolean.TRUE.equals(
                store.replace(key, expected, tag, VALUE, KEEP).block(SOON));
    }

    @Test
    void keepsEachRecordWhereItsKeyBelongs() {
        for (RedisProcess master : List.of(cluster.first(), cluster.second())) {
            String key = cluster.keyOf(master);

            assertThat(replace(store, key, null, "one")).isTrue();
            assertThat(replace(store, key, null, "two")).isFalse();

            assertThat(store.read(key).block(SOON)).hasFieldOrPropertyWithValue("tag", "one");
            assertThat(master.operator().hget("monotoken:" + key, "tag")).isEqualTo("one");
        }
    }

    @Test
    void hintsAtChangesWhereverTheyAre() throws InterruptedException {
        Heard heard = new Heard(store);
        eventually(
                () -> cluster.nodes().stream()
                        .mapToLong(node -> node.operator()
                                .pubsubNumsub("monotoken:changes")
                                .get("monotoken:changes"))
                        .sum(),
                count -> count == 1);

        for (RedisProcess master : List.of(cluster.first(), cluster.second())) {
            String key = cluster.keyOf(master);
            replace(store, key, null, "one");
            assertThat(heard.next()).isEqualTo(new Change(key, "one"));
        }
        heard.stop();
    }

    @Test
    void waitsForReplicasOfTheMasterThatHasTheRecord() {
        RedisTokenStore confirmed = redis.store(RedisTokenStore.builder(client).minReplicas(1, WITHIN));

        assertThat(replace(confirmed, cluster.keyOf(cluster.first()), null, "one"))
                .isTrue();
        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> replace(confirmed, cluster.keyOf(cluster.second()), null, "one"))
                .withMessageStartingWith("record is in place, but 0 of 1 replicas have confirmed it");

        assertThat(cluster.first().commandsRun()).containsEntry("wait", 1L);
        assertThat(cluster.second().commandsRun()).containsEntry("wait", 1L);
        assertThat(cluster.replicaOfFirst().commandsRun()).doesNotContainKeys("wait", "evalsha", "eval");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void followsASlotThatMoves(int minReplicas) {
        RedisTokenStore moving = redis.store(RedisTokenStore.builder(client).minReplicas(minReplicas, WITHIN));
        String key = cluster.keyOf(cluster.second());
        moving.read(key).block(SOON);
        String move = "CLUSTER SETSLOT " + SlotHash.getSlot("monotoken:" + key) + " NODE "
                + cluster.first().operator().clusterMyId();

        cluster.first().operatorSays(move);
        cluster.second().operatorSays(move);

        assertThat(replace(moving, key, null, "one")).isTrue();
        assertThat(cluster.first().operator().hget("monotoken:" + key, "tag")).isEqualTo("one");
    }

    @Test
    void boundsWhatASilentNodeIsSentWhileAnotherAnswers() {
        RedisTokenStore bounded = redis.store(RedisTokenStore.builder(client).nanos(() -> 0));
        String here = cluster.keyOf(cluster.first());
        String there = cluster.keyOf(cluster.second());
        bounded.read(here).block(SOON);
        cluster.first().freeze();

        try {
            for (int i = 0; i < SharedConnection.MOST_UNANSWERED; i++) {
                bounded.read(here).subscribe().dispose();
                if (i % 50 == 0) {
                    bounded.read(there).block(SOON);
                }
            }

            assertThatExceptionOfType(RedisException.class)
                    .isThrownBy(() -> bounded.read(here).block(SOON))
                    .withMessageStartingWith("Redis has left 1024 commands unanswered");
            assertThat(bounded.read(there).block(SOON)).isNotNull();
        } finally {
            cluster.first().thaw();
        }
    }

    @Test
    void asksAClusterWithOnePermissionMoreThanAServer() {
        cluster.nodes().forEach(node -> RedisUser.create(node, "secret", RedisUser.NEEDED));
        RedisTokenStore limited =
                redis.store(redis.client(RedisClusterClient.create(RedisUser.address(cluster.first(), "secret"))));
        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> limited.read(redis.key).block(SOON))
                .withMessageContaining("give the user +cluster");

        cluster.nodes().forEach(node -> node.operatorSays("ACL SETUSER monotoken +cluster|nodes"));

        for (RedisProcess master : List.of(cluster.first(), cluster.second())) {
            assertThat(replace(limited, cluster.keyOf(master), null, "one")).isTrue();
        }
    }
}
