package io.monotoken.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A redis-server on a port of 127.0.0.1 that keeps nothing on disk, and an operator's connection to it. */
final class RedisProcess implements AutoCloseable {

    static final String HOST = "127.0.0.1";

    /** Nodes of a Cluster talk to each other on a port so much higher. */
    private static final int CLUSTER_BUS = 10_000;

    private static final Duration STARTS_WITHIN = Duration.ofSeconds(20);

    private final List<String> command = new ArrayList<>();
    private final Path directory;
    private final int port;
    private @Nullable Process process;
    private @Nullable RedisClient client;
    private @Nullable RedisCommands<String, String> commands;

    private RedisProcess(RedisBuild build, int port, String... options) {
        this.port = port;
        command.add(build.executable().toString()); // first, since it may skip the test
        try {
            this.directory = Files.createTempDirectory("redis");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        command.addAll(List.of(options));
        command.addAll(List.of("--bind", HOST, "--dir", directory.toString(), "--port", Integer.toString(port)));
    }

    private static RedisProcess of(RedisBuild build, String... options) {
        return new RedisProcess(build, freePort(), options);
    }

    /** {@return a server that answers} */
    static RedisProcess start(RedisBuild build, String... options) {
        RedisProcess server = away(build, options);
        server.start();
        return server;
    }

    /** {@return a server that is not there yet} */
    static RedisProcess away(RedisBuild build, String... options) {
        return of(
                build,
                Stream.concat(Stream.of("--save", "", "--repl-diskless-sync-delay", "0"), Stream.of(options))
                        .toArray(String[]::new));
    }

    /** {@return a Sentinel that watches a server under the name that Sentinels begin with} */
    static RedisProcess sentinel(RedisBuild build, RedisProcess master) {
        RedisProcess sentinel = of(build);
        Path configuration = sentinel.directory.resolve("sentinel.conf");
        try {
            Files.writeString(
                    configuration,
                    "sentinel monitor mymaster " + HOST + " " + master.port + " 1\n"
                            + "sentinel down-after-milliseconds mymaster 1000\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sentinel.command.add(1, configuration.toString());
        sentinel.command.add("--sentinel");
        sentinel.start();
        return sentinel;
    }

    /** {@return a node of a Cluster that knows no other one and has no slots} */
    static RedisProcess node(RedisBuild build) {
        int port = freePort();
        while (port + CLUSTER_BUS > 65_535) {
            port = freePort();
        }
        RedisProcess node = new RedisProcess(
                build,
                port,
                "--save",
                "",
                "--repl-diskless-sync-delay",
                "0",
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "2000",
                "--cluster-require-full-coverage",
                "no");
        node.start();
        return node;
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void start() {
        CompletableFuture<Void> ready = new CompletableFuture<>();
        List<String> log = new ArrayList<>();
        try {
            Process started = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            process = started;
            Thread reader = new Thread(
                    () -> {
                        try (BufferedReader lines =
                                new BufferedReader(new InputStreamReader(started.getInputStream(), UTF_8))) {
                            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                                log.add(line);
                                if (line.contains("eady to accept connections") || line.contains("+monitor master")) {
                                    ready.complete(null);
                                }
                            }
                        } catch (IOException e) {
                            log.add(e.toString());
                        }
                        ready.completeExceptionally(new IllegalStateException("redis-server ended: " + log));
                    },
                    "redis-" + port);
            reader.setDaemon(true);
            reader.start();
            ready.get(STARTS_WITHIN.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("redis-server has not started: " + log, e);
        }
    }

    int port() {
        return port;
    }

    /** {@return an address with the time-outs of tests} */
    RedisURI.Builder address() {
        return RedisURI.builder().withHost(HOST).withPort(port).withTimeout(Duration.ofSeconds(10));
    }

    /** {@return what an operator tells the server; connected at the first call, so before the server asks for a password} */
    RedisCommands<String, String> operator() {
        if (commands == null) {
            RedisClient opened = RedisClient.create(address().build());
            opened.setOptions(ClientOptions.builder()
                    .timeoutOptions(TimeoutOptions.enabled())
                    .build());
            client = opened;
            commands = opened.connect().sync();
        }
        return commands;
    }

    /** Says what Lettuce has no method for. */
    void operatorSays(String line) {
        String[] words = line.split(" ");
        CommandArgs<String, String> arguments = new CommandArgs<>(StringCodec.UTF8);
        Stream.of(words).skip(1).forEach(arguments::add);
        operator().dispatch(CommandType.valueOf(words[0]), new StatusOutput<>(StringCodec.UTF8), arguments);
    }

    /** {@return how often the server was sent or ran each command since {@code CONFIG RESETSTAT}} */
    Map<String, Long> commandsRun() {
        return operator()
                .info("commandstats")
                .lines()
                .map(Pattern.compile("cmdstat_([^:]+):calls=(\\d+),.*")::matcher)
                .filter(Matcher::matches)
                .filter(line -> !line.group(1).matches("info|config.*"))
                .collect(Collectors.toMap(
                        line -> line.group(1), line -> Long.parseLong(line.group(2)), Long::sum, TreeMap::new));
    }

    /** Ends the server without a word. */
    void kill() {
        Process killed = process;
        if (killed != null) {
            killed.destroyForcibly();
            try {
                killed.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The server goes on accepting connections and answers nothing. */
    void freeze() {
        signal("-STOP");
    }

    void thaw() {
        signal("-CONT");
    }

    private void signal(String name) {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("not running");
        }
        try {
            int result = new ProcessBuilder("kill", name, Long.toString(running.pid()))
                    .start()
                    .waitFor();
            if (result != 0) {
                throw new IllegalStateException("kill " + name + " said " + result);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (client != null) {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
        kill();
        if (!Files.exists(directory)) {
            return; // closed before
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
