package io.monotoken.samples.complyone.story;

import io.monotoken.samples.complyone.Callers;
import io.monotoken.samples.complyone.StandIns;
import io.monotoken.samples.complyone.TokenRequestCounts;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Heals a token that the API rejects before its time: one renewal, and the rejected requests are sent once more. */
final class RevokedToken implements Chapter {

    private static final int CROWD = 100;
    private static final String BEGINNING = "2. Stems Accounts revokes the token, and 100 requests come at once.";
    private static final String END = """
               Answers: %s. Comply One rejected %d of them with 401; they were sent once more with a new token.
               Token requests: %s.
            """;

    private final Callers callers;
    private final StandIns standIns;

    RevokedToken(Callers callers, StandIns standIns) {
        this.callers = callers;
        this.standIns = standIns;
    }

    @Override
    public Flux<String> tell() {
        return Flux.concat(Mono.just(BEGINNING), Mono.defer(this::end));
    }

    private Mono<String> end() {
        TokenRequestCounts before = standIns.tokenRequests();
        long rejectedBefore = standIns.complyOne().rejected();
        standIns.stemsAccounts().revokeAccessTokens();
        return callers.atOnce(CROWD)
                .map(answers -> END.formatted(
                        answers,
                        standIns.complyOne().rejected() - rejectedBefore,
                        standIns.tokenRequests().since(before)));
    }
}
