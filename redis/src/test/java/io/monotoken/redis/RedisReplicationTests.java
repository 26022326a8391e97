package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static io.monotoken.redis.RedisFixture.KEEP;
import static io.monotoken.redis.RedisFixture.SOON;
import static io.monotoken.redis.RedisFixture.VALUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A master with a replica, and the replica promoted. */
@ParameterizedClass
@EnumSource(RedisBuild.class)
class RedisReplicationTests {

    private static final Duration WITHIN = Duration.ofSeconds(2);

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private final RedisBuild build;
    private RedisProcess master;
    private RedisProcess replica;

    RedisReplicationTests(RedisBuild build) {
        this.build = build;
    }

    @BeforeEach
    void start() {
        master = redis.server(build);
        replica = redis.server(build, "--replicaof", RedisProcess.HOST, Integer.toString(master.port()));
        eventually(() -> replica.operator().info("replication"), info -> info.contains("master_link_status:up"));
    }

    private RedisClient client(RedisProcess server) {
        return redis.client(RedisClient.create(server.address().build()));
    }

    private RedisTokenStore confirmedByOne() {
        return redis.store(RedisTokenStore.builder(client(master)).minReplicas(1, WITHIN));
    }

    @Test
    void answersTrueOnceAReplicaHasTheRecord() {
        RedisTokenStore store = confirmedByOne();

        assertThat(redis.replace(store, null, "one")).isTrue();

        assertThat(replica.operator().hget("monotoken:" + redis.key, "tag")).isEqualTo("one");
        assertThat(master.commandsRun()).containsEntry("wait", 1L);
    }

    @Test
    void waitsForNobodyWhenTheTagIsNotTheExpectedOneNorForReads() {
        RedisTokenStore store = confirmedByOne();

        assertThat(redis.replace(store, "none", "one")).isFalse();
        redis.read(store);

        assertThat(master.commandsRun()).doesNotContainKey("wait");
    }

    @Test
    void failsWhileNoReplicaConfirmsAndAnswersTrueOnceOneDoes() {
        RedisTokenStore store = confirmedByOne();
        eventually(
                () -> store.replace(redis.key, null, "one", VALUE, KEEP)
                        .onErrorReturn(false)
                        .block(SOON),
                Boolean.TRUE::equals);

        replica.freeze();
        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() ->
                        store.replace(redis.key, "one", "two", VALUE, KEEP).block(SOON))
                .withMessage("record is in place, but 0 of 1 replicas have confirmed it within PT2S;"
                        + " see INFO replication, or ask for fewer");
        assertThat(redis.read(store).tag()).isEqualTo("two");
        assertThatExceptionOfType(RedisException.class)
                .as("the tag is in place, and still no replica has it")
                .isThrownBy(() ->
                        store.replace(redis.key, "one", "two", VALUE, KEEP).block(SOON));
        replica.thaw();

        eventually(
                () -> store.replace(redis.key, "one", "two", VALUE, KEEP)
                        .onErrorReturn(false)
                        .block(SOON),
                Boolean.TRUE::equals);
        assertThat(replica.operator().hget("monotoken:" + redis.key, "tag")).isEqualTo("two");
    }

    @Test
    void findsTheNewMasterOnceTheOldOneSaysThatItIsNone() {
        AtomicReference<RedisClient> behindTheName = new AtomicReference<>(client(master));
        RedisTokenStore store = redis.store(RedisTokenStore.builder(behindTheName::get));
        redis.replace(store, null, "one");
        eventually(() -> replica.operator().hget("monotoken:" + redis.key, "tag"), "one"::equals);

        replica.operator().replicaofNoOne();
        master.operator().replicaof(RedisProcess.HOST, replica.port());
        behindTheName.set(client(replica));

        assertThat(redis.replace(store, "one", "two")).isTrue();
        assertThat(replica.operator().hget("monotoken:" + redis.key, "tag")).isEqualTo("two");
    }

    @Test
    void readsWhatTheNewMasterHasAfterTheOldOneDied() {
        AtomicReference<RedisClient> behindTheName = new AtomicReference<>(client(master));
        RedisTokenStore store =
                redis.store(RedisTokenStore.builder(behindTheName::get).minReplicas(1, WITHIN));
        redis.replace(store, null, "one");

        master.kill();
        replica.operator().replicaofNoOne();
        behindTheName.set(client(replica));

        assertThat(redis.read(store).tag()).isEqualTo("one");
    }
}
