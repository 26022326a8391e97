package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static io.monotoken.redis.RedisFixture.KEEP;
import static io.monotoken.redis.RedisFixture.SOON;
import static io.monotoken.redis.RedisFixture.VALUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** What Redis refuses is told with what to do about it, and without a secret. */
@ParameterizedClass
@EnumSource(RedisBuild.class)
class RedisRefusalTests {

    private static final String SECRET = "S3cret-of-nobody";
    private static final String ADVICE_TO_PUBLISH = "RedisTokenStore[keyPrefix=monotoken:, minReplicas=0]:"
            + " the other instances are not told of changes and learn of them later, since the user of Redis may not publish;"
            + " give it +publish";

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private final RedisBuild build;
    private RedisProcess server;

    RedisRefusalTests(RedisBuild build) {
        this.build = build;
    }

    @BeforeEach
    void start() {
        server = redis.server(build);
    }

    private String failure(Mono<?> call) {
        RedisException failure = catchThrowableOfType(RedisException.class, () -> call.block(SOON));
        assertThat(failure).as("failure").isNotNull();
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace, true));
        assertThat(trace.toString()).doesNotContain(SECRET);
        return String.valueOf(failure.getMessage());
    }

    private Mono<?> read(RedisTokenStore store) {
        return store.read(redis.key);
    }

    private Mono<?> replace(RedisTokenStore store) {
        return store.replace(redis.key, null, "one", VALUE, KEEP);
    }

    @Test
    void somethingElseUnderTheKey() {
        server.operator().set("monotoken:" + redis.key, "something else");
        RedisTokenStore store = redis.store(server);

        String expected = "Redis refused: WRONGTYPE Operation against a key holding the wrong kind of value;"
                + " something else lies there; choose a key prefix that nobody else uses";
        assertThat(failure(read(store))).isEqualTo(expected);
        assertThat(failure(replace(store))).isEqualTo(expected);
    }

    @Test
    void noMemory() {
        server.operator().configSet("maxmemory", "1");
        RedisTokenStore store = redis.store(server);

        assertThat(failure(replace(store)))
                .isEqualTo("Redis refused: OOM command not allowed when used memory > 'maxmemory';"
                        + " raise maxmemory, or choose a maxmemory-policy that evicts");
        assertThat(redis.read(store).tag()).isNull();
    }

    @Test
    void fewerReplicasThanTheServerItselfWants() {
        server.operator().configSet("min-replicas-to-write", "1");

        assertThat(failure(replace(redis.store(server))))
                .isEqualTo("Redis refused: NOREPLICAS Not enough good replicas to write;"
                        + " the server has fewer replicas than its min-replicas-to-write");
    }

    @Test
    void aReplica() {
        RedisProcess replica = redis.server(build, "--replicaof", "127.0.0.1", Integer.toString(server.port()));
        eventually(() -> replica.operator().info("replication"), info -> info.contains("master_link_status:up"));
        RedisTokenStore store = redis.store(replica);

        assertThat(failure(replace(store)))
                .isEqualTo("Redis refused: READONLY You can't write against a read only replica;"
                        + " this is a replica; connect to the master, through Sentinel or as a cluster if it changes");
    }

    @Test
    void wrongCredentials() {
        server.operator().configSet("requirepass", "another");

        assertThat(failure(read(redis.store(server))))
                .startsWith("Redis refused: NOAUTH ")
                .endsWith("; check user name and password of the connection");
        RedisTokenStore wrong =
                redis.store(server.address().withPassword(SECRET.toCharArray()).build());
        // the end of a connection that was refused may be noticed before the refusal
        assertThat(eventually(() -> failure(read(wrong)), what -> !what.startsWith("Redis is out of reach")))
                .isEqualTo("Redis refused: WRONGPASS invalid username-password pair or user is disabled;"
                        + " check user name and password of the connection");
        assertThat(redis.read(redis.store(server.address()
                                .withPassword("another".toCharArray())
                                .build()))
                        .tag())
                .isNull();
    }

    @Test
    void aNodeOfAClusterAsAServer() {
        RedisProcess cluster = redis.server(build, "--cluster-enabled", "yes");
        assertThat(failure(read(redis.store(cluster))))
                .isEqualTo("Redis refused: CLUSTERDOWN Hash slot not served;"
                        + " the cluster does not serve this slot; see CLUSTER INFO");
        assertThat(failure(read(redis.store(
                        redis.client(RedisClusterClient.create(cluster.address().build()))))))
                .startsWith("no node of the cluster has slot ");
    }

    @Test
    void aServerAsACluster() {
        assertThat(failure(read(redis.store(redis.client(RedisClusterClient.create(
                        server.address().withPassword(SECRET.toCharArray()).build()))))))
                .startsWith("Redis is out of reach: Cannot reload Redis Cluster topology: ")
                .doesNotContain("*");
    }

    @Test
    void aClientWithoutAnAddress() {
        assertThat(failure(read(redis.store(redis.client(RedisClient.create())))))
                .isEqualTo("Redis is out of reach: the RedisClient was created without an address;"
                        + " create it with a RedisURI of one server or of Sentinels");
    }

    @Test
    void addressesWithSecretsAtWhichNobodyIs() {
        RedisURI sentinel = RedisURI.Builder.sentinel("127.0.0.1", RedisProcess.freePort(), "mymaster", SECRET)
                .withPassword(SECRET.toCharArray())
                .build();
        RedisURI nobody = RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(RedisProcess.freePort())
                .withAuthentication("me", SECRET.toCharArray())
                .build();

        Stream.of(
                        redis.store(sentinel),
                        redis.store(nobody),
                        redis.store(redis.client(RedisClusterClient.create(nobody))))
                .forEach(store -> assertThat(failure(read(store)))
                        .startsWith("Redis is out of reach: ")
                        .contains("Connection refused")
                        .doesNotContain("*", "\n"));
    }

    /** A user who may do what the store needs, without one of it. */
    @Nested
    class Permissions {

        static Stream<String> needed() {
            return RedisUser.NEEDED.stream();
        }

        private RedisTokenStore storeOfUserWithout(String permission) {
            RedisUser.create(
                    server,
                    SECRET,
                    needed().filter(each -> !each.equals(permission)).toList());
            return redis.store(RedisUser.address(server, SECRET));
        }

        @ParameterizedTest
        @MethodSource("needed")
        void areNeeded(String permission) {
            RedisTokenStore store = storeOfUserWithout(permission);

            switch (permission) {
                case "+time" -> assertThat(failure(read(store))).endsWith(adviceFor(permission));
                case "+subscribe", "&monotoken:*" ->
                    assertThat(failure(store.changes().next())).endsWith(adviceFor(permission));
                case "+publish" -> assertThat(warningsAt(store)).containsExactly(ADVICE_TO_PUBLISH);
                default -> assertThat(failure(replace(store))).endsWith(adviceFor(permission));
            }
        }

        private String adviceFor(String permission) {
            return "; give the user "
                    + (permission.startsWith("+") ? permission + "; all that the store needs is " : "")
                    + "+evalsha +eval +hmget +hset +time +pexpire +publish +subscribe,"
                    + " and the key prefix with ~ and &";
        }

        private List<String> warningsAt(RedisTokenStore store) {
            CapturedWarnings warnings = redis.open(new CapturedWarnings(RedisTokenStore.class));
            assertThat(redis.replace(store, null, "one")).isTrue();
            assertThat(redis.replace(store, "one", "two")).isTrue();
            return warnings.messages();
        }

        @Test
        void toPublishAreMissedAgainWhenTheyAreTakenAgain() {
            RedisTokenStore store = storeOfUserWithout("+publish");
            CapturedWarnings warnings = redis.open(new CapturedWarnings(RedisTokenStore.class));
            redis.replace(store, null, "one");

            server.operatorSays("ACL SETUSER monotoken +publish");
            redis.replace(store, "one", "two");
            server.operatorSays("ACL SETUSER monotoken -publish");
            redis.replace(store, "two", "three");

            assertThat(warnings.messages()).containsExactly(ADVICE_TO_PUBLISH, ADVICE_TO_PUBLISH);
        }

        @Test
        void toWaitForReplicasAreNeededWhereTheyMustConfirm() {
            RedisUser.create(server, SECRET, RedisUser.NEEDED);
            RedisTokenStore store = redis.store(
                    RedisTokenStore.builder(redis.client(RedisClient.create(RedisUser.address(server, SECRET))))
                            .minReplicas(1, Duration.ofMillis(10)));

            assertThat(failure(replace(store))).endsWith(adviceFor("+wait"));
            server.operatorSays("ACL SETUSER monotoken +wait");
            assertThat(failure(replace(store))).startsWith("record is in place, but 0 of 1 replicas have confirmed it");
        }

        @Test
        void toSelectAreNeededForAnotherDatabase() {
            RedisUser.create(server, SECRET, RedisUser.NEEDED);
            RedisURI third = RedisUser.address(server, SECRET);
            third.setDatabase(3);

            assertThat(failure(read(redis.store(third)))).endsWith(adviceFor("+select"));
            server.operatorSays("ACL SETUSER monotoken +select");
            assertThat(redis.read(redis.store(third)).tag()).isNull();
        }
    }
}
