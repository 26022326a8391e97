package io.monotoken;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * The Resource Owner Password Credentials grant. It makes the client know a user's password and should be left as soon
 * as the provider offers another grant.
 *
 * <p>Credentials are asked for only when a login is needed and are not kept; a changed password is noticed without a
 * restart when they come from a supplier.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.3">RFC 6749, section 4.3</a>
 */
public final class PasswordGrant implements Grant {

    private final Mono<Credentials> credentials;
    private final boolean constant;
    private final Set<String> scopes;
    private final Map<String, List<String>> parameters;

    private PasswordGrant(
            Mono<Credentials> credentials,
            boolean constant,
            Collection<String> scopes,
            Map<String, List<String>> parameters) {
        this.credentials = credentials;
        this.constant = constant;
        this.scopes = ScopeSet.of(scopes);
        this.parameters = TokenRequest.copyOf(parameters);
    }

    /**
     * Logs in with fixed credentials.
     *
     * @param username the user name
     * @param password the password
     * @param scopes the scopes to ask for; {@code offline_access} asks most providers for a refresh token
     */
    public PasswordGrant(String username, String password, Collection<String> scopes) {
        this(Mono.just(new Credentials(username, password)), true, scopes, Map.of());
    }

    /**
     * Logs in with credentials from a supplier, such as a vault.
     *
     * @param credentials cold; subscribed once for each login, and at most every five seconds after a refusal to see
     *     whether they have changed; must not block (see {@link Credentials#blocking})
     * @param scopes the scopes to ask for
     */
    public PasswordGrant(Mono<Credentials> credentials, Collection<String> scopes) {
        this(Objects.requireNonNull(credentials, "credentials"), false, scopes, Map.of());
    }

    /**
     * Adds form fields that the provider asks for.
     *
     * @param parameters names with their values
     * @return a copy with these parameters instead of earlier ones
     */
    public PasswordGrant withParameters(Map<String, List<String>> parameters) {
        return new PasswordGrant(credentials, constant, scopes, parameters);
    }

    @Override
    public boolean isConstant() {
        return constant;
    }

    @Override
    public Mono<TokenRequest> request() {
        return credentials.map(known -> TokenRequest.of(TokenRequest.PASSWORD)
                .with("username", known.username())
                .with("password", known.password())
                .withSharedScopes(scopes)
                .withAll(parameters));
    }

    @Override
    public String toString() {
        return "PasswordGrant[scopes=" + scopes + "]";
    }
}
