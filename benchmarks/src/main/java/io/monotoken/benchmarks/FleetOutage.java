package io.monotoken.benchmarks;

import io.monotoken.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** In an outage of the token endpoint ten instances ask it about as often as one, and all are back soon. */
final class FleetOutage {

    private static final String REQUESTS = "token requests of all ten";
    private static final String BACK = "ms from the endpoint's return until all have a token";

    private FleetOutage() {}

    static List<Row> measure(Pace pace) {
        Duration outage = pace.outage().multipliedBy(4);
        Duration life = FleetPace.life(pace);
        String claim = String.format(
                "outage of the endpoint for %.0f s, ten instances, %d s tokens",
                outage.toMillis() / 1e3, life.toSeconds());
        Notes notes = new Notes();
        Scheduler scheduler = Schedulers.newParallel("callers");
        try (RedisServer redis = new RedisServer()) {
            for (String contender : Instances.BOTH) {
                try (StemsStandIn stems = new StemsStandIn(Duration.ofMillis(20), life);
                        Instances ten = Instances.ten(contender, stems, redis)) {
                    round(contender, outage, stems, ten, scheduler, notes);
                }
            }
        }
        scheduler.dispose();
        List<Row> rows = new ArrayList<>();
        for (String contender : Instances.BOTH) {
            boolean ours = contender.equals(Instances.SHARING);
            Row requests = notes.row(claim, contender, REQUESTS);
            Row back = notes.row(claim, contender, BACK);
            rows.add(ours ? requests.alwaysAtMost(30) : requests);
            rows.add(ours ? back.alwaysAtMost(5_000) : back);
        }
        return rows;
    }

    private static void round(
            String contender, Duration outage, StemsStandIn stems, Instances ten, Scheduler scheduler, Notes notes) {
        Set<Token> old = ten.tokens();
        ten.ask(scheduler);
        long before = stems.server().tokenRequests();
        stems.server().refuseNext(Integer.MAX_VALUE, 503);
        Pauses.of(outage);
        notes.count(contender, REQUESTS, stems.server().tokenRequests() - before);
        stems.server().refuseNext(0, 503);
        long since = System.nanoTime();
        Set<Token> now = Now.of(ten.sources());
        while ((now.contains(Now.NONE) || now.stream().anyMatch(old::contains))
                && System.nanoTime() - since < Duration.ofSeconds(60).toNanos()) {
            Pauses.of(Duration.ofMillis(5));
            now = Now.of(ten.sources());
        }
        notes.count(contender, BACK, (System.nanoTime() - since) / 1_000_000);
    }
}
