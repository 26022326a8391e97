package io.monotoken.redis;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/** Leaves out of the watch what Lettuce and its Netty do on their own event loops, whoever uses them. */
public final class LettuceBlockHoundIntegration implements BlockHoundIntegration {

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator", "allocate") // two meet in a lock
                .allowBlockingCallsInside( // reads random bytes, and certificates from files, before it connects
                        "io.lettuce.core.SslConnectionBuilder$SslChannelInitializer", "initChannel");
    }
}
