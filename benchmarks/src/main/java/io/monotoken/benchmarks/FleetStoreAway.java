package io.monotoken.benchmarks;

import java.time.Duration;
import java.util.List;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A Redis that is frozen, flushed and away fails no call. */
final class FleetStoreAway {

    private static final String FAILED = "failed calls";
    private static final String CALLS = "calls";
    private static final String TWICE = "refresh tokens presented twice";

    private FleetStoreAway() {}

    static List<Row> measure(Pace pace) {
        Duration frozen = pace.outage();
        Duration away = pace.outage().multipliedBy(3);
        Duration life = FleetPace.life(pace);
        String claim = String.format(
                "Redis frozen for %.1f s, flushed, away for %.1f s, %d s tokens",
                frozen.toMillis() / 1e3, away.toMillis() / 1e3, life.toSeconds());
        Notes notes = new Notes();
        Scheduler scheduler = Schedulers.newParallel("callers");
        try (RedisServer redis = new RedisServer();
                StemsStandIn stems = new StemsStandIn(Duration.ofMillis(20), life);
                Instances ten = Instances.ten(Instances.SHARING, stems, redis)) {
            ten.tokens();
            ten.ask(scheduler);
            Pauses.of(life);
            redis.freeze();
            Pauses.of(frozen);
            redis.thaw();
            Pauses.of(life);
            redis.flush();
            Pauses.of(life);
            redis.kill();
            Pauses.of(away);
            redis.startAgain();
            Pauses.of(life);
            ten.stopAsking();
            notes.count(Instances.SHARING, FAILED, ten.sum(Callers::failures));
            notes.count(Instances.SHARING, CALLS, ten.sum(Callers::calls));
            notes.count(Instances.SHARING, TWICE, stems.server().refreshTokensPresentedTwice());
        }
        scheduler.dispose();
        return List.of(
                notes.row(claim, Instances.SHARING, FAILED).alwaysAtMost(0),
                notes.row(claim, Instances.SHARING, CALLS),
                notes.row(claim, Instances.SHARING, TWICE).alwaysAtMost(0));
    }
}
