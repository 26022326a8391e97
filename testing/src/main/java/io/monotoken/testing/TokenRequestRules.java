package io.monotoken.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules for a token request; a request that breaks one is refused. */
final class TokenRequestRules {

    static final String CLIENT_CREDENTIALS = "client_credentials";
    static final String PASSWORD = "password";
    static final String REFRESH_TOKEN = "refresh_token";

    /** One scope or grant type, by the characters that RFC 6749 allows for a scope. */
    static final Pattern WORD = Pattern.compile("[\\x21\\x23-\\x5B\\x5D-\\x7E]+");

    private static final String OFFLINE_ACCESS = "offline_access";
    private static final String BASIC = "Basic ";

    private final ServerKind kind;
    private final Set<String> grants;
    private final Clients clients;
    private final ClientAssertions assertions;
    private final @Nullable Set<String> allowedScopes;
    private final Users users;
    private final IssuedTokens tokens;

    /**
     * Makes the rules.
     *
     * @param allowedScopes null to allow whatever is asked for
     */
    TokenRequestRules(
            ServerKind kind,
            Set<String> grants,
            Clients clients,
            ClientAssertions assertions,
            @Nullable Set<String> allowedScopes,
            Users users,
            IssuedTokens tokens) {
        this.kind = kind;
        this.grants = Set.copyOf(grants);
        this.clients = clients;
        this.assertions = assertions;
        this.allowedScopes = allowedScopes;
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
        String grantType = form.required("grant_type");
        if (!grants.contains(grantType)) {
            throw new OAuthRefusal(
                    "unsupported_grant_type",
                    "this stand-in grants " + String.join(", ", new TreeSet<>(grants))
                            + "; set others with the builder's grants(...)");
        }
        return switch (grantType) {
            case PASSWORD -> logIn(form, clientId);
            case REFRESH_TOKEN -> refresh(form, clientId);
            default -> tokens.issue(clientId, clientId, scopes(form), isScopeToBeTold(form), false);
        };
    }

    boolean grants(String grantType) {
        return grants.contains(grantType);
    }

    /** Returns whether this may be a secret of a client or user, which belongs into no record. */
    boolean isSecret(String value) {
        return clients.isSecret(value) || users.isPassword(value);
    }

    private String authenticatedClient(Form form, @Nullable String authorization) {
        if (authorization == null) {
            return authenticatedByForm(form);
        }
        if (!authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            throw OAuthRefusal.invalidRequest("Authorization must be Basic");
        }
        if (form.optional("client_secret") != null
                || form.optional("client_assertion") != null
                || (kind == ServerKind.IDENTITY_SERVER && form.optional("client_id") != null)) {
            throw OAuthRefusal.invalidRequest("the client authenticates twice, in the form and in a header");
        }
        try {
            byte[] credentials = Base64.getDecoder().decode(authorization.substring(BASIC.length()));
            String[] pair = new String(credentials, UTF_8).split(":", 2);
            String secret = pair.length < 2 ? "" : pair[1];
            return clients.hasSecret(pair[0], secret) // as a few servers want it, without form encoding
                    ? pair[0]
                    : authenticatedClient(Form.decode(pair[0]), Form.decode(secret));
        } catch (IllegalArgumentException e) {
            throw OAuthRefusal.invalidClient("the Basic credentials are not Base64 of form-encoded id and secret");
        }
    }

    private String authenticatedByForm(Form form) {
        String assertion = form.optional("client_assertion");
        String secret = form.optional("client_secret");
        if (assertion != null) {
            if (secret != null) {
                throw OAuthRefusal.invalidRequest("the client authenticates twice, by a secret and by an assertion");
            }
            if (!form.required("client_assertion_type").equals(ClientAssertions.TYPE)) {
                throw OAuthRefusal.invalidRequest("client_assertion_type is not " + ClientAssertions.TYPE);
            }
            return assertions.signedBy(assertion, form.optional("client_id"));
        }
        String clientId = form.required("client_id");
        return clients.isPublic(clientId) && secret == null
                ? clientId
                : authenticatedClient(clientId, form.required("client_secret"));
    }

    private String authenticatedClient(String clientId, String secret) {
        if (!clients.isKnown(clientId)) {
            throw OAuthRefusal.invalidClient("client_id is that of no registered client");
        }
        boolean right = clients.hasSecret(clientId, secret) || (clients.isPublic(clientId) && secret.isEmpty());
        if (!right) {
            throw OAuthRefusal.invalidClient("client_secret is wrong");
        }
        return clientId;
    }

    private String logIn(Form form, String clientId) {
        String username = form.required("username");
        String password = form.required("password");
        Set<String> scopes = scopes(form);
        int longest = kind.longestValue();
        String reason = username.length() > longest || password.length() > longest
                ? "username or password has more than " + longest + " characters"
                : users.logIn(username, password);
        if (reason != null) {
            throw OAuthRefusal.invalidGrant(reason);
        }
        return tokens.issue(username, clientId, scopes, isScopeToBeTold(form), scopes.contains(OFFLINE_ACCESS));
    }

    private String refresh(Form form, String clientId) {
        IssuedTokens.RefreshToken token = tokens.present(form.required("refresh_token"), clientId);
        String narrower = form.optional("scope");
        if (narrower != null) {
            scopes(narrower, token.scopes());
        }
        return tokens.refresh(token);
    }

    /** Returns whether an answer has to say which scopes there are, because the request named none. */
    private boolean isScopeToBeTold(Form form) {
        return form.optional("scope") == null && allowedScopes != null;
    }

    private Set<String> scopes(Form form) {
        String wanted = kind.requiresScope() ? form.required("scope") : form.optional("scope");
        if (wanted == null || wanted.isEmpty()) {
            return allowedScopes == null ? Set.of() : allowedScopes;
        }
        return scopes(wanted, allowedScopes);
    }

    private Set<String> scopes(String wanted, @Nullable Set<String> allowed) {
        if (wanted.length() > kind.longestScope()) {
            throw new OAuthRefusal("invalid_scope", "scope has more than " + kind.longestScope() + " characters");
        }
        Set<String> scopes = Set.copyOf(List.of(wanted.split(" ", -1)));
        if (!scopes.stream().allMatch(scope -> WORD.matcher(scope).matches())) {
            throw new OAuthRefusal("invalid_scope", "scope is not a list of words with one space between them");
        }
        if (allowed != null && !allowed.containsAll(scopes)) {
            throw new OAuthRefusal("invalid_scope", "scope has more than " + String.join(", ", new TreeSet<>(allowed)));
        }
        return scopes;
    }
}
