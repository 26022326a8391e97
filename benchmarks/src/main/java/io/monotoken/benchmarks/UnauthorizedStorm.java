package io.monotoken.benchmarks;

import io.monotoken.TokenSource;
import io.monotoken.spring.client.BearerTokenFilter;
import io.monotoken.testing.StandInApi;
import java.time.Duration;
import java.util.List;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.netty.resources.ConnectionProvider;

/** A thousand requests that see 401 in one moment cost one renewal; each is sent once more, and all succeed. */
final class UnauthorizedStorm {

    private static final int REQUESTS = 1_000;
    private static final Duration LATENCY = Duration.ofMillis(20);
    private static final Duration VERDICT = Duration.ofMillis(500); // all are on their way before the first one is back

    private static final String CLAIM = "1 000 concurrent 401s";
    private static final String RENEWALS = "renewals";
    private static final String UNAUTHORIZED = "401s";
    private static final String SENT = "requests sent";
    private static final String FAILED = "failed callers";

    private UnauthorizedStorm() {}

    static List<Row> measure(Pace pace) {
        Notes notes = new Notes();
        ConnectionProvider connections = StemsStandIn.connections(REQUESTS);
        try (StemsStandIn stems = new StemsStandIn(LATENCY, Duration.ofMinutes(30));
                StandInApi api =
                        StandInApi.complyOne(stems.server()).latency(VERDICT).start()) {
            for (int i = 0; i <= pace.rounds(); i++) {
                round(stems, api, connections, i == 0 ? new Notes() : notes); // the first one opens the connections
            }
        }
        connections.dispose();
        Series first = notes.series(Row.MONOTOKEN, SENT)
                .with(notes.series(Row.MONOTOKEN, UNAUTHORIZED), (sent, repeated) -> sent - repeated);
        return List.of(
                notes.row(CLAIM, Row.MONOTOKEN, UNAUTHORIZED),
                notes.row(CLAIM, Row.MONOTOKEN, RENEWALS).alwaysAtMost(1),
                notes.row(CLAIM, Row.MONOTOKEN, SENT)
                        .withGoal("each 401 once more", first.min() == REQUESTS && first.max() == REQUESTS),
                notes.row(CLAIM, Row.MONOTOKEN, FAILED).alwaysAtMost(0));
    }

    private static void round(StemsStandIn stems, StandInApi api, ConnectionProvider connections, Notes notes) {
        try (TokenSource source = stems.source()) {
            WebClient client = StemsStandIn.client(
                    api,
                    connections,
                    BearerTokenFilter.builder("comply-one", source)
                            .originOf(api.baseUrl())
                            .build());
            source.token().block();
            stems.server().revokeAccessTokens();
            long tokenRequests = stems.server().tokenRequests();
            long unauthorized = api.rejected();
            long sent = api.requests();
            long failed = storm(client);
            notes.count(Row.MONOTOKEN, RENEWALS, stems.server().tokenRequests() - tokenRequests);
            notes.count(Row.MONOTOKEN, UNAUTHORIZED, api.rejected() - unauthorized);
            notes.count(Row.MONOTOKEN, SENT, api.requests() - sent);
            notes.count(Row.MONOTOKEN, FAILED, failed);
        }
    }

    /** {@return how many failed} */
    private static long storm(WebClient client) {
        return Flux.range(0, REQUESTS)
                .flatMap(
                        i -> client.post()
                                .uri("/echo")
                                .bodyValue("request " + i)
                                .retrieve()
                                .toBodilessEntity()
                                .map(answer -> false)
                                .onErrorReturn(true),
                        REQUESTS)
                .filter(failure -> failure)
                .count()
                .blockOptional()
                .orElseThrow();
    }
}
