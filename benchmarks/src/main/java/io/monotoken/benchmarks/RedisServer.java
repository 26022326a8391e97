package io.monotoken.benchmarks;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.embedded.core.ExecutableProvider;

/** A real Redis of its own on a port of this machine, which can be frozen, killed and started again. */
final class RedisServer implements AutoCloseable {

    private static final Pattern SCRIPTS = Pattern.compile("cmdstat_evalsha:calls=(\\d+)");
    private static final int ATTEMPTS = 500;

    private final String executable;
    private final int port;
    private Process process;

    RedisServer() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
            executable = ExecutableProvider.newJarResourceProvider().get().getPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process = started();
    }

    int port() {
        return port;
    }

    RedisClient client() {
        return RedisClient.create(RedisURI.create("127.0.0.1", port));
    }

    /** {@return how many scripts it has run: one for each look at a record and for each change} */
    long scripts() {
        return told(commands -> {
            Matcher calls = SCRIPTS.matcher(commands.info("commandstats"));
            return calls.find() ? Long.parseLong(calls.group(1)) : 0;
        });
    }

    void flush() {
        told(RedisCommands::flushall);
    }

    private <T> T told(Function<RedisCommands<String, String>, T> command) {
        try (RedisClient client = client();
                StatefulRedisConnection<String, String> connection = client.connect()) {
            return command.apply(connection.sync());
        }
    }

    void freeze() {
        signal("-STOP");
    }

    void thaw() {
        signal("-CONT");
    }

    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    void startAgain() {
        process = started();
    }

    private Process started() {
        try {
            Process begun = new ProcessBuilder(
                            executable, "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(begun::destroyForcibly));
            for (int i = 0; !answers(); i++) {
                if (i == ATTEMPTS || !begun.isAlive()) {
                    begun.destroyForcibly();
                    throw new IllegalStateException("Redis has not started on port " + port);
                }
                Pauses.of(Duration.ofMillis(10));
            }
            return begun;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean answers() {
        try {
            return told(RedisCommands::ping).equals("PONG");
        } catch (RuntimeException e) {
            return false;
        }
    }

    private void signal(String name) {
        try {
            new ProcessBuilder(List.of("kill", name, Long.toString(process.pid())))
                    .start()
                    .onExit()
                    .join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        thaw(); // a frozen one ends as well, but only then
        kill();
    }
}
