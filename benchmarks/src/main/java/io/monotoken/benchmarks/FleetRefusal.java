package io.monotoken.benchmarks;

import io.monotoken.testing.StandInTokenServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Five processes and three restarts with a wrong password send it once. */
final class FleetRefusal {

    private static final Duration LONGEST = Duration.ofSeconds(60);

    private static final String SHARING = Row.MONOTOKEN + ", processes that share";
    private static final String ALONE = "processes, each for itself";
    private static final String SENT = "times it was sent";

    private FleetRefusal() {}

    static List<Row> measure(Pace pace) {
        int processes = FleetPace.processes(pace);
        int restarts = processes / 2 + 1;
        Notes notes = new Notes();
        try (RedisServer redis = new RedisServer();
                StemsStandIn shared = new StemsStandIn(Duration.ZERO, Duration.ofMinutes(30));
                StemsStandIn alone = new StemsStandIn(Duration.ZERO, Duration.ofMinutes(30))) {
            round(SHARING, shared.server(), redis.port(), processes, restarts, notes);
            round(ALONE, alone.server(), InstanceProcess.NO_REDIS, processes, restarts, notes);
        }
        String claim = "wrong password, " + processes + " processes and " + restarts + " restarts";
        return List.of(notes.row(claim, SHARING, SENT).alwaysAtMost(1), notes.row(claim, ALONE, SENT));
    }

    private static void round(
            String contender, StandInTokenServer server, int redisPort, int processes, int restarts, Notes notes) {
        List<Process> running = new ArrayList<>();
        try {
            for (int i = 0; i < processes; i++) {
                running.add(started(server, redisPort));
            }
            running.forEach(FleetRefusal::awaitRefusal);
            for (int i = 0; i < restarts; i++) {
                running.get(i).destroyForcibly();
                running.set(i, started(server, redisPort));
                awaitRefusal(running.get(i));
            }
        } finally {
            running.forEach(Process::destroyForcibly);
        }
        notes.count(contender, SENT, server.wrongPasswords());
    }

    private static Process started(StandInTokenServer server, int redisPort) {
        try {
            return new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-Xmx64m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            InstanceProcess.class.getName(),
                            server.tokenUri().toString(),
                            Integer.toString(redisPort))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitRefusal(Process process) {
        long end = System.nanoTime() + LONGEST.toNanos();
        try {
            while (process.getInputStream().available() == 0) {
                if (System.nanoTime() - end > 0 || !process.isAlive()) {
                    throw new IllegalStateException("a process has not told of its refusal");
                }
                Pauses.of(Duration.ofMillis(10));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
