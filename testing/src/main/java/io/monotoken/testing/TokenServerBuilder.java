package io.monotoken.testing;

import java.security.PublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a token server: its path, its clients and users, its grants and scopes, and how long tokens live.
 *
 * <p>Not public: users see these methods as those of {@link StandInTokenServer.Builder}.
 */
abstract sealed class TokenServerBuilder extends ServerBuilder<StandInTokenServer.Builder>
        permits StandInTokenServer.Builder {

    final ServerKind kind;
    final Map<String, String> clientSecrets = new LinkedHashMap<>();
    final Map<String, PublicKey> clientKeys = new LinkedHashMap<>();
    final Map<String, String> passwords = new LinkedHashMap<>();
    private boolean hasDefaultClient;
    private boolean hasDefaultUser;
    Set<String> grants =
            Set.of(TokenRequestRules.CLIENT_CREDENTIALS, TokenRequestRules.PASSWORD, TokenRequestRules.REFRESH_TOKEN);

    @Nullable
    Set<String> scopes;

    @Nullable
    String path;

    int lockOutAfter = 5;
    Duration accessTokenLife = Duration.ofSeconds(30);
    Duration refreshTokenLife = Duration.ofDays(30);
    InstantSource clock = InstantSource.system();

    TokenServerBuilder(ServerKind kind) {
        this.kind = kind;
    }

    StandInTokenServer.Builder defaultClient(String id, String secret) {
        clientSecrets.put(id, secret);
        hasDefaultClient = true;
        return self();
    }

    StandInTokenServer.Builder defaultUser(String username, String password) {
        passwords.put(username, password);
        hasDefaultUser = true;
        return self();
    }

    /**
     * Sets the token endpoint's path, and so an address that may have been that of an earlier server: what a client has
     * been refused there, such as a password, it remembers for as long as the JVM runs.
     *
     * @param path begins with a slash; by default one that no earlier server had
     * @return this
     */
    public StandInTokenServer.Builder path(String path) {
        this.path = checkedPath(path);
        return self();
    }

    /**
     * Registers a client. The first call replaces the default client, further ones add to it.
     *
     * @param id the client's id
     * @param secret its secret, which it shows in the form or in a Basic header, or signs assertions with (HS256)
     * @return this
     */
    public StandInTokenServer.Builder client(String id, String secret) {
        return register(id, checkedValue(secret, "secret"));
    }

    /**
     * Registers a client without a secret: a public one, or one that shows who it is in another way, such as a
     * certificate, which is not checked here. The first call replaces the default client, further ones add to it.
     *
     * @param id the client's id
     * @return this
     */
    public StandInTokenServer.Builder client(String id) {
        return register(id, "");
    }

    /**
     * Registers a client that proves who it is by a signed assertion (RS256, PS256, ES256, ES384 or EdDSA): signature,
     * {@code iss}, {@code sub}, {@code exp}, {@code iat} and {@code jti} are checked, and {@code aud} may be any text. The first
     * call replaces the default client, further ones add to it.
     *
     * @param id the client's id
     * @param key what verifies its signatures
     * @return this
     * @see <a href="https://www.rfc-editor.org/rfc/rfc7523#section-2.2">RFC 7523, section 2.2</a>
     */
    public StandInTokenServer.Builder client(String id, PublicKey key) {
        register(id, "");
        clientKeys.put(id, Objects.requireNonNull(key, "key"));
        return self();
    }

    private StandInTokenServer.Builder register(String id, String secret) {
        checkedValue(id, "id");
        if (hasDefaultClient) {
            clientSecrets.clear();
            hasDefaultClient = false;
        }
        clientSecrets.put(id, secret);
        clientKeys.remove(id);
        return self();
    }

    /**
     * Registers a user. The first call replaces the default user, further ones add to it.
     *
     * @param username the user name
     * @param password the password
     * @return this
     */
    public StandInTokenServer.Builder user(String username, String password) {
        checkedValue(username, "username");
        checkedValue(password, "password");
        if (hasDefaultUser) {
            passwords.clear();
            hasDefaultUser = false;
        }
        passwords.put(username, password);
        return self();
    }

    /**
     * Sets the grant types that there are. One that is none of {@code client_credentials}, {@code password} and
     * {@code refresh_token}, such as {@code urn:ietf:params:oauth:grant-type:token-exchange}, is granted to every client
     * that authenticates, whatever its own fields say.
     *
     * @param grantTypes all of them; those three by default
     * @return this
     */
    public StandInTokenServer.Builder grants(String... grantTypes) {
        this.grants = words("grant type", grantTypes);
        return self();
    }

    /**
     * Sets the scopes that clients may ask for, and get where they ask for none.
     *
     * @param scopes all of them; by default every scope that is asked for is there
     * @return this
     */
    public StandInTokenServer.Builder scopes(String... scopes) {
        this.scopes = words("scope", scopes);
        return self();
    }

    /**
     * Sets how long an access token is accepted.
     *
     * @param accessTokenLife one second or more, 30 s by default; {@code expires_in} tells the whole seconds
     * @return this
     */
    public StandInTokenServer.Builder accessTokenLife(Duration accessTokenLife) {
        this.accessTokenLife = checkedLife(accessTokenLife, "accessTokenLife");
        return self();
    }

    /**
     * Sets how long after a login its refresh tokens expire, however often they were used.
     *
     * @param refreshTokenLife one second or more, 30 days by default
     * @return this
     */
    public StandInTokenServer.Builder refreshTokenLife(Duration refreshTokenLife) {
        this.refreshTokenLife = checkedLife(refreshTokenLife, "refreshTokenLife");
        return self();
    }

    /**
     * Sets how many wrong passwords in a row lock a user out.
     *
     * @param wrongPasswords one or more, 5 by default
     * @return this
     */
    public StandInTokenServer.Builder lockOutAfter(int wrongPasswords) {
        if (wrongPasswords < 1) {
            throw new IllegalArgumentException("lockOutAfter must be at least 1, was " + wrongPasswords);
        }
        this.lockOutAfter = wrongPasswords;
        return self();
    }

    /**
     * Sets the clock by which tokens expire; latency is always real.
     *
     * @param clock the system's clock by default
     * @return this
     */
    public StandInTokenServer.Builder clock(InstantSource clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
        return self();
    }

    private static Duration checkedLife(Duration life, String name) {
        if (life.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(name + " must be at least one second, was " + life);
        }
        return life;
    }

    private static Set<String> words(String kind, String... words) {
        for (String word : words) {
            if (!TokenRequestRules.WORD.matcher(word).matches()) {
                throw new IllegalArgumentException(
                        "a " + kind + " must be one word of visible ASCII characters, was '" + word + "'");
            }
        }
        return Set.copyOf(List.of(words));
    }

    private String checkedValue(String value, String name) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException(name + " must not be empty");
        }
        if (value.length() > kind.longestValue()) {
            throw new IllegalArgumentException(
                    name + " must have at most " + kind.longestValue() + " characters, had " + value.length());
        }
        return value;
    }
}
