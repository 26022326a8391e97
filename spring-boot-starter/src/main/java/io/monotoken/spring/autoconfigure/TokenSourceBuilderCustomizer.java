package io.monotoken.spring.autoconfigure;

import io.monotoken.TokenSource;

/**
 * Changes what a client's token source is built from, after its properties: listeners, a store of refresh tokens, renewal
 * settings. Beans of this type are called in their order, once for each client.
 */
@FunctionalInterface
public interface TokenSourceBuilderCustomizer {

    /**
     * Changes the builder of one client's source.
     *
     * @param client the client's name, as its properties spell it
     * @param builder the builder to change
     */
    void customize(String client, TokenSource.Builder builder);
}
