package io.monotoken.benchmarks;

import io.monotoken.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** However many callers meet a cold source, they share one request and wait for little more than its answer. */
final class ColdStart {

    private static final Duration LATENCY = Duration.ofMillis(100);
    private static final Duration LIFE = Duration.ofMinutes(30);
    private static final int ROUNDS = 3; // for each of the pace's: they are short
    private static final int LARGEST_WARM_UP = 10_000;

    private static final String LIMIT = "one request and a list of callers";
    private static final String OVER = "ms over the endpoint's latency";
    private static final String REQUESTS = "token requests";

    private ColdStart() {}

    static List<Row> measure(Pace pace) {
        List<Row> rows = new ArrayList<>();
        try (StemsStandIn stems = new StemsStandIn(LATENCY, LIFE)) {
            Map<String, Supplier<Mono<Token>>> contenders = new LinkedHashMap<>();
            contenders.put(Row.MONOTOKEN, () -> stems.source().token());
            contenders.put(LIMIT, () -> new ListOfCallers(stems.request()));
            contenders.put("`cache(ttl)`", stems::cached);
            int warmUp = Math.min(LARGEST_WARM_UP, Collections.max(pace.crowds()));
            for (int i = 0; i <= pace.rounds(); i++) {
                contenders.values().forEach(cold -> run(warmUp, cold.get()));
            }
            for (int callers : pace.crowds()) {
                rows.addAll(measure(pace, callers, contenders, stems));
            }
        }
        return rows;
    }

    private static Duration run(int callers, Mono<Token> cold) {
        Stampede stampede = new Stampede(callers, token -> true);
        Duration took = stampede.run(cold);
        if (stampede.unserved() > 0) {
            throw new IllegalStateException(stampede.unserved() + " of " + callers + " callers were not served");
        }
        return took;
    }

    private static List<Row> measure(
            Pace pace, int callers, Map<String, Supplier<Mono<Token>>> contenders, StemsStandIn stems) {
        Notes notes = new Notes();
        for (int round = 0; round < pace.rounds() * ROUNDS; round++) {
            contenders.forEach((name, cold) -> {
                System.gc(); // nobody pays for the garbage of another
                long before = stems.server().tokenRequests();
                Duration took = run(callers, cold.get());
                notes.add(name, OVER, took.minus(LATENCY).toNanos() / 1e6);
                notes.count(name, REQUESTS, stems.server().tokenRequests() - before);
            });
        }
        String claim = String.format("cold start, %d callers", callers);
        List<Row> rows = new ArrayList<>();
        contenders.keySet().forEach(name -> {
            Row row = notes.row(claim, name, OVER).against(notes.series(LIMIT, OVER));
            rows.add(name.equals(Row.MONOTOKEN) ? row.typicallyAtMost(callers > 10_000 ? 250 : 9) : row);
        });
        rows.add(notes.row(claim, Row.MONOTOKEN, REQUESTS).alwaysAtMost(1));
        return rows;
    }
}
