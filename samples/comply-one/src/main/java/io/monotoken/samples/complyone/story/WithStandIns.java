package io.monotoken.samples.complyone.story;

import io.monotoken.TokenSource;
import io.monotoken.samples.complyone.Callers;
import io.monotoken.samples.complyone.StandIns;
import java.util.List;
import reactor.core.publisher.Flux;

/** What can be shown where the provider is ours: three promises, with numbers. */
final class WithStandIns implements Chapter {

    private static final String BEGINNING = """
            There is no account (no COMPLY_ONE_* variable is set), so stand-ins in this process play the two services:
               Stems Accounts at %s, which takes %d ms to issue a token
               Comply One at %s
            """;

    private final StandIns standIns;
    private final List<Chapter> chapters;

    WithStandIns(Callers callers, TokenSource tokens, StandIns standIns) {
        this.standIns = standIns;
        this.chapters = List.of(
                new OneTokenForACrowd(callers, standIns),
                new RevokedToken(callers, standIns),
                new RenewalAheadOfExpiry(callers, tokens, standIns));
    }

    @Override
    public Flux<String> tell() {
        return Flux.concat(
                Flux.just(BEGINNING.formatted(
                        standIns.stemsAccounts().tokenUri(),
                        StandIns.LATENCY.toMillis(),
                        standIns.complyOne().baseUrl())),
                Flux.fromIterable(chapters).concatMap(Chapter::tell));
    }
}
