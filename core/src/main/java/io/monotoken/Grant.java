package io.monotoken;

import reactor.core.publisher.Mono;

/**
 * What a client shows the token endpoint to get an access token: the form fields of one grant type.
 *
 * <p>{@link PasswordGrant} and {@link ClientCredentialsGrant} are ready; any other grant is a lambda:
 * <pre>{@code
 * Grant exchange = () -> Mono.just(TokenRequest.of("urn:ietf:params:oauth:grant-type:token-exchange")
 *         .with("subject_token", subject)
 *         .with("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"));
 * }</pre>
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4">RFC 6749, section 4</a>
 */
@FunctionalInterface
public interface Grant {

    /**
     * Returns the form fields of one token request, without those of the client's authentication.
     *
     * <p>Subscribed only when a request is about to be sent, on any thread, and never kept, so secrets may come from a
     * vault. It must not block (see {@link Credentials#blocking}).
     *
     * @return a cold Mono of the request; what it fails with becomes the cause of a {@link TokenException.Unavailable}
     */
    Mono<TokenRequest> request();

    /**
     * Tells whether {@link #request()} is the same every time. A constant grant can be checked when a source is built, and
     * is not asked again after a refusal to see whether its credentials have changed.
     *
     * @return false, unless the grant knows better
     */
    default boolean isConstant() {
        return false;
    }
}
