package io.monotoken.testing;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A token server on a loopback port: a stand-in for Stems Accounts that is as strict as its documentation and refuses the
 * way an IdentityServer does.
 *
 * <p>It knows the password and the refresh grant. Every OAuth error is status 400, a locked-out user looks like a wrong
 * password, refresh tokens are one-time and expire some time after login. Started without settings it knows the client
 * {@code your_client_id} with the secret {@code your_client_secret}, the user {@code john.smith@contoso.com} with the password
 * {@code P4ssw0rd} and the scopes {@code email}, {@code resources_stems_api} and {@code offline_access}.
 *
 * <p>All methods may be called from any thread; starting and closing block and are not for an event loop's thread. It serves
 * tests and demonstrations and protects nothing.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.3">RFC 6749, section 4.3</a>
 */
public final class StandInTokenServer implements AutoCloseable {

    private final Map.Entry<String, String> client;
    private final Map.Entry<String, String> user;
    private final Users users;
    private final IssuedTokens tokens;
    private final TokenRequestHandler requests;
    private final URI tokenUri;
    private final LoopbackServer server;

    private StandInTokenServer(Builder builder) {
        Map<String, String> passwords = orElse(builder.passwords, "john.smith@contoso.com", "P4ssw0rd");
        Map<String, String> clientSecrets = orElse(builder.clientSecrets, "your_client_id", "your_client_secret");
        client = clientSecrets.entrySet().iterator().next();
        user = passwords.entrySet().iterator().next();
        users = new Users(passwords, builder.lockOutAfter);
        tokens = new IssuedTokens(builder.clock, builder.accessTokenLife, builder.refreshTokenLife);
        requests = new TokenRequestHandler(
                builder.path, builder.clock, new IdentityServerRules(clientSecrets, builder.scopes, users, tokens));
        server = new LoopbackServer(builder, requests::answer);
        tokenUri = server.uri(builder.path);
    }

    private static Map<String, String> orElse(Map<String, String> registered, String name, String secret) {
        return registered.isEmpty() ? Map.of(name, secret) : registered;
    }

    /** {@return a running server with the default settings, on a free port} */
    public static StandInTokenServer start() {
        return builder().start();
    }

    /** {@return a builder with the default settings} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return the URI of the token endpoint, {@code http://127.0.0.1:<port>/auth/connect/token} unless set otherwise} */
    public URI tokenUri() {
        return tokenUri;
    }

    /** {@return the id of the client that was registered first} */
    public String clientId() {
        return client.getKey();
    }

    /** {@return the secret of the client that was registered first} */
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

    /** {@return how many requests reached the token endpoint, whether granted, refused or unanswered} */
    public long tokenRequests() {
        return requests.received();
    }

    /** {@return how many of the {@link #tokenRequests()} asked for the password grant} */
    public long passwordRequests() {
        return requests.passwords();
    }

    /** {@return how many of the {@link #tokenRequests()} asked for the refresh grant} */
    public long refreshRequests() {
        return requests.refreshes();
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
     * @param newPassword the password from now on, at most 100 characters
     * @throws IllegalArgumentException for an unknown user or a value that no login could present
     */
    public void changePassword(String username, String newPassword) {
        users.changePassword(username, Builder.checkedValue(newPassword, "newPassword"));
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
    public static final class Builder extends ServerBuilder<Builder> {

        private final Map<String, String> clientSecrets = new LinkedHashMap<>();
        private final Map<String, String> passwords = new LinkedHashMap<>();
        private Set<String> scopes = Set.of("email", "resources_stems_api", "offline_access");
        private String path = "/auth/connect/token";
        private int lockOutAfter = 5;
        private Duration accessTokenLife = Duration.ofSeconds(30);
        private Duration refreshTokenLife = Duration.ofDays(30);
        private InstantSource clock = InstantSource.system();

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets the token endpoint's path.
         *
         * @param path begins with a slash; {@code /auth/connect/token} by default
         * @return this
         */
        public Builder path(String path) {
            this.path = checkedPath(path);
            return this;
        }

        /**
         * Registers a client. The first call replaces the default client, further ones add to it.
         *
         * @param id the client's id, 1 to 100 characters
         * @param secret its secret, 1 to 100 characters
         * @return this
         */
        public Builder client(String id, String secret) {
            clientSecrets.put(checkedValue(id, "id"), checkedValue(secret, "secret"));
            return this;
        }

        /**
         * Registers a user. The first call replaces the default user, further ones add to it.
         *
         * @param username the user name, 1 to 100 characters
         * @param password the password, 1 to 100 characters
         * @return this
         */
        public Builder user(String username, String password) {
            passwords.put(checkedValue(username, "username"), checkedValue(password, "password"));
            return this;
        }

        /**
         * Sets the scopes that clients may ask for. Refresh tokens are issued for {@code offline_access} only.
         *
         * @param scopes all of them
         * @return this
         */
        public Builder scopes(String... scopes) {
            this.scopes = Set.of(scopes);
            return this;
        }

        /**
         * Sets how long an access token is accepted.
         *
         * @param accessTokenLife one second or more, 30 s by default; {@code expires_in} tells the whole seconds
         * @return this
         */
        public Builder accessTokenLife(Duration accessTokenLife) {
            this.accessTokenLife = checkedLife(accessTokenLife, "accessTokenLife");
            return this;
        }

        /**
         * Sets how long after a login its refresh tokens expire, however often they were used.
         *
         * @param refreshTokenLife one second or more, 30 days by default
         * @return this
         */
        public Builder refreshTokenLife(Duration refreshTokenLife) {
            this.refreshTokenLife = checkedLife(refreshTokenLife, "refreshTokenLife");
            return this;
        }

        /**
         * Sets how many wrong passwords in a row lock a user out.
         *
         * @param wrongPasswords one or more, 5 by default
         * @return this
         */
        public Builder lockOutAfter(int wrongPasswords) {
            if (wrongPasswords < 1) {
                throw new IllegalArgumentException("lockOutAfter must be at least 1, was " + wrongPasswords);
            }
            this.lockOutAfter = wrongPasswords;
            return this;
        }

        /**
         * Sets the clock by which tokens expire; latency is always real.
         *
         * @param clock the system's clock by default
         * @return this
         */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
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

        private static Duration checkedLife(Duration life, String name) {
            if (life.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException(name + " must be at least one second, was " + life);
            }
            return life;
        }

        private static String checkedValue(String value, String name) {
            if (value.isEmpty() || value.length() > IdentityServerRules.LONGEST_VALUE) {
                throw new IllegalArgumentException(name + " must have 1 to " + IdentityServerRules.LONGEST_VALUE
                        + " characters, had " + value.length());
            }
            return value;
        }
    }
}
