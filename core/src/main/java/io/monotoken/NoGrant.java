package io.monotoken;

import reactor.core.publisher.Mono;

/** What is shown to a transport that needs no grant: nothing. */
record NoGrant() implements Grant {

    @Override
    public Mono<TokenRequest> request() {
        return Mono.just(TokenRequest.of("none"));
    }

    @Override
    public boolean isConstant() {
        return true;
    }
}
