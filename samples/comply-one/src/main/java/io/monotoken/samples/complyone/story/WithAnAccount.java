package io.monotoken.samples.complyone.story;

import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.samples.complyone.Callers;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What can be shown on the real service: a polite few requests, and no hand on the provider. */
final class WithAnAccount implements Chapter {

    private static final int FEW = 10;
    private static final String BEGINNING = """
            Calling %s with the account of the COMPLY_ONE_* variables.

            1. There is no token yet, and %d requests come at once.""";
    private static final String END = """
               Answers: %s. The slowest, from a cold start, took %d ms.
               %s

            Renewal and revocation are shown without an account only: they need a short-lived token that can be revoked.
            """;

    private final Callers callers;
    private final TokenSource tokens;
    private final String baseUrl;

    WithAnAccount(Callers callers, TokenSource tokens, String baseUrl) {
        this.callers = callers;
        this.tokens = tokens;
        this.baseUrl = baseUrl;
    }

    @Override
    public Flux<String> tell() {
        return Flux.concat(
                Mono.just(BEGINNING.formatted(baseUrl, FEW)),
                callers.atOnce(FEW).map(answers -> END.formatted(answers, answers.slowest(), outcome(tokens.state()))));
    }

    private static String outcome(TokenSourceState state) {
        return state.expiresAt() == null
                ? "There is still no token."
                : "The token is used until %s and renewed from %s.".formatted(state.expiresAt(), state.renewFrom());
    }
}
