package io.monotoken.benchmarks;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** An instance that is lost while it renews costs the others at most its lease and a moment. */
final class FleetLeaderLost {

    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final String CLAIM =
            "one of ten is lost while it renews, lease of " + LEASE.toSeconds() + " s, the old token rejected";
    private static final String SECONDS = "s until the others have a token";
    private static final String TWICE = "refresh tokens presented twice";

    private FleetLeaderLost() {}

    static List<Row> measure(Pace pace) {
        Notes notes = new Notes();
        for (int i = 0; i < pace.outages(); i++) {
            try (RedisServer redis = new RedisServer();
                    StemsStandIn stems = new StemsStandIn(Duration.ZERO, Duration.ofMinutes(30));
                    Instances ten = Instances.sharing(stems, redis, LEASE)) {
                round(stems, ten, notes);
            }
        }
        return List.of(
                notes.row(CLAIM, Instances.SHARING, SECONDS).alwaysAtMost(LEASE.toMillis() / 1e3 + 1.5),
                notes.row(CLAIM, Instances.SHARING, TWICE).alwaysAtMost(0));
    }

    private static void round(StemsStandIn stems, Instances ten, Notes notes) {
        Token old = ten.tokens().iterator().next();
        TokenSource leader = ten.sources().get(0);
        long before = stems.server().tokenRequests();
        stems.server().stopAnswering();
        leader.invalidate(old);
        while (stems.server().tokenRequests() == before) {
            Pauses.of(Duration.ofMillis(1));
        }
        ten.cutOff(leader);
        long since = System.nanoTime();
        stems.server().answerAgain();
        while (!renewed(ten, old)
                && System.nanoTime() - since < Duration.ofSeconds(60).toNanos()) {
            Pauses.of(Duration.ofMillis(5));
        }
        notes.add(Instances.SHARING, SECONDS, (System.nanoTime() - since) / 1e9);
        notes.count(Instances.SHARING, TWICE, stems.server().refreshTokensPresentedTwice());
    }

    /** An API answers 401 to whoever still has the old one. */
    private static boolean renewed(Instances ten, Token old) {
        ten.sources().forEach(source -> source.invalidate(old));
        Set<Token> now = Now.of(ten.sources());
        return now.size() == 1 && !now.contains(old) && !now.contains(Now.NONE);
    }
}
