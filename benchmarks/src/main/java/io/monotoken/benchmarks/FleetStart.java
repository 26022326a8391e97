package io.monotoken.benchmarks;

import io.lettuce.core.RedisClient;
import io.monotoken.TokenSource;
import io.monotoken.redis.RedisTokenStore;
import java.time.Duration;
import java.util.List;

/** An instance that starts pays little for asking the others, and next to nothing where one of them has a token. */
final class FleetStart {

    private static final int WARM_UPS = 30;
    private static final int ROUNDS = 10; // for each of the pace's: they are short

    private static final String CLAIM = "start of an instance";
    private static final String FIRST = Row.MONOTOKEN + ", the first to share";
    private static final String SECOND = Row.MONOTOKEN + ", a sibling has a token";
    private static final String ALONE = "one for itself";
    private static final String MILLIS = "ms to its token";
    private static final String MORE = "ms more than one for itself";

    private FleetStart() {}

    static List<Row> measure(Pace pace) {
        Notes notes = new Notes();
        try (RedisServer redis = new RedisServer();
                RedisClient client = redis.client();
                StemsStandIn stems = new StemsStandIn(Duration.ZERO, Duration.ofMinutes(30))) {
            for (int i = 0; i < WARM_UPS; i++) {
                round("warm-up-" + i + ":", client, stems, new Notes());
            }
            for (int i = 0; i < pace.rounds() * ROUNDS; i++) {
                round("round-" + i + ":", client, stems, notes);
            }
        }
        Series alone = notes.series(ALONE, MILLIS);
        Series first = notes.series(FIRST, MILLIS);
        return List.of(
                Row.of(CLAIM, FIRST, MILLIS, first).against(alone),
                Row.of(CLAIM, FIRST, MORE, first.with(alone, (with, without) -> with - without))
                        .typicallyAtMost(5),
                notes.row(CLAIM, SECOND, MILLIS).against(alone).typicallyAtMost(2),
                Row.of(CLAIM, ALONE, MILLIS, alone).against(alone));
    }

    private static void round(String keyPrefix, RedisClient client, StemsStandIn stems, Notes notes) {
        try (RedisTokenStore store =
                RedisTokenStore.builder(client).keyPrefix(keyPrefix).build()) {
            store.read("token:none").block(); // an application has its connection
            try (TokenSource first = stems.sourceBuilder()
                            .tokenStore(store, Instances.settings())
                            .build();
                    TokenSource second = stems.sourceBuilder()
                            .tokenStore(store, Instances.settings())
                            .build();
                    TokenSource alone = stems.source()) {
                time(FIRST, first, notes);
                time(SECOND, second, notes);
                time(ALONE, alone, notes);
            }
        }
    }

    private static void time(String contender, TokenSource source, Notes notes) {
        long since = System.nanoTime();
        source.token().block();
        notes.add(contender, MILLIS, (System.nanoTime() - since) / 1e6);
    }
}
