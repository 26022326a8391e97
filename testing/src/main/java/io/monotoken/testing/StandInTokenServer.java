package io.monotoken.testing;

import java.net.URI;
import java.security.PublicKey;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A token server on a loopback port: a stand-in for any provider.
 *
 * <p>Started without settings it knows the client {@code test-client} with the secret {@code test-secret} and the user
 * {@code test-user} with the password {@code test-password}, grants client credentials, passwords and refresh tokens, and takes
 * the scopes that are asked for; with {@code offline_access} a login gets a refresh token. Refresh tokens are one-time and
 * expire some time after login. {@link #stemsAccounts()} is as strict as the documentation of that provider.
 *
 * <p>All methods may be called from any thread; starting and closing block and are not for an event loop's thread. It has an
 * event loop of its own, which ends with it. It serves tests and demonstrations and protects nothing.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4">RFC 6749, section 4</a>
 */
public final class StandInTokenServer implements AutoCloseable {

    private final Map.Entry<String, String> client;
    private final Map.Entry<String, String> user;
    private final @Nullable Set<String> scopes;
    private final Clients clients;
    private final Users users;
    private final IssuedTokens tokens;
    private final TokenRequestHandler requests;
    private final URI tokenUri;
    private final LoopbackServer server;

    private StandInTokenServer(Builder builder) {
        client = builder.clientSecrets.entrySet().iterator().next();
        user = builder.passwords.entrySet().iterator().next();
        scopes = builder.scopes;
        clients = new Clients(builder.clientSecrets, builder.clientKeys);
        users = new Users(builder.passwords, builder.lockOutAfter);
        tokens = new IssuedTokens(builder.clock, builder.accessTokenLife, builder.refreshTokenLife);
        String path = builder.path == null ? anotherInstance() + builder.kind.path() : builder.path;
        var rules = new TokenRequestRules(
                builder.kind,
                builder.grants,
                clients,
                new ClientAssertions(clients, builder.clock),
                builder.scopes,
                users,
                tokens);
        requests = new TokenRequestHandler(path, builder.clock, builder.kind, rules);
        server = new LoopbackServer(builder, requests::answer);
        tokenUri = server.uri(path);
    }

    /** Returns a path that no earlier server had, because clients remember by address what an earlier one refused. */
    private static String anotherInstance() {
        return "/" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    }

    /** {@return a running server with the default settings, on a free port} */
    public static StandInTokenServer start() {
        return builder().start();
    }

    /** {@return a builder with the default settings} */
    public static Builder builder() {
        return new Builder(ServerKind.STANDARD)
                .defaultClient("test-client", "test-secret")
                .defaultUser("test-user", "test-password");
    }

    /**
     * Returns a builder for a stand-in for Stems Accounts, which opens the Comply One API: as strict as its documentation, and
     * refusing the way an IdentityServer does.
     *
     * <p>Every OAuth error is status 400, a locked-out user looks like a wrong password, a scope is required. It grants
     * passwords and refresh tokens. It knows the client {@code your_client_id} with the secret {@code your_client_secret}, the
     * user {@code john.smith@contoso.com} with the password {@code P4ssw0rd} and the scopes {@code email},
     * {@code resources_stems_api} and {@code offline_access}, unless set otherwise.
     *
     * @return the builder
     */
    public static Builder stemsAccounts() {
        return new Builder(ServerKind.IDENTITY_SERVER)
                .defaultClient("your_client_id", "your_client_secret")
                .defaultUser("john.smith@contoso.com", "P4ssw0rd")
                .grants(TokenRequestRules.PASSWORD, TokenRequestRules.REFRESH_TOKEN)
                .scopes("email", "resources_stems_api", "offline_access");
    }

    /**
     * {@return the URI of the token endpoint; unless a path is set, one that no earlier server had, such as
     * {@code http://127.0.0.1:<port>/1f09ab37/token}}
     */
    public URI tokenUri() {
        return tokenUri;
    }

    /** {@return the id of the client that was registered first} */
    public String clientId() {
        return client.getKey();
    }

    /** {@return the secret of the client that was registered first; empty if it has none} */
    public String clientSecret() {
        return client.getValue();
    }

    /** {@return the name of the user that was registered first} */
    public String username() {
        return user.getKey();
    }

    /** {@return the password that the user who was registered first had at the start} */
    public String password() {
        return user.getValue();
    }

    /**
     * Issues a refresh token, as a login of the user would bring it, for a client that starts from one.
     *
     * @return a new one for each call, for the client and the user that were registered first
     */
    public String refreshToken() {
        return tokens.refreshToken(username(), clientId(), scopes);
    }

    /** {@return how many requests reached the token endpoint, whether granted, refused or unanswered} */
    public long tokenRequests() {
        return requests.received();
    }

    /**
     * Returns how many of the {@link #tokenRequests()} asked for one grant.
     *
     * @param grantType such as {@code client_credentials}
     * @return the number
     */
    public long tokenRequests(String grantType) {
        return requests.received(Objects.requireNonNull(grantType, "grantType"));
    }

    /** {@return how many of the {@link #tokenRequests()} asked for the password grant} */
    public long passwordRequests() {
        return tokenRequests(TokenRequestRules.PASSWORD);
    }

    /** {@return how many of the {@link #tokenRequests()} asked for the refresh grant} */
    public long refreshRequests() {
        return tokenRequests(TokenRequestRules.REFRESH_TOKEN);
    }

    /** {@return how many logins were refused because of a wrong password, an unknown user or a lock-out} */
    public long wrongPasswords() {
        return users.wrongPasswords();
    }

    /** {@return how often a refresh token was presented that had been used before; a good client never does that} */
    public long refreshTokensPresentedTwice() {
        return tokens.refreshTokensPresentedTwice();
    }

    /** {@return a copy of the latest requests at the token endpoint, at most 1 000, the oldest one first} */
    public List<RecordedTokenRequest> recordedRequests() {
        return requests.recorded();
    }

    /**
     * Returns whether the API accepts this access token now: issued here, neither expired nor revoked.
     *
     * <p>The latest 100 000 access tokens are known, and as many refresh tokens; older ones are forgotten.
     *
     * @param accessToken the token's value
     * @return whether it is accepted
     */
    public boolean isActive(String accessToken) {
        IssuedTokens.AccessToken token = tokens.find(Objects.requireNonNull(accessToken, "accessToken"));
        return token != null && !tokens.isExpired(token);
    }

    IssuedTokens tokens() {
        return tokens;
    }

    /** Makes all access tokens issued so far unknown; refresh tokens stay. */
    public void revokeAccessTokens() {
        tokens.revokeAccessTokens();
    }

    /** Makes all refresh tokens issued so far useless; access tokens stay. */
    public void revokeRefreshTokens() {
        tokens.revokeRefreshTokens();
    }

    /**
     * Gives a user another password. Tokens stay, and so does a lock-out.
     *
     * @param username a registered user
     * @param newPassword the password from now on
     * @throws IllegalArgumentException for an unknown user
     */
    public void changePassword(String username, String newPassword) {
        users.changePassword(username, Objects.requireNonNull(newPassword, "newPassword"));
    }

    /**
     * Gives a client other secrets from the next request on: the old and the new one while it is changed, then the new one.
     * Tokens stay.
     *
     * @param clientId a registered client
     * @param secrets all that are accepted; one at least
     * @throws IllegalArgumentException for an unknown client
     */
    public void changeClientSecrets(String clientId, String... secrets) {
        clients.changeSecrets(clientId, secrets);
    }

    /**
     * Gives a client other keys from the next request on: the old and the new one while it is changed, then the new one.
     * Tokens stay.
     *
     * @param clientId a registered client
     * @param keys all whose signatures are accepted; one at least
     * @throws IllegalArgumentException for an unknown client
     */
    public void changeClientKeys(String clientId, PublicKey... keys) {
        clients.changeKeys(clientId, keys);
    }

    /**
     * Returns whether wrong passwords have locked a user out.
     *
     * @param username a registered user
     * @return whether even the right password is refused
     * @throws IllegalArgumentException for an unknown user
     */
    public boolean isLockedOut(String username) {
        return users.isLockedOut(username);
    }

    /**
     * Ends a user's lock-out and forgets the wrong passwords.
     *
     * @param username a registered user
     * @throws IllegalArgumentException for an unknown user
     */
    public void unlock(String username) {
        users.unlock(username);
    }

    /**
     * Sets how long answers wait, after the request was processed, from the next request on.
     *
     * @param latency zero or more; nanosecond resolution
     */
    public void latency(Duration latency) {
        server.latency(latency);
    }

    /**
     * Refuses the next requests at the token endpoint without processing them: no password is checked, no refresh token used.
     *
     * @param requests how many; zero ends an earlier call's refusals
     * @param status the status of the empty answers, from 400 to 599
     */
    public void refuseNext(int requests, int status) {
        this.requests.faults().refuseNext(requests, status);
    }

    /** Processes the next request, so that its refresh token is used, and then closes its connection without an answer. */
    public void loseNextAnswer() {
        requests.faults().loseNextAnswer();
    }

    /**
     * Accepts connections and requests from now on, but neither processes nor answers them.
     *
     * @see #answerAgain()
     */
    public void stopAnswering() {
        requests.faults().stopAnswering();
    }

    /** Ends {@link #stopAnswering()}, {@link #refuseNext} and {@link #loseNextAnswer()}; earlier requests stay unanswered. */
    public void answerAgain() {
        requests.faults().end();
    }

    /** Stops listening and closes all connections, those that wait for an answer too. A second call does nothing. */
    @Override
    public void close() {
        server.close();
    }

    /** What a {@link StandInTokenServer} starts with; everything has a default. */
    public static final class Builder extends TokenServerBuilder {

        private Builder(ServerKind kind) {
            super(kind);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Starts a server.
         *
         * @return the running server
         */
        public StandInTokenServer start() {
            return new StandInTokenServer(this);
        }
    }
}
