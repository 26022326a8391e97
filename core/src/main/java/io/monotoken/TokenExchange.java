package io.monotoken;

import java.net.URI;
import reactor.core.publisher.Mono;

/** Sends token requests: over HTTP, or in a test from a script. */
interface TokenExchange {

    /** {@return where to; may have a query, which is not for showing} */
    URI uri();

    /** {@return for which client} */
    String clientId();

    /**
     * Sends the request when subscribed.
     *
     * @return how it ended; what goes wrong is an {@link Answer.Failed}, not an error signal
     */
    Mono<Answer> send(TokenRequest request);
}
