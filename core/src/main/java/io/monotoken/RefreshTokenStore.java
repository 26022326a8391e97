package io.monotoken;

import reactor.core.publisher.Mono;

/**
 * Keeps refresh tokens, so that a restarted process need not log in (see {@link RefreshTokenGrant}).
 *
 * @see TokenSource.Builder#refreshTokenStore
 */
@FunctionalInterface
public interface RefreshTokenStore {

    /**
     * Keeps a refresh token, in place of the one before.
     *
     * <p>Threads: called on a Reactor Netty event loop, so it must not block.
     *
     * @param refreshToken the new refresh token, a secret
     * @return completes when it is kept
     */
    Mono<Void> save(String refreshToken);
}
