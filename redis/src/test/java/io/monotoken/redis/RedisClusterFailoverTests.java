package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static io.monotoken.redis.RedisFixture.KEEP;
import static io.monotoken.redis.RedisFixture.SOON;
import static io.monotoken.redis.RedisFixture.VALUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.cluster.RedisClusterClient;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A replica of a Cluster that takes over; the client of the application refreshes nothing by itself. */
@ParameterizedClass
@EnumSource(RedisBuild.class)
class RedisClusterFailoverTests {

    private static final Duration PATIENCE = Duration.ofMillis(500);

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private final RedisBuild build;
    private final AtomicLong nanos = new AtomicLong();
    private RedisCluster cluster;
    private String key;

    RedisClusterFailoverTests(RedisBuild build) {
        this.build = build;
    }

    @BeforeEach
    void start() {
        cluster = redis.open(new RedisCluster(build));
        key = cluster.keyOf(cluster.first());
    }

    private RedisTokenStore storeWithARecord(int minReplicas) {
        RedisClusterClient client = redis.client(RedisClusterClient.create(
                cluster.first().address().withTimeout(Duration.ofSeconds(1)).build()));
        RedisTokenStore store = redis.store(RedisTokenStore.builder(client)
                .minReplicas(minReplicas, Duration.ofMillis(200))
                .nanos(nanos::get));
        store.replace(key, null, "one", VALUE, KEEP).block(SOON);
        store.read(cluster.keyOf(cluster.second())).block(SOON);
        eventually(() -> cluster.replicaOfFirst().operator().hget("monotoken:" + key, "tag"), "one"::equals);
        return store;
    }

    private String tag(RedisTokenStore store) {
        return String.valueOf(store.read(key)
                .map(reading -> String.valueOf(reading.tag()))
                .timeout(PATIENCE)
                .onErrorReturn("away")
                .block(SOON));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void isFollowedWhenTheMasterDied(int minReplicas) {
        RedisTokenStore store = storeWithARecord(minReplicas);

        cluster.first().kill();
        cluster.replicaOfFirst().operatorSays("CLUSTER FAILOVER TAKEOVER");

        assertThat(eventually(() -> tag(store), tag -> !tag.equals("away"))).isEqualTo("one");
    }

    @Test
    void isFollowedWhenTheMasterIsSilent() {
        RedisTokenStore store = storeWithARecord(0);

        cluster.first().freeze();
        assertThat(tag(store)).isEqualTo("away");
        cluster.replicaOfFirst().operatorSays("CLUSTER FAILOVER TAKEOVER");
        nanos.addAndGet(SharedConnection.SILENCE.toNanos());

        assertThat(eventually(() -> tag(store), tag -> !tag.equals("away"))).isEqualTo("one");
    }
}
