package io.monotoken.spring.autoconfigure;

import io.monotoken.AssertionSettings;
import io.monotoken.LockOutSettings;
import io.monotoken.RefreshSettings;
import io.monotoken.StoreSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration below {@code monotoken}. {@link #toString()} shows no secret.
 *
 * @param clients OAuth clients by name; a name may have dashes, as in comply-one
 * @param store where instances of the application share tokens
 */
@ConfigurationProperties(prefix = "monotoken", ignoreUnknownFields = false)
public record MonotokenProperties(
        @DefaultValue Map<String, Client> clients,
        @DefaultValue Store store) {

    /**
     * One client of one provider, with one user at most.
     *
     * @param enabled whether to make beans for this client
     * @param provider known provider to take defaults from; what is set here wins
     * @param tokenUri address of the token endpoint; https, or http to a loopback address
     * @param issuer identifier of the provider, which is the audience of assertions unless they have another
     * @param grant what to show the token endpoint to get a token
     * @param clientId id of the client
     * @param clientSecret secret of the client
     * @param clientAuthentication how the client proves who it is
     * @param assertion what a signed assertion says, and with which key; or the file that has one
     * @param username user name, for the password grant
     * @param password password, for the password grant
     * @param refreshToken refresh token to start from, for the refresh-token grant; it is used up by its first use
     * @param scopes scopes to ask for; offline_access asks most providers for a refresh token
     * @param parameters further form fields of the token request, such as audience; commas separate values
     * @param bearerTypes token types of answers to be taken for Bearer
     * @param allowPlainHttp whether the token endpoint may be an http address that is not a loopback one; anybody on
     *     the network then reads the password
     * @param baseUrl address that the client's WebClient starts from; its origin may see the token
     * @param allowedOrigins further origins that may see the token, such as https://files.example.com
     * @param retryOnUnauthorized whether a request that was answered with 401 is sent once more; the token is renewed in
     *     any case
     * @param unauthorizedStatuses statuses beside 401 by which the API says that a token is no longer good, such as 403, 419 or
     *     498; what holds for 401 holds for them
     * @param minimumRemainingLife how much of its life the token of a request must have left, for requests that take long; one
     *     with less is renewed first; unset, any usable token will do
     * @param keepAuthorization whether an Authorization header that a request has already stays, instead of the token
     * @param followRedirects whether redirects of the API are followed, to base-url's origin and allowed-origins only
     * @param eager whether to fetch a token at start; a failure then is logged and does not end the application
     * @param shared whether all instances of the application share one token, through the store
     * @param connectTimeout how long connecting to the token endpoint may take; 2 s unless set here or in
     *     spring.http.clients.connect-timeout
     * @param timeout how long one exchange with the token endpoint may take; 5 s unless set here or in
     *     spring.http.clients.read-timeout
     * @param refresh when tokens are renewed
     * @param lockOut how often a refused password is sent again
     * @param proxy proxy for token requests, instead of that of the Java system properties
     * @param ssl TLS of token requests
     * @param api how requests to the API travel
     */
    @ConfigurationPropertiesSource
    public record Client(
            @DefaultValue("true") boolean enabled,
            @Nullable KnownProvider provider,
            @Nullable String tokenUri,
            @Nullable String issuer,
            @Nullable GrantType grant,
            @Nullable String clientId,
            @Nullable String clientSecret,
            @DefaultValue("client_secret_post") AuthenticationMethod clientAuthentication,
            @DefaultValue Assertion assertion,
            @Nullable String username,
            @Nullable String password,
            @Nullable String refreshToken,
            @DefaultValue List<String> scopes,
            @DefaultValue Map<String, List<String>> parameters,
            @DefaultValue List<String> bearerTypes,
            @DefaultValue("false") boolean allowPlainHttp,
            @Nullable String baseUrl,
            @DefaultValue List<String> allowedOrigins,
            @DefaultValue("true") boolean retryOnUnauthorized,
            @DefaultValue List<Integer> unauthorizedStatuses,
            @Nullable Duration minimumRemainingLife,
            @DefaultValue("false") boolean keepAuthorization,
            @DefaultValue("false") boolean followRedirects,
            @DefaultValue("false") boolean eager,
            @DefaultValue("false") boolean shared,
            @Nullable Duration connectTimeout,
            @Nullable Duration timeout,
            @DefaultValue Refresh refresh,
            @DefaultValue LockOut lockOut,
            @Nullable Proxy proxy,
            @DefaultValue Ssl ssl,
            @DefaultValue Api api) {

        @Override
        public String toString() {
            return "Client[provider=" + provider + ", grant=" + grant + ", clientId="
                    + clientId + ", clientSecret=REDACTED, username=" + username
                    + ", password=REDACTED, refreshToken=REDACTED, scopes="
                    + scopes + ", parameters=" + parameters.keySet() + ", assertion=" + assertion + ", proxy=" + proxy
                    + "]";
        }
    }

    /**
     * What a signed assertion says, and with which key; or the file that has one.
     *
     * @param key private key in PKCS #8 or a JSON Web Key: the location of its file, which is read again when it has changed,
     *     or its text
     * @param keyPassword password that the key is encrypted with
     * @param bundle name of an SSL bundle whose key store has the key, instead of one at key; followed when it is reloaded
     * @param keyId what the provider calls the key; unset, the kid of a JSON Web Key, or none
     * @param algorithm JWS algorithm: RS256, PS256, ES256, ES384 or EdDSA; unset, the usual one of the key
     * @param audience for whom the assertion is; unset, the issuer, else the token URI
     * @param type type in the header of the client's assertion; unset, client-authentication+jwt, or JWT in that of the grant
     * @param lifetime how long the assertion is good, from 1 s to 1 h
     * @param claims further claims; a number stays a number
     * @param file file that has the assertion, such as a workload's identity, for client-authentication assertion; read
     *     for each token request
     * @param subject for whom the tokens are, for the JWT bearer grant
     * @param issuer who issues the assertion of the JWT bearer grant; unset, the client's id
     */
    public record Assertion(
            @Nullable String key,
            @Nullable String keyPassword,
            @Nullable String bundle,
            @Nullable String keyId,
            @Nullable String algorithm,
            @Nullable String audience,
            @Nullable String type,

            @DefaultValue(AssertionSettings.DEFAULT_LIFETIME_SECONDS + "s")
            Duration lifetime,

            @DefaultValue Map<String, Object> claims,
            @Nullable String file,
            @Nullable String subject,
            @Nullable String issuer) {

        @Override
        public String toString() {
            return "Assertion[key=REDACTED, keyPassword=REDACTED, bundle=" + bundle + ", keyId=" + keyId
                    + ", algorithm="
                    + algorithm + ", audience=" + audience + ", type=" + type + ", lifetime=" + lifetime + ", claims="
                    + claims.keySet() + ", file=" + file + ", subject=" + subject + ", issuer=" + issuer + "]";
        }
    }

    /**
     * How requests to the API travel.
     *
     * @param ssl TLS of requests to the API
     */
    public record Api(@DefaultValue Ssl ssl) {}

    /**
     * When tokens are renewed.
     *
     * @param ahead how long before expiry a renewal starts, spread by up to a tenth of a token's life; unset, it starts
     *     between 70 % and 80 % of the life, earlier below two and a half minutes
     * @param defaultLifetime life of a token whose answer names none
     * @param timeout how long a renewal may take with everything in it; no caller waits longer
     * @param parameters further form fields of the refresh grant, such as resource; commas separate values
     */
    public record Refresh(
            @Nullable Duration ahead,

            @DefaultValue(RefreshSettings.DEFAULT_LIFETIME_MINUTES + "m")
            Duration defaultLifetime,

            @DefaultValue(RefreshSettings.DEFAULT_TIMEOUT_SECONDS + "s")
            Duration timeout,

            @DefaultValue Map<String, List<String>> parameters) {

        @Override
        public String toString() {
            return "Refresh[ahead=" + ahead + ", defaultLifetime=" + defaultLifetime + ", timeout=" + timeout
                    + ", parameters=" + parameters.keySet() + "]";
        }
    }

    /**
     * How often a password that the server refused is sent again; one account gets five refusals in 24 hours at most, or as
     * many as there are attempts.
     *
     * @param attempts how often a refused password is sent, from 1 to 10: at once, after a minute, then every 15 minutes
     * @param again how long after the last attempt it is sent again, an hour at least; unset, only other credentials or a
     *     reset help
     */
    public record LockOut(
            @DefaultValue("" + LockOutSettings.DEFAULT_ATTEMPTS)
            int attempts,

            @Nullable Duration again) {}

    /**
     * An HTTP proxy.
     *
     * @param host host name of the proxy
     * @param port port of the proxy
     * @param username user name at the proxy, if it wants one
     * @param password password at the proxy
     */
    public record Proxy(
            String host,
            @DefaultValue("3128") int port,
            @Nullable String username,
            @Nullable String password) {

        @Override
        public String toString() {
            return "Proxy[host=" + host + ", port=" + port + ", username=" + username + ", password=REDACTED]";
        }
    }

    /**
     * TLS of requests.
     *
     * @param bundle name of an SSL bundle; followed when it is reloaded
     */
    public record Ssl(@Nullable String bundle) {}

    /**
     * Where instances of the application share tokens.
     *
     * @param redis sharing through the application's Redis
     */
    public record Store(@DefaultValue Redis redis) {}

    /**
     * Sharing through the application's Redis. A TokenStore bean replaces it, and has the keys and times from here unless there
     * is a StoreSettings bean as well.
     *
     * @param enabled whether tokens are shared through the Redis that spring.data.redis describes
     * @param keyPrefix what the names of all records begin with
     * @param keys 32 random bytes in base64 by an id of your choice; the first one encrypts, all of them decrypt
     * @param encryptWith id of the key that encrypts, where keys have no order, as in environment variables
     * @param lease how long the other instances leave a renewal to the one that began it; at least the refresh timeout of each
     *     client and twice the timeout here
     * @param timeout how long Redis may take for an answer before an instance goes on without it
     * @param minReplicas how many replicas must have a change before it counts; none loses the last changes in a failover
     */
    public record Redis(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("monotoken:") String keyPrefix,
            @DefaultValue Map<String, String> keys,
            @Nullable String encryptWith,

            @DefaultValue(StoreSettings.DEFAULT_LEASE_SECONDS + "s")
            Duration lease,

            @DefaultValue(StoreSettings.DEFAULT_TIMEOUT_MILLIS + "ms")
            Duration timeout,

            @DefaultValue("0") int minReplicas) {

        @Override
        public String toString() {
            return "Redis[enabled=" + enabled + ", keyPrefix=" + keyPrefix + ", keys=" + keys.keySet()
                    + ", encryptWith=" + encryptWith + ", lease=" + lease + ", timeout=" + timeout + ", minReplicas="
                    + minReplicas + "]";
        }
    }

    /** A provider whose settings are known. */
    public enum KnownProvider {
        /** Stems Accounts, for the Comply One API: an IdentityServer that documents the password grant. */
        STEMS_ACCOUNTS
    }

    /** What a client shows the token endpoint. */
    public enum GrantType {
        /** A user's name and password (RFC 6749, section 4.3). */
        PASSWORD,
        /** Nothing but the client's own credentials (RFC 6749, section 4.4). */
        CLIENT_CREDENTIALS,
        /** A refresh token that somebody else got (RFC 6749, section 6). */
        REFRESH_TOKEN,
        /** A signed assertion that stands for the user or service that it names (RFC 7523, section 2.1). */
        JWT_BEARER
    }

    /**
     * How a client proves to the token endpoint who it is, by the names of the
     * <a href="https://www.rfc-editor.org/rfc/rfc7591#section-2">registry of RFC 7591</a> where it has one.
     */
    public enum AuthenticationMethod {
        /** Id and secret as form fields. */
        CLIENT_SECRET_POST,
        /** Id and secret in a Basic header, form-encoded first as RFC 6749 asks. */
        CLIENT_SECRET_BASIC,
        /** Id and secret in a Basic header as they are, for servers that do not decode them. */
        CLIENT_SECRET_BASIC_RAW,
        /** An assertion, signed with the client's private key for each request. */
        PRIVATE_KEY_JWT,
        /** An assertion, signed with the client's secret for each request. */
        CLIENT_SECRET_JWT,
        /** An assertion that somebody else makes: a file has it, or a bean. */
        ASSERTION,
        /** The id, and the certificate of the connection, which an authority known to the provider has issued. */
        TLS_CLIENT_AUTH,
        /** The id, and the certificate of the connection, which the provider has itself. */
        SELF_SIGNED_TLS_CLIENT_AUTH,
        /** The id alone, for public clients. */
        NONE
    }
}
