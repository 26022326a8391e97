package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.monotoken.TokenStore.Change;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A master and its replica, watched by a Sentinel that the store asks where the master is. */
@ParameterizedClass
@EnumSource(RedisBuild.class)
class RedisSentinelTests {

    private static final Duration FAILOVER = Duration.ofSeconds(30);

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private final RedisBuild build;
    private RedisProcess master;
    private RedisProcess replica;
    private RedisProcess sentinel;
    private RedisTokenStore store;

    RedisSentinelTests(RedisBuild build) {
        this.build = build;
    }

    @BeforeEach
    void start() {
        master = redis.server(build);
        replica = redis.server(build, "--replicaof", RedisProcess.HOST, Integer.toString(master.port()));
        eventually(() -> replica.operator().info("replication"), info -> info.contains("master_link_status:up"));
        sentinel = redis.open(RedisProcess.sentinel(build, master));
        eventually(() -> sentinel.operator().info("sentinel"), info -> info.contains("slaves=1"));
        store = redis.store(redis.client(RedisClient.create(
                "redis-sentinel://" + RedisProcess.HOST + ":" + sentinel.port() + "?sentinelMasterId=mymaster")));
    }

    private Heard hear(RedisProcess server) {
        Heard heard = new Heard(store);
        awaitSubscriber(server);
        return heard;
    }

    private static void awaitSubscriber(RedisProcess server) {
        eventually(
                () -> server.operator().pubsubNumsub("monotoken:changes").get("monotoken:changes"),
                count -> count == 1);
    }

    private String tag() {
        return String.valueOf(store.read(redis.key)
                .map(reading -> String.valueOf(reading.tag()))
                .onErrorReturn("away")
                .block(RedisFixture.SOON));
    }

    private void awaitNewMaster() {
        eventually(
                FAILOVER,
                () -> sentinel.operator().info("sentinel"),
                info -> info.contains("address=" + RedisProcess.HOST + ":" + replica.port()));
    }

    @Test
    void namesTheMaster() throws InterruptedException {
        Heard heard = hear(master);

        assertThat(redis.replace(store, null, "one")).isTrue();

        assertThat(redis.read(store).tag()).isEqualTo("one");
        assertThat(heard.next()).isEqualTo(new Change(redis.key, "one"));
        assertThat(replica.commandsRun()).doesNotContainKeys("evalsha", "eval");
        heard.stop();
    }

    /** Slow: Sentinel leaves the old master what it was for 8 seconds, and ends its connections then. */
    @Test
    @Tag("processes")
    void isFollowedAfterAFailoverThatAnOperatorOrders() throws InterruptedException {
        Heard before = hear(master);
        redis.replace(store, null, "one");
        eventually(() -> replica.operator().hget("monotoken:" + redis.key, "tag"), "one"::equals);

        eventually(this::orderFailover, isOrdered -> isOrdered);
        awaitNewMaster();
        assertThat(before.error(FAILOVER)).hasMessage("connection for hints was given up: Redis closed it");

        goesOn();
    }

    /** {@return whether Sentinel does it; it refuses until it has heard of the replica itself} */
    private boolean orderFailover() {
        try {
            sentinel.operatorSays("SENTINEL FAILOVER mymaster");
            return true;
        } catch (RedisCommandExecutionException e) {
            assertThat(e).hasMessageStartingWith("NOGOODSLAVE");
            return false;
        }
    }

    @Test
    void isFollowedAfterTheMasterDied() throws InterruptedException {
        redis.replace(store, null, "one");
        eventually(() -> replica.operator().hget("monotoken:" + redis.key, "tag"), "one"::equals);

        master.kill();
        awaitNewMaster();

        goesOn();
    }

    private void goesOn() throws InterruptedException {
        assertThat(eventually(FAILOVER, this::tag, tag -> !tag.equals("away"))).isEqualTo("one");
        Heard heard = hear(replica);
        assertThat(redis.replace(store, "one", "two")).isTrue();
        assertThat(replica.operator().hget("monotoken:" + redis.key, "tag")).isEqualTo("two");
        assertThat(heard.next()).isEqualTo(new Change(redis.key, "two"));
        heard.stop();
    }
}
