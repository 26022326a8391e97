package io.monotoken;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * The client credentials grant: the client asks in its own name. A refresh token in the answer is ignored. Immutable.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.4">RFC 6749, section 4.4</a>
 */
public final class ClientCredentialsGrant implements Grant {

    private final Set<String> scopes; // every token shares it
    private final Map<String, List<String>> parameters;

    /**
     * Asks for scopes, with further form fields.
     *
     * @param scopes the scopes to ask for, may be empty
     * @param parameters further form fields, such as {@code audience}
     */
    public ClientCredentialsGrant(Collection<String> scopes, Map<String, List<String>> parameters) {
        this.scopes = ScopeSet.of(scopes);
        this.parameters = TokenRequest.copyOf(parameters);
    }

    /**
     * Asks for scopes and nothing else.
     *
     * @param scopes the scopes to ask for, may be empty
     */
    public ClientCredentialsGrant(Collection<String> scopes) {
        this(scopes, Map.of());
    }

    @Override
    public Mono<TokenRequest> request() {
        return Mono.fromSupplier(() -> TokenRequest.of(TokenRequest.CLIENT_CREDENTIALS)
                .withSharedScopes(scopes)
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
