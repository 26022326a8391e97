package io.monotoken.benchmarks;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * An outage that begins before a token's renewal is due and goes on after its end: no call fails while the token is valid,
 * and the first new token comes soon after the endpoint is back.
 */
final class OutageAcrossExpiry {

    private static final int CALLERS = 256;
    private static final Duration TRAVEL =
            Duration.ofMillis(100); // for a request that has the token in its last moment

    private static final String CACHE = "`cache(ttl)`";
    private static final String AZURE = "azure-core";
    private static final String FAILED = "failed while the token was valid";
    private static final String REQUESTS = "token requests";
    private static final String BACK = "ms from the endpoint's return to a new token";

    private OutageAcrossExpiry() {}

    static List<Row> measure(Pace pace) {
        Notes notes = new Notes();
        Scheduler scheduler = Schedulers.newParallel("callers");
        warmUp();
        for (int i = 0; i < pace.outages(); i++) {
            try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, life(pace));
                    TokenSource source = stems.source()) {
                round(pace, Row.MONOTOKEN, source.token(), stems, scheduler, notes);
            }
            try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, life(pace))) {
                round(pace, CACHE, stems.cached(), stems, scheduler, notes);
            }
            try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, life(pace))) {
                round(pace, AZURE, stems.azureCached(), stems, scheduler, notes);
            }
        }
        scheduler.dispose();
        String claim = "outage of " + pace.outage().toSeconds() + " s across the token's end";
        List<Row> rows = new ArrayList<>();
        for (String contender : List.of(Row.MONOTOKEN, CACHE, AZURE)) {
            boolean ours = contender.equals(Row.MONOTOKEN);
            Row failed = notes.row(claim, contender, FAILED);
            Row requests = notes.row(claim, contender, REQUESTS);
            Row back = notes.row(claim, contender, BACK);
            rows.add(ours ? failed.alwaysAtMost(0) : failed);
            rows.add(ours ? requests.alwaysAtMost(20) : requests);
            rows.add(ours ? back.alwaysAtMost(1_500) : back);
        }
        return rows;
    }

    /** A life counts from before connecting, which takes long the first time. */
    private static void warmUp() {
        try (StemsStandIn stems = new StemsStandIn(Duration.ZERO, Duration.ofMinutes(1))) {
            for (int i = 0; i < 20; i++) {
                try (TokenSource source = stems.source()) {
                    source.token().block();
                }
                stems.cached().block();
                stems.azureCached().block();
            }
        }
    }

    /** Whole seconds, as the endpoint tells them; the outage begins before half of it. */
    private static Duration life(Pace pace) {
        return Duration.ofSeconds(pace.outage().toSeconds() + 1);
    }

    private static void round(
            Pace pace, String name, Mono<Token> token, StemsStandIn stems, Scheduler scheduler, Notes notes) {
        Token first = Objects.requireNonNull(token.block());
        long issued = System.nanoTime();
        Duration begin = life(pace).multipliedBy(45).dividedBy(100);
        Callers callers = new Callers(token, any -> true, scheduler).start(CALLERS);
        pauseUntil(issued, begin);
        long requests = stems.server().tokenRequests();
        stems.server().refuseNext(Integer.MAX_VALUE, 503);
        pauseUntil(issued, life(pace).minus(TRAVEL));
        notes.count(name, FAILED, callers.failures());
        pauseUntil(issued, begin.plus(pace.outage()));
        notes.count(name, REQUESTS, stems.server().tokenRequests() - requests);
        stems.server().refuseNext(0, 503);
        long back = System.nanoTime();
        while (!callers.haveOtherThan(first)
                && System.nanoTime() - back < Duration.ofSeconds(60).toNanos()) {
            Pauses.of(Duration.ofMillis(1));
        }
        notes.count(name, BACK, (System.nanoTime() - back) / 1_000_000);
        callers.stop();
        Pauses.of(Duration.ofMillis(100)); // those who are just asking
    }

    private static void pauseUntil(long from, Duration passed) {
        Pauses.of(Duration.ofNanos(Math.max(0, from + passed.toNanos() - System.nanoTime())));
    }
}
