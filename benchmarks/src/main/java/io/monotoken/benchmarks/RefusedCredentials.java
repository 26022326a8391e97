package io.monotoken.benchmarks;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A wrong password is sent once, however many callers go on asking. */
final class RefusedCredentials {

    private static final int CALLERS = 256;
    private static final String WRONG = "p4ssw0rd";

    private static final String PEER = "`cache(ttl)`";
    private static final String REQUESTS = "token requests";
    private static final String CALLS = "refused callers";

    private RefusedCredentials() {}

    static List<Row> measure(Pace pace) {
        Notes notes = new Notes();
        Scheduler scheduler = Schedulers.newParallel("callers");
        Duration load = pace.load().dividedBy(2);
        for (int i = 0; i < pace.rounds(); i++) {
            try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, Duration.ofMinutes(30));
                    TokenSource source = TokenSource.builder(stems.endpoint(), StemsStandIn.grant(WRONG))
                            .build()) {
                round(load, Row.MONOTOKEN, source.token(), stems, scheduler, notes);
            }
            try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, Duration.ofMinutes(30))) {
                round(load, PEER, StemsStandIn.cached(stems.request(WRONG)), stems, scheduler, notes);
            }
        }
        scheduler.dispose();
        String claim = String.format("wrong password for %.0f s", load.toMillis() / 1e3);
        return List.of(
                notes.row(claim, Row.MONOTOKEN, REQUESTS).alwaysAtMost(1),
                notes.row(claim, PEER, REQUESTS),
                notes.row(claim, Row.MONOTOKEN, CALLS),
                notes.row(claim, PEER, CALLS));
    }

    private static void round(
            Duration load, String name, Mono<Token> token, StemsStandIn stems, Scheduler scheduler, Notes notes) {
        Callers callers = new Callers(token, none -> false, scheduler).start(CALLERS);
        Pauses.of(load);
        callers.stop();
        notes.count(name, REQUESTS, stems.server().tokenRequests());
        notes.count(name, CALLS, callers.failures());
        Pauses.of(Duration.ofMillis(100)); // those who are just asking
    }
}
