package io.monotoken.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.monotoken.TokenStore;
import io.monotoken.redis.SharedConnection.ConnectionLost;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Keeps what instances share in Redis 6.2 or newer, or in what speaks its protocol.
 *
 * <pre>{@code
 * RedisTokenStore store = RedisTokenStore.builder(RedisClient.create("rediss://redis.internal")).build();
 * TokenSource tokens = TokenSource.builder(endpoint, grant)
 *         .tokenStore(store, StoreSettings.encryptedBy("k1", key))
 *         .build();
 * }</pre>
 *
 * <p>It has two connections of its own, which it makes when they are first wanted: Redis may be away when the application
 * starts, and whenever it likes. While it is away, calls fail as soon as connecting does; the next call tries again. A call
 * that nobody cancels fails after {@value #ANSWER_SECONDS} s. One that meets a lost connection is made once more, on a new one.
 *
 * <p>Instants are those of the server's clock, which the servers of one application should have from the same source.
 *
 * <p>Threads: answers arrive on Lettuce's event loops, failures to connect on a thread that may block. Safe to share.
 */
public final class RedisTokenStore implements TokenStore, AutoCloseable {

    /** What keys and the channel for hints begin with unless set: {@value}. */
    public static final String DEFAULT_KEY_PREFIX = "monotoken:";

    private static final int ANSWER_SECONDS = 10;
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(ANSWER_SECONDS);
    private static final Duration LONGEST_LIFE = Duration.ofDays(36_500);
    private static final long NOT_IN_PLACE = 0;
    private static final long IN_PLACE_AND_NOBODY_TOLD = 2;
    private static final Logger LOGGER = Loggers.getLogger(RedisTokenStore.class);

    private final String keyPrefix;
    private final byte[] channel;
    private final int minReplicas;
    private final Duration replicasWithin;
    private final SharedConnection<StatefulConnection<byte[], byte[]>> connection;
    private final SharedConnection<StatefulRedisPubSubConnection<byte[], byte[]>> subscription;
    private final Changes changes;
    private final AtomicBoolean nobodyTold = new AtomicBoolean();

    private RedisTokenStore(Builder builder) {
        Supplier<? extends AbstractRedisClient> client = builder.client;
        this.keyPrefix = builder.keyPrefix;
        String channel = keyPrefix + "changes";
        this.channel = channel.getBytes(US_ASCII);
        this.minReplicas = builder.minReplicas;
        this.replicasWithin = builder.replicasWithin;
        this.connection = new SharedConnection<>(() -> connect(client.get()), builder.nanos);
        this.subscription = new SharedConnection<>(() -> connectPubSub(client.get()), builder.nanos);
        this.changes = new Changes(subscription, channel, builder.hintsCheckedEvery);
    }

    /**
     * Begins a store that connects through a client of the application.
     *
     * @param client a {@link RedisClient} that was created with an address, for one server or through Sentinel, or a
     *     {@link RedisClusterClient}; with it come TLS, credentials, database and times
     * @return a builder
     */
    public static Builder builder(AbstractRedisClient client) {
        Objects.requireNonNull(client, "client");
        return new Builder(() -> client);
    }

    /**
     * Begins a store that asks for the client each time it connects.
     *
     * @param client as above; may block. With Spring Data Redis it is {@code connectionFactory::getRequiredNativeClient}, which
     *     follows a factory that is stopped and started again
     * @return a builder
     */
    public static Builder builder(Supplier<? extends AbstractRedisClient> client) {
        return new Builder(Objects.requireNonNull(client, "client"));
    }

    @Override
    public Mono<Reading> read(String key) {
        return run(key, node -> node.<List<?>>run(Script.READ)).map(RedisTokenStore::reading);
    }

    @Override
    public Mono<Boolean> replace(String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
        byte[] expected = expectedTag == null ? new byte[0] : expectedTag.getBytes(UTF_8);
        byte[] record = value.clone();
        return run(
                key,
                node -> node.<Long>run(
                                Script.REPLACE,
                                expected,
                                tag.getBytes(UTF_8),
                                record,
                                Long.toString(millis(keep)).getBytes(US_ASCII),
                                channel,
                                Changes.message(key, tag))
                        .flatMap(done -> {
                            if (done == NOT_IN_PLACE) {
                                return Mono.just(false);
                            }
                            warnOfMissingHints(done == IN_PLACE_AND_NOBODY_TOLD);
                            return node.replicated();
                        }));
    }

    private void warnOfMissingHints(boolean missing) {
        if (nobodyTold.getAndSet(missing) != missing && missing) {
            LOGGER.warn(
                    "{}: the other instances are not told of changes and learn of them later, since the user of Redis may"
                            + " not publish; give it +publish",
                    this);
        }
    }

    @Override
    public Flux<Change> changes() {
        return changes.flux();
    }

    /** Closes the connections of the store, which fails what is under way and all that comes; leaves the client open. */
    @Override
    public void close() {
        connection.close();
        subscription.close();
    }

    @Override
    public String toString() {
        return "RedisTokenStore[keyPrefix=" + keyPrefix + ", minReplicas=" + minReplicas + "]";
    }

    private static StatefulConnection<byte[], byte[]> connect(AbstractRedisClient client) {
        if (client instanceof RedisClusterClient cluster) {
            cluster.refreshPartitions();
            return cluster.connect(ByteArrayCodec.INSTANCE);
        }
        return single(client).connect(ByteArrayCodec.INSTANCE);
    }

    private static StatefulRedisPubSubConnection<byte[], byte[]> connectPubSub(AbstractRedisClient client) {
        if (client instanceof RedisClusterClient cluster) {
            cluster.refreshPartitions();
            return cluster.connectPubSub(ByteArrayCodec.INSTANCE);
        }
        return single(client).connectPubSub(ByteArrayCodec.INSTANCE);
    }

    private static RedisClient single(AbstractRedisClient client) {
        if (client instanceof RedisClient single) {
            return single;
        }
        throw new IllegalArgumentException("client must be a RedisClient or a RedisClusterClient, was "
                + client.getClass().getName());
    }

    private <T> Mono<T> run(String key, Function<Node, Mono<T>> work) {
        byte[] redisKey = (keyPrefix + key).getBytes(UTF_8);
        return once(redisKey, null, work)
                .onErrorResume(ConnectionLost.class, lost -> once(redisKey, Failures.movedTo(lost), work))
                .timeout(
                        ANSWER_WITHIN,
                        Mono.error(() -> new RedisException("Redis has not answered within " + ANSWER_WITHIN)))
                .onErrorMap(Failures::explained);
    }

    private <T> Mono<T> once(byte[] key, @Nullable RedisURI movedTo, Function<Node, Mono<T>> work) {
        return connection
                .link()
                .flatMap(link -> link.guard(Mono.defer(() -> node(link, key, movedTo))))
                .flatMap(work);
    }

    private Mono<Node> node(
            SharedConnection<StatefulConnection<byte[], byte[]>>.Link link, byte[] key, @Nullable RedisURI movedTo) {
        StatefulConnection<byte[], byte[]> redis = link.connection();
        if (!(redis instanceof StatefulRedisClusterConnection<byte[], byte[]> cluster)) {
            return Mono.just(new Node(link, "", ((StatefulRedisConnection<byte[], byte[]>) redis).async(), key));
        }
        RedisURI address = movedTo == null ? master(cluster, key) : movedTo;
        return Mono.fromCompletionStage(() -> cluster.getConnectionAsync(address.getHost(), address.getPort()))
                .map(one -> {
                    link.dependsOn(one);
                    // WAIT must come on the connection that has written; the cluster's own commands might follow a slot
                    return new Node(
                            link,
                            address.getHost() + ":" + address.getPort(),
                            minReplicas == 0 ? cluster.async() : one.async(),
                            key);
                });
    }

    /** Nothing was sent, whatever becomes of the connection. */
    private static final class SlotWithoutNode extends RedisException {

        SlotWithoutNode(int slot) {
            super("no node of the cluster has slot " + slot + "; see CLUSTER INFO");
        }
    }

    private static RedisURI master(StatefulRedisClusterConnection<byte[], byte[]> cluster, byte[] key) {
        int slot = SlotHash.getSlot(key);
        RedisClusterNode master = cluster.getPartitions().getMasterBySlot(slot);
        if (master == null) {
            throw new SlotWithoutNode(slot);
        }
        return master.getUri();
    }

    private static Reading reading(List<?> answer) {
        byte[] tag = (byte[]) answer.get(0);
        byte[] value = (byte[]) answer.get(1);
        Instant now = Instant.ofEpochSecond(number(answer.get(2)), number(answer.get(3)) * 1000);
        return tag == null
                ? new Reading(null, null, now)
                : new Reading(new String(tag, UTF_8), value == null ? new byte[0] : value, now);
    }

    private static long number(Object digits) {
        return Long.parseLong(new String((byte[]) digits, US_ASCII));
    }

    /** {@return milliseconds, rounded up and within what Redis takes} */
    private static long millis(Duration keep) {
        Duration life = keep.compareTo(LONGEST_LIFE) < 0 ? keep : LONGEST_LIFE;
        return Math.max(1, life.plusNanos(999_999).toMillis());
    }

    /** The server that has a key. */
    private final class Node {

        private final SharedConnection<?>.Link link;
        private final String id;
        private final RedisClusterAsyncCommands<byte[], byte[]> commands;
        private final byte[] key;

        Node(SharedConnection<?>.Link link, String id, RedisClusterAsyncCommands<byte[], byte[]> commands, byte[] key) {
            this.link = link;
            this.id = id;
            this.commands = commands;
            this.key = key;
        }

        <T> Mono<T> run(Script script, byte[]... arguments) {
            return link.<T>answer(id, () -> script.runKnown(commands, key, arguments))
                    .onErrorResume(
                            RedisNoScriptException.class,
                            unknown -> link.answer(id, () -> script.run(commands, key, arguments)));
        }

        Mono<Boolean> replicated() {
            if (minReplicas == 0) {
                return Mono.just(true);
            }
            return link.answer(id, () -> commands.waitForReplication(minReplicas, replicasWithin.toMillis()))
                    .map(replicas -> {
                        if (replicas < minReplicas) {
                            throw new RedisException("record is in place, but " + replicas + " of " + minReplicas
                                    + " replicas have confirmed it within " + replicasWithin
                                    + "; see INFO replication, or ask for fewer");
                        }
                        return true;
                    });
        }
    }

    /** Describes a {@link RedisTokenStore}. Not safe to share between threads. */
    public static final class Builder {

        private static final Pattern VISIBLE = Pattern.compile("[!-~]+");
        private static final Duration LONGEST_WAIT = Duration.ofSeconds(ANSWER_SECONDS);

        private final Supplier<? extends AbstractRedisClient> client;
        private String keyPrefix = DEFAULT_KEY_PREFIX;
        private int minReplicas;
        private Duration replicasWithin = Duration.ZERO;
        private LongSupplier nanos = System::nanoTime;
        private Duration hintsCheckedEvery = Duration.ofSeconds(30);

        private Builder(Supplier<? extends AbstractRedisClient> client) {
            this.client = client;
        }

        /**
         * What keys and the channel for hints begin with, so that applications that share nothing can have one Redis.
         *
         * @param keyPrefix visible ASCII characters; {@value #DEFAULT_KEY_PREFIX} unless set
         * @return this builder
         */
        public Builder keyPrefix(String keyPrefix) {
            if (!VISIBLE.matcher(Objects.requireNonNull(keyPrefix, "keyPrefix")).matches()) {
                throw new IllegalArgumentException("keyPrefix must be visible ASCII characters, was '" + keyPrefix
                        + "'; the default is '" + DEFAULT_KEY_PREFIX + "'");
            }
            this.keyPrefix = keyPrefix;
            return this;
        }

        /**
         * How many replicas must have a record before it counts as in place, so that a failover does not bring the one before
         * it back. With fewer, {@link TokenStore#replace} fails and the record is in place all the same. The commands that
         * follow on the connection wait meanwhile.
         *
         * @param replicas none unless set
         * @param within how long they may take, well below {@link io.monotoken.StoreSettings#timeout()}; 10 s at most,
         *     millisecond resolution
         * @return this builder
         */
        public Builder minReplicas(int replicas, Duration within) {
            if (replicas < 0) {
                throw new IllegalArgumentException("replicas must not be negative, was " + replicas + "; 0 is none");
            }
            if (Objects.requireNonNull(within, "within").toMillis() <= 0 || within.compareTo(LONGEST_WAIT) > 0) {
                throw new IllegalArgumentException(
                        "within must be between a millisecond and " + LONGEST_WAIT + ", was " + within);
            }
            this.minReplicas = replicas;
            this.replicasWithin = within;
            return this;
        }

        Builder nanos(LongSupplier nanos) {
            this.nanos = nanos;
            return this;
        }

        Builder hintsCheckedEvery(Duration hintsCheckedEvery) {
            this.hintsCheckedEvery = hintsCheckedEvery;
            return this;
        }

        /**
         * Builds the store. Nothing is sent and nothing connects.
         *
         * @return the store
         */
        public RedisTokenStore build() {
            return new RedisTokenStore(this);
        }
    }
}
