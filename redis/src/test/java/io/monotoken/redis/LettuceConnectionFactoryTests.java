package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static io.monotoken.redis.RedisFixture.KEEP;
import static io.monotoken.redis.RedisFixture.SOON;
import static io.monotoken.redis.RedisFixture.VALUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** A store on the connections of Spring Data Redis: {@code RedisTokenStore.builder(factory::getRequiredNativeClient)}. */
class LettuceConnectionFactoryTests {

    private static final RedisBuild BUILD = RedisBuild.EMBEDDED;

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private LettuceConnectionFactory factory(RedisConfiguration configuration) {
        LettuceConnectionFactory factory = new LettuceConnectionFactory(
                configuration,
                LettuceClientConfiguration.builder()
                        .commandTimeout(SOON)
                        .clientName("orders")
                        .readFrom(ReadFrom.REPLICA)
                        .build());
        factory.afterPropertiesSet();
        factory.start();
        redis.open(factory::destroy);
        return factory;
    }

    private RedisTokenStore store(LettuceConnectionFactory factory) {
        return redis.store(RedisTokenStore.builder(factory::getRequiredNativeClient));
    }

    @Test
    void hasPasswordDatabaseAndNameOfTheFactory() {
        RedisProcess server = redis.server(BUILD);
        server.operator().configSet("requirepass", "secret");
        RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(RedisProcess.HOST, server.port());
        configuration.setPassword("secret");
        configuration.setDatabase(3);
        RedisTokenStore store = store(factory(configuration));

        assertThat(redis.replace(store, null, "one")).isTrue();

        assertThat(redis.read(store).tag()).isEqualTo("one");
        server.operator().select(3);
        assertThat(server.operator().hget("monotoken:" + redis.key, "tag")).isEqualTo("one");
        assertThat(server.operator().clientList()).contains("name=orders");
    }

    @Test
    void followsAFactoryThatIsStoppedAndStartedAgain() throws InterruptedException {
        RedisProcess server = redis.server(BUILD);
        LettuceConnectionFactory factory = factory(new RedisStandaloneConfiguration(RedisProcess.HOST, server.port()));
        RedisTokenStore store = store(factory);
        redis.replace(store, null, "one");
        Heard heard = new Heard(store);
        awaitSubscriber(server);

        factory.stop();
        assertThat(heard.error()).isInstanceOf(RedisException.class);
        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> store.read(redis.key).block(SOON))
                .withMessageContaining("LettuceConnectionFactory has been STOPPED");
        factory.start();

        assertThat(redis.read(store).tag()).isEqualTo("one");
        Heard again = new Heard(store);
        awaitSubscriber(server);
        redis.replace(store, "one", "two");
        assertThat(again.next().tag()).isEqualTo("two");
        again.stop();
    }

    private static void awaitSubscriber(RedisProcess server) {
        eventually(
                () -> server.operator().pubsubNumsub("monotoken:changes").get("monotoken:changes"),
                count -> count == 1);
    }

    @Test
    void leavesTheConnectionsOfTheFactoryAlone() {
        RedisProcess server = redis.server(BUILD);
        LettuceConnectionFactory factory = factory(new RedisStandaloneConfiguration(RedisProcess.HOST, server.port()));
        RedisTokenStore store = store(factory);
        redis.read(store);

        store.close();

        assertThat(factory.getConnection().ping()).isEqualTo("PONG");
    }

    @Test
    void asksTheMasterThatSentinelNamesAndNoReplica() {
        RedisProcess master = redis.server(BUILD);
        RedisProcess replica = redis.server(BUILD, "--replicaof", RedisProcess.HOST, Integer.toString(master.port()));
        RedisProcess sentinel = redis.open(RedisProcess.sentinel(BUILD, master));
        eventually(() -> sentinel.operator().info("sentinel"), info -> info.contains("slaves=1"));
        RedisTokenStore store = store(factory(
                new RedisSentinelConfiguration().master("mymaster").sentinel(RedisProcess.HOST, sentinel.port())));

        assertThat(redis.replace(store, null, "one")).isTrue();
        assertThat(redis.read(store).tag()).isEqualTo("one");

        assertThat(master.commandsRun()).containsKeys("hset", "time");
        assertThat(replica.commandsRun()).doesNotContainKeys("evalsha", "eval", "time");
    }

    @Test
    void asksTheMastersOfAClusterAndNoReplica() {
        RedisCluster cluster = redis.open(new RedisCluster(BUILD));
        RedisTokenStore store = store(factory(new RedisClusterConfiguration(
                List.of(RedisProcess.HOST + ":" + cluster.first().port()))));

        for (RedisProcess master : List.of(cluster.first(), cluster.second())) {
            String key = cluster.keyOf(master);
            assertThat(store.replace(key, null, "one", VALUE, KEEP).block(SOON)).isTrue();
            assertThat(store.read(key).block(SOON)).hasFieldOrPropertyWithValue("tag", "one");
        }

        assertThat(cluster.replicaOfFirst().commandsRun()).doesNotContainKeys("evalsha", "eval", "time");
    }

    @Test
    void cannotConnectThroughAFactoryOfStaticMasterAndReplicas() {
        RedisProcess server = redis.server(BUILD);
        RedisTokenStore store =
                store(factory(new RedisStaticMasterReplicaConfiguration(RedisProcess.HOST, server.port())));

        assertThatExceptionOfType(RedisException.class)
                .isThrownBy(() -> store.read(redis.key).block(SOON))
                .withMessage("Redis is out of reach: the RedisClient was created without an address;"
                        + " create it with a RedisURI of one server or of Sentinels");
    }
}
