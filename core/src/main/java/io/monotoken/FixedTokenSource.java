package io.monotoken;

import java.util.Objects;
import reactor.core.publisher.Mono;

/** Always the same token. */
final class FixedTokenSource implements TokenSource {

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
    public boolean invalidate(Token rejected) {
        return !token.equals(rejected);
    }

    @Override
    public TokenSourceState state() {
        return new TokenSourceState(
                TokenSourceState.Phase.FRESH, token.expiresAt(), token.expiresAt(), token.issuedAt(), null, null, 0);
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
