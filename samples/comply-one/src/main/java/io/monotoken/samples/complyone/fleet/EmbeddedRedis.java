package io.monotoken.samples.complyone.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/** A Redis server of its own on a free port of 127.0.0.1, from a jar, which keeps nothing on disk. */
final class EmbeddedRedis implements AutoCloseable {

    static final String HOST = "127.0.0.1";

    private static final String CANNOT_RUN = """
            The embedded Redis does not run on this machine: %s
            Install a Redis of 6.2 or newer, and name its program:
               -Dspring-boot.run.arguments=--redis-server=/usr/bin/redis-server""";
    private static final String READY = "eady to accept connections";
    private static final int PATIENCE = 20; // seconds
    private static final int LINES_KEPT = 5;

    private final int port;
    private final Process process;

    private EmbeddedRedis(int port, Process process) {
        this.port = port;
        this.process = process;
    }

    /**
     * Starts the server and waits until it answers.
     *
     * @param program the server's program, null for the one from the jar
     * @throws CannotStartException if it does not run here
     */
    static EmbeddedRedis start(@Nullable Path program) {
        try {
            Path directory = Files.createTempDirectory("monotoken-redis");
            try {
                return start(program == null ? extracted(directory) : program, directory);
            } finally {
                delete(directory);
            }
        } catch (IOException | RuntimeException e) {
            throw new CannotStartException(CANNOT_RUN.formatted(e.getMessage()));
        }
    }

    private static EmbeddedRedis start(Path program, Path directory) throws IOException {
        int port = freePort();
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--bind",
                        HOST,
                        "--port",
                        Integer.toString(port),
                        "--save",
                        "",
                        "--dir",
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        EmbeddedRedis redis = new EmbeddedRedis(port, process);
        try {
            redis.awaitReady();
            return redis;
        } catch (IOException | RuntimeException e) {
            redis.close();
            throw e;
        }
    }

    private static Path extracted(Path directory) throws IOException {
        return ExecutableProvider.newJarResourceProvider(directory.toFile())
                .get()
                .toPath();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A server that runs needs neither its program nor its directory, except on Windows, where they stay. */
    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                file.toFile().delete();
            }
        }
        directory.toFile().delete();
    }

    private void awaitReady() throws IOException {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        Thread reader = new Thread(() -> outcome.complete(read(outcome)), "redis");
        reader.setDaemon(true);
        reader.start();
        String obstacle = outcome.completeOnTimeout(
                        "it has not started within " + PATIENCE + " s", PATIENCE, TimeUnit.SECONDS)
                .join();
        if (!obstacle.equals(READY)) {
            throw new IOException(obstacle);
        }
    }

    /** {@return why the server has ended; before that, the outcome is that it is ready} */
    private String read(CompletableFuture<String> outcome) {
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains(READY)) {
                    outcome.complete(READY);
                }
                last.addLast(line.strip());
                if (last.size() > LINES_KEPT) {
                    last.removeFirst();
                }
            }
            return "it ended and said: " + String.join(" | ", last);
        } catch (IOException e) {
            return "it ended: " + e.getMessage();
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
