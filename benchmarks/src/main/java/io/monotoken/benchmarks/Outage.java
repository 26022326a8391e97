package io.monotoken.benchmarks;

import io.monotoken.RefreshSettings;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A token endpoint that fails or hangs while a renewal is due harms no caller, and is not asked more than it bears. */
final class Outage {

    private static final int CALLERS = 256;
    private static final Duration EXCHANGE = Duration.ofSeconds(1); // so that a hanging endpoint is asked again, too

    private static final String FAILED = "failed callers";
    private static final String WAITS = "callers who waited";
    private static final String REQUESTS = "token requests";

    private Outage() {}

    static List<Row> measure(Pace pace) {
        String failing = "outage of " + pace.outage().toSeconds() + " s, status 503";
        String hanging = "outage of " + pace.outage().toSeconds() + " s, no answers";
        Notes notes = new Notes();
        Scheduler scheduler = Schedulers.newParallel("callers");
        for (int i = 0; i < pace.outages(); i++) {
            round(pace, scheduler, failing, server -> server.refuseNext(Integer.MAX_VALUE, 503), notes);
            round(pace, scheduler, hanging, StandInTokenServer::stopAnswering, notes);
        }
        scheduler.dispose();
        return List.of(
                row(failing, FAILED, notes).alwaysAtMost(0),
                row(failing, WAITS, notes).alwaysAtMost(0),
                row(failing, REQUESTS, notes).alwaysAtMost(10),
                row(hanging, FAILED, notes).alwaysAtMost(0),
                row(hanging, WAITS, notes).alwaysAtMost(0),
                row(hanging, REQUESTS, notes).alwaysAtMost(10));
    }

    private static Row row(String claim, String quantity, Notes notes) {
        return Row.of(claim, Row.MONOTOKEN, quantity, notes.series(claim, quantity));
    }

    /** The token's life has room for the outage between its half, when its renewal is due, and its last tenth. */
    private static void round(
            Pace pace, Scheduler scheduler, String claim, Consumer<StandInTokenServer> fail, Notes notes) {
        Duration life =
                pace.outage().multipliedBy(26).dividedBy(10).plusSeconds(1).truncatedTo(ChronoUnit.SECONDS);
        RenewalDue due = new RenewalDue();
        try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, life)) {
            TokenEndpoint endpoint = stems.endpointBuilder()
                    .timeout(EXCHANGE)
                    .connectTimeout(EXCHANGE)
                    .build();
            try (TokenSource source =
                    stems.source(endpoint, RefreshSettings.defaults().withAhead(life), due)) {
                source.token().block();
                fail.accept(stems.server());
                long before = stems.server().tokenRequests();
                Callers callers =
                        new Callers(source.token(), token -> stems.server().isActive(token.value()), scheduler);
                callers.start(CALLERS);
                due.await(life);
                Pauses.of(pace.outage());
                callers.stop();
                notes.count(claim, FAILED, callers.failures() + callers.refused());
                notes.count(claim, WAITS, callers.waits());
                notes.count(claim, REQUESTS, stems.server().tokenRequests() - before);
                Pauses.of(Duration.ofMillis(100)); // those who are just asking
            }
        }
    }
}
