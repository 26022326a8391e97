package io.monotoken.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.monotoken.TokenSource;
import io.monotoken.spring.client.BearerTokenFilter;
import io.monotoken.testing.StandInApi;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.netty.resources.ConnectionProvider;

/** A request over loopback takes as much processor time as one with a constant header, client and API together. */
final class EndToEnd {

    private static final int CONCURRENT = 64;
    private static final int ROUNDS = 3; // for each of the pace's: a difference of some percent is sought

    private static final String CLAIM = "end to end";
    private static final String LIMIT = "a constant header";
    private static final String CPU = "µs of CPU a request";

    private EndToEnd() {}

    static List<Row> measure(Pace pace) {
        Notes notes = new Notes();
        ConnectionProvider connections = StemsStandIn.connections(CONCURRENT);
        try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, Duration.ofMinutes(30));
                StandInApi api = StandInApi.complyOne(stems.server()).start();
                TokenSource source = stems.source()) {
            WebClient constant = StemsStandIn.client(
                    api,
                    connections,
                    StemsStandIn.constantHeader(source.token().blockOptional().orElseThrow()));
            WebClient client = StemsStandIn.client(
                    api,
                    connections,
                    BearerTokenFilter.builder("comply-one", source)
                            .originOf(api.baseUrl())
                            .build());
            for (int i = 0; i < 2; i++) {
                cpuOf(constant, pace.requests());
                cpuOf(client, pace.requests());
            }
            for (int i = 0; i < pace.rounds() * ROUNDS; i++) {
                notes.add(LIMIT, CPU, cpuOf(constant, pace.requests()));
                notes.add(Row.MONOTOKEN, CPU, cpuOf(client, pace.requests()));
            }
        }
        connections.dispose();
        Series limit = notes.series(LIMIT, CPU);
        Series filter = notes.series(Row.MONOTOKEN, CPU);
        return List.of(
                Row.of(CLAIM, Row.MONOTOKEN, CPU, filter)
                        .against(limit)
                        .withGoal("≤ × 1.03", filter.median() <= 1.03 * limit.median()),
                Row.of(CLAIM, LIMIT, CPU, limit).against(limit));
    }

    private static double cpuOf(WebClient client, int requests) {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        System.gc(); // nobody pays for the garbage of another
        long before = system.getProcessCpuTime();
        Flux.range(0, requests)
                .flatMap(i -> client.get().uri("/me").retrieve().toBodilessEntity(), CONCURRENT)
                .blockLast();
        return (system.getProcessCpuTime() - before) / 1e3 / requests;
    }
}
