package io.monotoken;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/**
 * The client credentials grant: the client asks in its own name. A refresh token in the answer is ignored.
 *
 * @param scopes the scopes to ask for, may be empty
 * @param parameters further form fields, such as {@code audience}
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.4">RFC 6749, section 4.4</a>
 */
public record ClientCredentialsGrant(List<String> scopes, Map<String, List<String>> parameters) implements Grant {

    /**
     * Copies what it is given.
     *
     * @param scopes the scopes to ask for, may be empty
     * @param parameters further form fields
     */
    public ClientCredentialsGrant {
        scopes = List.copyOf(scopes);
        parameters = TokenRequest.copyOf(parameters);
    }

    /**
     * Asks for scopes and nothing else.
     *
     * @param scopes the scopes to ask for, may be empty
     */
    public ClientCredentialsGrant(Collection<String> scopes) {
        this(List.copyOf(scopes), Map.of());
    }

    @Override
    public Mono<TokenRequest> request() {
        return Mono.fromSupplier(() -> TokenRequest.of(TokenRequest.CLIENT_CREDENTIALS)
                .withScopes(scopes)
                .withAll(parameters));
    }

    @Override
    public boolean isConstant() {
        return true;
    }

    @Override
    public String toString() {
        return "ClientCredentialsGrant[scopes=" + scopes + ", parameters=" + parameters.keySet() + "]";
    }
}
