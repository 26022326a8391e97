package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;

import io.lettuce.core.cluster.SlotHash;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Two masters with half of the slots each, and a replica of the first one. */
final class RedisCluster implements AutoCloseable {

    private static final int HALF = SlotHash.SLOT_COUNT / 2;

    private final RedisProcess first;
    private final RedisProcess second;
    private final RedisProcess replicaOfFirst;

    RedisCluster(RedisBuild build) {
        first = RedisProcess.node(build);
        second = RedisProcess.node(build);
        replicaOfFirst = RedisProcess.node(build);
        first.operator().clusterAddSlots(slots(0, HALF));
        second.operator().clusterAddSlots(slots(HALF, SlotHash.SLOT_COUNT));
        second.operatorSays("CLUSTER SET-CONFIG-EPOCH 2");
        first.operator().clusterMeet(RedisProcess.HOST, second.port());
        first.operator().clusterMeet(RedisProcess.HOST, replicaOfFirst.port());
        String id = first.operator().clusterMyId();
        eventually(() -> replicaOfFirst.operator().clusterNodes(), nodes -> nodes.contains(id));
        replicaOfFirst.operator().clusterReplicate(id);
        for (RedisProcess node : nodes()) {
            eventually(
                    () -> node.operator().clusterNodes(),
                    nodes -> Stream.of("slave " + id, "0-8191", "8192-16383").allMatch(nodes::contains));
            eventually(() -> node.operator().clusterInfo(), info -> info.contains("cluster_state:ok"));
        }
        eventually(() -> replicaOfFirst.operator().info("replication"), info -> info.contains("master_link_status:up"));
        replicaOfFirst.operatorSays("READONLY");
    }

    private static int[] slots(int from, int to) {
        return IntStream.range(from, to).toArray();
    }

    RedisProcess first() {
        return first;
    }

    RedisProcess second() {
        return second;
    }

    RedisProcess replicaOfFirst() {
        return replicaOfFirst;
    }

    List<RedisProcess> nodes() {
        return List.of(first, second, replicaOfFirst);
    }

    /** {@return a new key that belongs to a master} */
    String keyOf(RedisProcess master) {
        return Stream.generate(() -> UUID.randomUUID().toString())
                .filter(key -> SlotHash.getSlot("monotoken:" + key) < HALF == (master == first))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        nodes().forEach(RedisProcess::close);
    }
}
