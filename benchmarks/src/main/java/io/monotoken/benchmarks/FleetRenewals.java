package io.monotoken.benchmarks;

import io.monotoken.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Ten instances log in once and renew once a token, however long they run, and a call asks Redis nothing. */
final class FleetRenewals {

    private static final Duration LATENCY = Duration.ofMillis(20);
    private static final int LIFETIMES = 4; // for each of the pace's rounds

    private static final String CONSTANT = "a constant";
    private static final String LOGINS = "logins";
    private static final String REFRESHES = "refreshes";
    private static final String TOKENS = "tokens seen";
    private static final String TWICE = "refresh tokens presented twice";
    private static final String FAILED = "failed calls";
    private static final String STALLS = "stalls over 20 ms";
    private static final String COMMANDS = "Redis commands a token, all ten";

    private FleetRenewals() {}

    static List<Row> measure(Pace pace) {
        Duration life = FleetPace.life(pace);
        Duration load = life.multipliedBy((long) LIFETIMES * pace.rounds());
        Notes notes = new Notes();
        Scheduler scheduler = Schedulers.newParallel("callers");
        try (RedisServer redis = new RedisServer()) {
            Instances.BOTH.forEach(contender -> round(contender, life, load, redis, scheduler, notes));
        }
        scheduler.dispose();
        String claim = load.toSeconds() + " s of ten instances, " + life.toSeconds() + " s tokens";
        List<Row> rows = new ArrayList<>();
        for (String contender : Instances.BOTH) {
            boolean ours = contender.equals(Instances.SHARING);
            Row logins = notes.row(claim, contender, LOGINS);
            Row refreshes = notes.row(claim, contender, REFRESHES);
            double tokens = notes.series(contender, TOKENS).max();
            rows.add(ours ? logins.alwaysAtMost(1) : logins);
            rows.add(
                    ours
                            ? refreshes.withGoal(
                                    "one a token",
                                    notes.series(contender, REFRESHES).max() <= tokens)
                            : refreshes);
            rows.add(notes.row(claim, contender, TOKENS));
            rows.add(notes.row(claim, contender, TWICE).alwaysAtMost(0));
            rows.add(notes.row(claim, contender, FAILED).alwaysAtMost(0));
            rows.add(notes.row(claim, contender, STALLS));
        }
        rows.add(notes.row(claim, CONSTANT, STALLS));
        rows.add(notes.row(claim, Instances.SHARING, COMMANDS).alwaysAtMost(15));
        return rows;
    }

    private static void round(
            String contender, Duration life, Duration load, RedisServer redis, Scheduler scheduler, Notes notes) {
        Token constant =
                Token.of("constant", List.of(), Instant.now(), Instant.now().plus(load.multipliedBy(2)));
        try (StemsStandIn stems = new StemsStandIn(LATENCY, life);
                Instances ten = Instances.ten(contender, stems, redis)) {
            long before = redis.scripts();
            ten.tokens();
            Callers control = new Callers(Mono.just(constant), any -> true, scheduler).start(Instances.TEN);
            ten.ask(scheduler);
            Pauses.of(load);
            ten.stopAsking();
            control.stop();
            notes.count(contender, LOGINS, stems.server().passwordRequests());
            notes.count(contender, REFRESHES, stems.server().refreshRequests());
            notes.count(contender, TOKENS, ten.tokensSeen().size());
            notes.count(contender, TWICE, stems.server().refreshTokensPresentedTwice());
            notes.count(contender, FAILED, ten.sum(Callers::failures));
            notes.count(contender, STALLS, ten.sum(Callers::stalls));
            notes.count(CONSTANT, STALLS, control.stalls());
            double tokens = stems.server().passwordRequests() + stems.server().refreshRequests();
            notes.add(contender, COMMANDS, (redis.scripts() - before) / tokens);
        }
    }
}
