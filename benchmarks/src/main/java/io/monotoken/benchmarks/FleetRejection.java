package io.monotoken.benchmarks;

import io.monotoken.Token;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A token that one instance saw rejected is soon handed out by none, and renewed once. */
final class FleetRejection {

    private static final Duration LATENCY = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private static final String CLAIM = "one of ten sees its token rejected";
    private static final String MILLIS = "ms until no other hands it out (2 000: never)";
    private static final String RENEWALS = "renewals";

    private FleetRejection() {}

    static List<Row> measure(Pace pace) {
        Notes notes = new Notes();
        for (int i = 0; i <= pace.rounds(); i++) {
            for (String contender : Instances.BOTH) {
                try (RedisServer redis = new RedisServer();
                        StemsStandIn stems = new StemsStandIn(LATENCY, Duration.ofMinutes(30));
                        Instances ten = Instances.ten(contender, stems, redis)) {
                    round(contender, stems, ten, i == 0 ? new Notes() : notes);
                }
            }
        }
        return List.of(
                notes.row(CLAIM, Instances.SHARING, MILLIS).alwaysAtMost(100),
                notes.row(CLAIM, Instances.ALONE, MILLIS),
                notes.row(CLAIM, Instances.SHARING, RENEWALS).alwaysAtMost(1),
                notes.row(CLAIM, Instances.ALONE, RENEWALS));
    }

    private static void round(String contender, StemsStandIn stems, Instances ten, Notes notes) {
        Set<Token> old = ten.tokens();
        long renewals = stems.server().tokenRequests();
        long since = System.nanoTime();
        long handedOut = since;
        stems.server().revokeAccessTokens();
        ten.sources()
                .get(0)
                .invalidate(ten.sources().get(0).token().blockOptional().orElseThrow());
        while (System.nanoTime() - since < LONGEST.toNanos()) {
            Set<Token> now = Now.of(ten.sources().subList(1, Instances.TEN));
            if (now.stream().anyMatch(old::contains)) {
                handedOut = System.nanoTime();
            } else if (!now.contains(Now.NONE)) {
                break;
            }
            Pauses.of(Duration.ofMillis(1));
        }
        notes.add(contender, MILLIS, Math.min(LONGEST.toNanos(), handedOut - since) / 1e6);
        notes.count(contender, RENEWALS, stems.server().tokenRequests() - renewals);
    }
}
