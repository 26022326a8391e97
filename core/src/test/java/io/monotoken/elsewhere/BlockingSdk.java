package io.monotoken.elsewhere;

import io.monotoken.BlockingCall;
import io.monotoken.TokenAnswer;
import io.monotoken.TokenRequest;
import io.monotoken.TokenResponse;
import io.monotoken.TokenTransport;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import reactor.core.publisher.Mono;

/** Another SDK's blocking call, on threads that may block. */
public record BlockingSdk(URI uri, Callable<SdkToken> sdk) implements TokenTransport {

    /** What the SDK returns. */
    public record SdkToken(String value, Duration lifetime) {}

    @Override
    public Mono<TokenAnswer> send(TokenRequest request) {
        return BlockingCall.mono(sdk)
                .map(token -> new TokenAnswer.Issued(TokenResponse.builder(token.value())
                        .expiresIn(token.lifetime())
                        .build()));
    }
}
