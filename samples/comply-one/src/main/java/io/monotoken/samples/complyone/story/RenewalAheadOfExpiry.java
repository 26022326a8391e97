package io.monotoken.samples.complyone.story;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.samples.complyone.Callers;
import io.monotoken.samples.complyone.StandIns;
import io.monotoken.samples.complyone.TokenRequestCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Never makes a caller wait for a renewal while a valid token exists. */
final class RenewalAheadOfExpiry implements Chapter {

    private static final int EACH_SECOND = 20;
    private static final Duration PACE = Duration.ofSeconds(1).dividedBy(EACH_SECOND);
    private static final String BEGINNING = """
            3. The token lives %d s and is due for renewal in %d s.
               Until that has happened, %d requests come each second ...""";
    private static final String END = """
               Answers: %s. The slowest around the renewal took %d ms, although the token endpoint took %d ms.
               Token requests: %s, %d s before the token's end. Requests that waited for it: %d.
            """;

    private final Callers callers;
    private final TokenSource tokens;
    private final StandIns standIns;

    RenewalAheadOfExpiry(Callers callers, TokenSource tokens, StandIns standIns) {
        this.callers = callers;
        this.tokens = tokens;
        this.standIns = standIns;
    }

    @Override
    public Flux<String> tell() {
        return Flux.defer(() -> {
            TokenRequestCounts before = standIns.tokenRequests();
            return tokens.token().flatMapMany(old -> Flux.concat(Mono.just(beginning()), end(old, before)));
        });
    }

    private String beginning() {
        Instant now = Instant.now();
        Instant due = Optional.ofNullable(tokens.state().renewFrom()).orElse(now);
        return BEGINNING.formatted(
                standIns.tokenLife().toSeconds(), Duration.between(now, due).toSeconds(), EACH_SECOND);
    }

    private Mono<String> end(Token old, TokenRequestCounts before) {
        Instant lastSuccess = tokens.state().lastSuccess();
        AtomicInteger waiting = new AtomicInteger();
        Flux<?> untilRenewed = Flux.interval(PACE)
                .map(tick -> tokens.state())
                .doOnNext(state -> waiting.accumulateAndGet(state.waiters(), Math::max))
                .takeUntil(state -> !Objects.equals(lastSuccess, state.lastSuccess()));
        Flux<?> forAnotherSecond = Flux.interval(PACE).take(EACH_SECOND);
        return callers.oneAfterTheOther(Flux.concat(untilRenewed, forAnotherSecond))
                .zipWhen(answers -> tokens.token())
                .map(seen -> END.formatted(
                        seen.getT1(),
                        seen.getT1().last(2 * EACH_SECOND).slowest(),
                        StandIns.LATENCY.toMillis(),
                        standIns.tokenRequests().since(before),
                        Duration.between(seen.getT2().issuedAt(), old.expiresAt())
                                .toSeconds(),
                        waiting.get()));
    }
}
