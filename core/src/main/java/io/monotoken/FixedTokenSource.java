package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** Always the same token. */
final class FixedTokenSource implements TokenSource {

    /** So near that the nanoseconds from 1970 until then still fit a long. */
    static final Instant FAR_AWAY = Instant.parse("2200-01-01T00:00:00Z");

    private final Token token;
    private final Mono<Token> mono;

    FixedTokenSource(Token token) {
        this.token = Objects.requireNonNull(token, "token");
        this.mono = Mono.just(token);
    }

    @Override
    public Mono<Token> token() {
        return mono;
    }

    @Override
    public Mono<Token> token(Duration minimumRemaining) {
        LastingToken.needed(minimumRemaining);
        return mono; // it never gets another
    }

    @Override
    public boolean invalidate(Token rejected) {
        return !token.equals(rejected);
    }

    @Override
    public TokenSourceState state() {
        return new TokenSourceState(
                TokenSourceState.Phase.FRESH,
                token.expiresAt(),
                token.expiresAt(),
                token.issuedAt(),
                null,
                null,
                0,
                null);
    }

    @Override
    public void reset() {
        // it never pauses
    }

    @Override
    public void close() {
        // it holds nothing
    }
}
