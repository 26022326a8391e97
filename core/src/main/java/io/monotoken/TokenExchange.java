package io.monotoken;

import reactor.core.publisher.Mono;

/** Sends one token request: over HTTP, or in a test from a script. */
@FunctionalInterface
interface TokenExchange {

    /**
     * Sends the request when subscribed.
     *
     * @return how it ended; what goes wrong is an {@link Answer.Failed}, not an error signal
     */
    Mono<Answer> send(TokenRequest request);
}
