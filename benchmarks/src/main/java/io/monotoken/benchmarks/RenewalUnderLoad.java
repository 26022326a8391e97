package io.monotoken.benchmarks;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** While tokens end every two seconds under load, no caller waits for a renewal and none gets a dead token. */
final class RenewalUnderLoad {

    private static final Duration LATENCY = Duration.ofMillis(200);
    private static final Duration LIFE = Duration.ofSeconds(2);
    private static final int CALLERS = 256;

    private static final String PEER = "`cache(ttl)`";
    private static final String CONTROL = "a constant";
    private static final String CLAIM = "renewal under load";
    private static final String WAITS = "callers who waited";
    private static final String STALLS = "stalls over 20 ms";
    private static final String REFUSED = "calls with an expired token";
    private static final String TOKENS = "tokens seen";
    private static final String REQUESTS = "token requests";

    private RenewalUnderLoad() {}

    static List<Row> measure(Pace pace) {
        Notes notes = new Notes();
        Scheduler scheduler = Schedulers.newParallel("callers");
        for (int i = 0; i < pace.rounds(); i++) {
            round(pace, scheduler, notes);
        }
        scheduler.dispose();
        Series beyond = notes.series(Row.MONOTOKEN, STALLS).with(notes.series(CONTROL, STALLS), (a, b) -> a - b);
        Series unseen =
                notes.series(Row.MONOTOKEN, REQUESTS).with(notes.series(Row.MONOTOKEN, TOKENS), (a, b) -> a - b);
        return List.of(
                notes.row(CLAIM, Row.MONOTOKEN, WAITS).alwaysAtMost(0),
                notes.row(CLAIM, PEER, WAITS),
                notes.row(CLAIM, Row.MONOTOKEN, STALLS).withGoal("as " + CONTROL, beyond.median() <= 0),
                notes.row(CLAIM, CONTROL, STALLS),
                notes.row(CLAIM, PEER, STALLS),
                notes.row(CLAIM, Row.MONOTOKEN, REFUSED).alwaysAtMost(0),
                notes.row(CLAIM, PEER, REFUSED),
                notes.row(CLAIM, Row.MONOTOKEN, REQUESTS).withGoal("one a token, one in flight", unseen.max() <= 1),
                notes.row(CLAIM, Row.MONOTOKEN, TOKENS));
    }

    /** All at once, so that the same pauses of the machine hit everybody. */
    private static void round(Pace pace, Scheduler scheduler, Notes notes) {
        try (StemsStandIn stems = new StemsStandIn(LATENCY, LIFE);
                StemsStandIn others = new StemsStandIn(LATENCY, LIFE);
                TokenSource source = stems.source()) {
            Mono<Token> cached = others.cached();
            Token first = source.token().blockOptional().orElseThrow();
            cached.block();
            Map<String, Callers> contenders = new LinkedHashMap<>();
            contenders.put(
                    Row.MONOTOKEN,
                    new Callers(source.token(), token -> stems.server().isActive(token.value()), scheduler));
            contenders.put(PEER, new Callers(cached, token -> others.server().isActive(token.value()), scheduler));
            contenders.put(CONTROL, new Callers(Mono.just(first), token -> true, scheduler));
            contenders.values().forEach(callers -> callers.start(CALLERS));
            Pauses.of(pace.load());
            notes.count(Row.MONOTOKEN, REQUESTS, stems.server().tokenRequests());
            notes.count(PEER, REQUESTS, others.server().tokenRequests());
            contenders.forEach((name, callers) -> {
                notes.count(name, TOKENS, callers.differentTokens());
                notes.count(name, WAITS, callers.waits());
                notes.count(name, STALLS, callers.stalls());
                notes.count(name, REFUSED, callers.refused());
                callers.stop();
            });
            Pauses.of(LATENCY.multipliedBy(2)); // the last of those who wait are served
        }
    }
}
