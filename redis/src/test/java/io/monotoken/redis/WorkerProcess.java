package io.monotoken.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.monotoken.testing.StandInTokenServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A {@link FleetWorker} in a process of its own, and what it has said. */
final class WorkerProcess implements AutoCloseable {

    private final Process process;
    private final List<String> said = new ArrayList<>();

    private WorkerProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::listen, "worker-" + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * @param redisPort where the worker finds Redis, or what stands before it
     */
    static WorkerProcess start(
            int redisPort,
            StandInTokenServer server,
            String password,
            Duration timeout,
            Duration lease,
            int minReplicas) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                FleetWorker.class.getName(),
                Integer.toString(redisPort),
                server.tokenUri().toString(),
                Long.toString(timeout.toMillis()),
                Long.toString(lease.toMillis()),
                server.clientId(),
                server.clientSecret(),
                server.username(),
                password,
                "email resources_stems_api offline_access",
                Integer.toString(minReplicas));
        try {
            return new WorkerProcess(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void listen() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (said) {
                    said.add(line);
                    said.notifyAll();
                }
            }
        } catch (IOException e) {
            synchronized (said) {
                said.add("ENDED " + e);
            }
        }
    }

    List<String> said() {
        synchronized (said) {
            return List.copyOf(said);
        }
    }

    /** {@return the number of lines until now, for {@link #await}} */
    int position() {
        return said().size();
    }

    static boolean isToken(String line) {
        return line.startsWith("TOKEN ");
    }

    /** {@return the last token that it has had} */
    String token() {
        return said().stream()
                .filter(WorkerProcess::isToken)
                .reduce((first, second) -> second)
                .orElse("none");
    }

    /** Waits for a line after a position. */
    String await(int position, Predicate<String> line, Duration longest) {
        long until = System.nanoTime() + longest.toNanos();
        synchronized (said) {
            while (true) {
                for (int i = position; i < said.size(); i++) {
                    if (line.test(said.get(i))) {
                        return said.get(i);
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("not said within " + longest + ": " + said);
                }
                try {
                    said.wait(left);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    void tell(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@code kill -9}. */
    void kill() {
        process.destroyForcibly();
    }

    void freeze() {
        signal("-STOP");
    }

    void thaw() {
        signal("-CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
