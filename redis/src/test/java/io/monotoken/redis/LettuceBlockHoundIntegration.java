package io.monotoken.redis;

import java.lang.reflect.Method;
import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Leaves out of the watch what Lettuce and its Netty do on their own event loops, whoever uses them.
 *
 * <p>Where Lettuce meets another thread in a lock while it connects or closes, a refusal would end the step halfway: a shutdown
 * that comes later then waits for ever.
 */
public final class LettuceBlockHoundIntegration implements BlockHoundIntegration {

    private static final String CLUSTER = "io.lettuce.core.cluster.PooledClusterConnectionProvider";

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator", "allocate") // two meet in a lock
                .allowBlockingCallsInside( // reads random bytes, and certificates from files, before it connects
                        "io.lettuce.core.SslConnectionBuilder$SslChannelInitializer", "initChannel")
                .allowBlockingCallsInside(
                        "io.lettuce.core.CloseEvents", "fireEventClosed") // waits for what closes along
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "doExclusive") // a channel that closed
                .allowBlockingCallsInside("io.lettuce.core.cluster.topology.Connections", "addConnection")
                .allowBlockingCallsInside("io.lettuce.core.cluster.topology.Connections", "isEmpty");
        allowLambdas(builder, CLUSTER, "getReadConnection"); // a node to which it has connected
        allowLambdas(builder, CLUSTER, "getWriteConnection");
        allowLambdas(builder, CLUSTER + "$NodeConnectionPostProcessor", "apply");
    }

    private static void allowLambdas(BlockHound.Builder builder, String type, String method) {
        try {
            for (Method each : Class.forName(type, false, LettuceBlockHoundIntegration.class.getClassLoader())
                    .getDeclaredMethods()) {
                if (each.getName().startsWith("lambda$" + method + "$")) {
                    builder.allowBlockingCallsInside(type, each.getName());
                }
            }
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
