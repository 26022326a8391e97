package io.monotoken.benchmarks;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

/** A token that a thousand requests see rejected in one moment is renewed once. */
final class RejectionStorm {

    private static final int CALLERS = 1_000;
    private static final Duration LATENCY = Duration.ofMillis(20);

    private static final String CLAIM = "1 000 rejections of one token";
    private static final String RENEWALS = "renewals";
    private static final String UNSERVED = "callers without another token";
    private static final String OVER = "ms over the endpoint's latency";

    private RejectionStorm() {}

    static List<Row> measure(Pace pace) {
        Notes notes = new Notes();
        try (StemsStandIn stems = new StemsStandIn(LATENCY, Duration.ofMinutes(30))) {
            for (int i = 0; i < pace.rounds(); i++) {
                try (TokenSource source = stems.source()) {
                    round(source, stems, notes);
                }
            }
        }
        return List.of(
                notes.row(CLAIM, Row.MONOTOKEN, RENEWALS).alwaysAtMost(1),
                notes.row(CLAIM, Row.MONOTOKEN, UNSERVED).alwaysAtMost(0),
                notes.row(CLAIM, Row.MONOTOKEN, OVER));
    }

    private static void round(TokenSource source, StemsStandIn stems, Notes notes) {
        Token rejected = source.token().blockOptional().orElseThrow();
        long before = stems.server().tokenRequests();
        Stampede stampede = new Stampede(CALLERS, token -> !token.equals(rejected));
        Duration took =
                stampede.run(Mono.defer(() -> source.invalidate(rejected) ? source.token() : Mono.just(rejected)));
        notes.count(Row.MONOTOKEN, RENEWALS, stems.server().tokenRequests() - before);
        notes.count(Row.MONOTOKEN, UNSERVED, stampede.unserved());
        notes.add(Row.MONOTOKEN, OVER, took.minus(LATENCY).toNanos() / 1e6);
    }
}
