package io.monotoken.samples.complyone.story;

import io.monotoken.samples.complyone.Callers;
import io.monotoken.samples.complyone.StandIns;
import io.monotoken.samples.complyone.TokenRequestCounts;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Never stampedes: a crowd that finds no token shares one token request. */
final class OneTokenForACrowd implements Chapter {

    private static final int CROWD = 1_000;
    private static final String BEGINNING = "1. There is no token yet, and 1 000 requests come at once.";
    private static final String END = """
               Answers: %s. The slowest, from a cold start, took %d ms.
               Token requests: %s.
            """;

    private final Callers callers;
    private final StandIns standIns;

    OneTokenForACrowd(Callers callers, StandIns standIns) {
        this.callers = callers;
        this.standIns = standIns;
    }

    @Override
    public Flux<String> tell() {
        return Flux.concat(Mono.just(BEGINNING), Mono.defer(this::end));
    }

    private Mono<String> end() {
        TokenRequestCounts before = standIns.tokenRequests();
        return callers.atOnce(CROWD)
                .map(answers -> END.formatted(
                        answers, answers.slowest(), standIns.tokenRequests().since(before)));
    }
}
