package io.monotoken.samples.complyone.fleet;

import io.monotoken.samples.complyone.StandIns;
import io.monotoken.samples.complyone.TokenRequestCounts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Starts a Redis, the stand-ins, and two instances of the application that share one token, each in a process of its own. One
 * that was killed is started again after a while, as an orchestrator does. All of them end with this process.
 */
public final class Fleet implements AutoCloseable {

    private static final Duration TOKEN_LIFE = Duration.ofSeconds(30);
    private static final Duration BACK_AFTER = Duration.ofSeconds(20);
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final String FIRST_PORT = "8081";
    private static final int SIZE = 2;
    private static final String KILL =
            System.getProperty("os.name").startsWith("Windows") ? "taskkill /F /PID " : "kill -9 ";

    private static final String BEGINNING = """
            Two instances of this application act as one client. What they share is in a Redis that starts with them.
               Stems Accounts at %s, whose tokens live %d s and are renewed after half of that
               Redis at %s:%d
            Starting ...
            """;
    private static final String SERVING = """
            %s

            Open both pages side by side. Each one tells who leads: the instance that got the current token for both.
            Kill the leader, by its line above, and watch the other one go on. It is started again after %d s.
            Ctrl-C ends all of them.
            """;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Set<Instance> running = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private volatile boolean closed;

    private Fleet() {}

    /**
     * Runs until Ctrl-C, or until no instance is left.
     *
     * @param arguments {@code --server.port} of the first instance, 0 for free ones; {@code --redis-server}, a program that takes
     *     the place of the embedded Redis
     */
    public static void main(String[] arguments) {
        int status = 0;
        try (Fleet fleet = new Fleet()) {
            Runtime.getRuntime().addShutdownHook(new Thread(fleet::close));
            ProcessHandle.current().parent().ifPresent(maven -> maven.onExit().thenRun(() -> System.exit(0)));
            System.out.println(fleet.run(new SimpleCommandLinePropertySource(arguments)));
        } catch (CannotStartException e) {
            System.out.println(e.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private String run(SimpleCommandLinePropertySource options) {
        String program = options.getProperty("redis-server");
        int port = Integer.parseInt(Objects.requireNonNullElse(options.getProperty("server.port"), FIRST_PORT));
        EmbeddedRedis redis = open(() -> EmbeddedRedis.start(program == null ? null : Path.of(program)));
        StandIns standIns = open(() -> StandIns.start(TOKEN_LIFE));
        System.out.println(BEGINNING.formatted(
                standIns.stemsAccounts().tokenUri(), TOKEN_LIFE.toSeconds(), EmbeddedRedis.HOST, redis.port()));
        Surroundings surroundings = Surroundings.of(redis, standIns);
        String instances = IntStream.range(0, SIZE)
                .mapToObj(
                        index -> served(start("comply-one-" + (index + 1), port == 0 ? 0 : port + index, surroundings)))
                .collect(Collectors.joining("\n"));
        System.out.println(SERVING.formatted(instances, BACK_AFTER.toSeconds()));
        return end.join();
    }

    private Instance start(String name, int port, Surroundings surroundings) {
        Instance instance = open(() -> Instance.start(name, port, surroundings));
        running.add(instance);
        instance.ended().thenAccept(served -> ended(instance, served, surroundings));
        return instance;
    }

    /** {@return where an instance serves and how it is killed, once it does} */
    private static String served(Instance instance) {
        try {
            int port = instance.port().join();
            return "   " + instance.name() + "  http://localhost:" + port + "  " + KILL + instance.pid();
        } catch (CompletionException e) {
            throw new CannotStartException(instance.name() + " has ended before it served; see what it said above");
        }
    }

    private void ended(Instance instance, boolean served, Surroundings surroundings) {
        running.remove(instance);
        if (closed) {
            return;
        }
        if (running.isEmpty() || !served) {
            end.complete(instance.name() + " has ended, and with it the fleet. " + requests(surroundings));
            return;
        }
        System.out.println(instance.name() + " has ended. " + requests(surroundings));
        TokenRequestCounts before = surroundings.standIns().tokenRequests();
        Flux.interval(LOOK)
                .filter(tick -> !surroundings.standIns().tokenRequests().equals(before))
                .next()
                .timed()
                .take(BACK_AFTER)
                .subscribe(next -> System.out.printf(
                        "The other one led %.1f s later. %s%n",
                        next.elapsedSinceSubscription().toMillis() / 1000.0, requests(surroundings)));
        Mono.delay(BACK_AFTER).subscribe(tick -> startAgain(instance, surroundings));
    }

    private void startAgain(Instance ended, Surroundings surroundings) {
        if (!closed) {
            Instance instance = start(ended.name(), ended.port().join(), surroundings);
            instance.port().thenRun(() -> System.out.println(served(instance) + "  " + requests(surroundings)));
        }
    }

    private static String requests(Surroundings surroundings) {
        return "Token requests until now: " + surroundings.standIns().tokenRequests();
    }

    private synchronized <T extends AutoCloseable> T open(Supplier<T> start) {
        if (closed) {
            throw new CannotStartException("The fleet has ended");
        }
        T started = start.get();
        opened.push(started);
        return started;
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                System.out.println(e);
            }
        }
    }
}
