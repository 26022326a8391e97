package io.monotoken.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The documentation's rules for a token request; a request that breaks one is refused as an IdentityServer does it. */
final class IdentityServerRules {

    static final String PASSWORD = "password";
    static final String REFRESH_TOKEN = "refresh_token";

    static final int LONGEST_VALUE = 100;
    private static final int LONGEST_SCOPE = 300;
    private static final String BASIC = "Basic ";

    private final Map<String, String> clientSecrets;
    private final Set<String> allowedScopes;
    private final Users users;
    private final IssuedTokens tokens;

    IdentityServerRules(
            Map<String, String> clientSecrets, Set<String> allowedScopes, Users users, IssuedTokens tokens) {
        this.clientSecrets = Map.copyOf(clientSecrets);
        this.allowedScopes = Set.copyOf(allowedScopes);
        this.users = users;
        this.tokens = tokens;
    }

    /**
     * Returns the body of the answer to a request that keeps the rules.
     *
     * @throws OAuthRefusal for a request that breaks a rule
     */
    String answer(Form form, @Nullable String authorization) {
        form.requireSound();
        String clientId = authenticatedClient(form, authorization);
        return switch (form.required("grant_type")) {
            case PASSWORD -> logIn(form, clientId);
            case REFRESH_TOKEN -> refresh(form, clientId);
            default -> throw OAuthRefusal.of("unsupported_grant_type");
        };
    }

    private String authenticatedClient(Form form, @Nullable String authorization) {
        if (authorization == null) {
            return authenticatedClient(form.required("client_id"), form.required("client_secret"));
        }
        if (!authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            throw OAuthRefusal.invalidRequest("Authorization must be Basic");
        }
        if (form.optional("client_id") != null || form.optional("client_secret") != null) {
            throw OAuthRefusal.invalidRequest("the client authenticates twice, in the form and in a header");
        }
        try {
            byte[] credentials = Base64.getDecoder().decode(authorization.substring(BASIC.length()));
            String[] pair = new String(credentials, UTF_8).split(":", 2);
            return authenticatedClient(Form.decode(pair[0]), pair.length < 2 ? "" : Form.decode(pair[1]));
        } catch (IllegalArgumentException e) {
            throw OAuthRefusal.of("invalid_client");
        }
    }

    private String authenticatedClient(String clientId, String secret) {
        if (!secret.equals(clientSecrets.get(clientId))) {
            throw OAuthRefusal.of("invalid_client");
        }
        return clientId;
    }

    private String logIn(Form form, String clientId) {
        String username = form.required("username");
        String password = form.required("password");
        Set<String> scopes = scopes(form.required("scope"), allowedScopes);
        if (username.length() > LONGEST_VALUE
                || password.length() > LONGEST_VALUE
                || !users.logIn(username, password)) {
            throw OAuthRefusal.of("invalid_grant");
        }
        return tokens.logIn(username, clientId, scopes);
    }

    private String refresh(Form form, String clientId) {
        IssuedTokens.RefreshToken token = tokens.present(form.required("refresh_token"), clientId);
        String narrower = form.optional("scope");
        if (narrower != null) {
            scopes(narrower, token.scopes());
        }
        return tokens.refresh(token);
    }

    private static Set<String> scopes(String wanted, Set<String> allowed) {
        Set<String> scopes = Set.copyOf(List.of(wanted.split(" ", -1)));
        if (wanted.length() > LONGEST_SCOPE || !allowed.containsAll(scopes)) {
            throw OAuthRefusal.of("invalid_scope");
        }
        return scopes;
    }
}
