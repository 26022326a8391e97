package io.monotoken.testing;

import java.time.Duration;

/**
 * The settings that both stand-ins have in common: where they listen and how long their answers wait.
 *
 * <p>Not public: users see these methods as those of the two builders, each of which returns itself.
 *
 * @param <B> the builder
 */
abstract sealed class ServerBuilder<B extends ServerBuilder<B>> permits StandInApi.Builder, TokenServerBuilder {

    private int port;
    private Duration latency = Duration.ZERO;

    ServerBuilder() {}

    abstract B self();

    /**
     * Sets the port.
     *
     * @param port the port; 0, the default, takes a free one
     * @return this
     */
    public B port(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be from 0 to 65535, was " + port + "; 0 takes a free one");
        }
        this.port = port;
        return self();
    }

    /**
     * Sets how long answers wait after the request was processed; the running server can change it.
     *
     * @param latency zero, the default, or more; nanosecond resolution
     * @return this
     */
    public B latency(Duration latency) {
        this.latency = LoopbackServer.checkedLatency(latency);
        return self();
    }

    int port() {
        return port;
    }

    Duration latency() {
        return latency;
    }

    static String checkedPath(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("path must begin with a slash, was '" + path + "'");
        }
        return path;
    }
}
