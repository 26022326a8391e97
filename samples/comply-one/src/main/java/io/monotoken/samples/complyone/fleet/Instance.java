package io.monotoken.samples.complyone.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@link FleetMember} in a process of its own, and what it says. */
final class Instance implements AutoCloseable {

    private static final Pattern SERVING = Pattern.compile("Serving http://localhost:(\\d+) .*");
    private static final int PATIENCE = 5; // seconds

    private final String name;
    private final Process process;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();

    private Instance(String name, Process process) {
        this.name = name;
        this.process = process;
        Thread listener = new Thread(this::listen, name);
        listener.setDaemon(true);
        listener.start();
    }

    /**
     * @param name that operators see, as they see that of a pod
     * @param port 0 for a free one
     */
    static Instance start(String name, int port, Surroundings surroundings) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FleetMember.class.getName(),
                "--server.port=" + port));
        command.addAll(surroundings.arguments());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(surroundings.variables());
        builder.environment()
                .put(FleetMember.REDIS, Long.toString(surroundings.redis().pid()));
        builder.environment().put("HOSTNAME", name);
        try {
            return new Instance(name, builder.start());
        } catch (IOException e) {
            throw new CannotStartException(name + " cannot be started: " + e.getMessage());
        }
    }

    private void listen() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher serving = SERVING.matcher(line);
                if (serving.matches()) {
                    port.complete(Integer.valueOf(serving.group(1)));
                } else {
                    System.out.println(name + " | " + line);
                }
            }
        } catch (IOException e) {
            System.out.println(name + " | " + e.getMessage());
        }
        port.completeExceptionally(new IllegalStateException("ended before it served"));
    }

    String name() {
        return name;
    }

    /** {@return its port, once it serves; fails if it ends before} */
    CompletableFuture<Integer> port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** {@return whether it has served, once it has ended} */
    CompletableFuture<Boolean> ended() {
        return process.onExit().thenCompose(ended -> port.handle((served, failure) -> failure == null));
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException e) {
            // it has ended
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
