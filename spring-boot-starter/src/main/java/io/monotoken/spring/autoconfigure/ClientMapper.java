package io.monotoken.spring.autoconfigure;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import io.monotoken.ClientCredentialsGrant;
import io.monotoken.Credentials;
import io.monotoken.Grant;
import io.monotoken.LockOutSettings;
import io.monotoken.PasswordGrant;
import io.monotoken.RefreshSettings;
import io.monotoken.RefreshTokenGrant;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.StemsAccounts;
import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Client;
import io.monotoken.spring.autoconfigure.MonotokenProperties.GrantType;
import io.monotoken.spring.autoconfigure.MonotokenProperties.KnownProvider;
import io.monotoken.spring.client.BearerTokenFilter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Makes a token source and a filter of what one client is given. Where {@link ClientValidation} reports a problem, the
 * mapping goes on to find the next one, and the exception names all of them.
 */
final class ClientMapper {

    private static final URI UNKNOWN = URI.create("https://unknown.invalid");

    private final ConfiguredClient client;
    private final Client properties;
    private final ClientValidation validation;

    ClientMapper(ConfiguredClient client) {
        this.client = client;
        this.properties = client.properties();
        this.validation = new ClientValidation(client);
    }

    /**
     * Describes the token source.
     *
     * @param customizers change its endpoint, and may say how the client proves who it is in place of the properties
     * @throws InvalidClientException with every problem of its properties
     */
    TokenSource.Builder tokenSource(TokenClientHttp http, List<TokenEndpointBuilderCustomizer> customizers) {
        URI tokenUri = tokenUri();
        AssertionMapper assertions = new AssertionMapper(client, validation, http.bundles());
        RefreshSettings refresh = refresh();
        LockOutSettings lockOut = lockOut();
        Duration timeout = timeout(http, refresh.timeout());
        Duration connectTimeout = connectTimeout(http, timeout);
        List<TokenEndpointBuilderCustomizer> called = client.hasStandInServer() ? List.of() : customizers;
        TokenEndpoint.Builder endpoint = endpointAt(requireNonNullElse(tokenUri, UNKNOWN))
                .timeout(timeout)
                .connectTimeout(connectTimeout)
                .bearerTypes(properties.bearerTypes())
                .httpClient(prepared -> http.customizer(client).apply(prepared))
                .connectionVersion(http::version)
                .knownTexts(DoubtfulValues.texts(client));
        if (properties.allowPlainHttp()) {
            endpoint.allowPlainHttp();
        }
        if (tokenUri != null) {
            called.forEach(customizer -> customizer.customize(client.name(), endpoint));
        }
        boolean own = endpoint.clientAuthentication().isPresent();
        ClientAuthentication authentication = own || (tokenUri == null && !called.isEmpty())
                ? null
                : authentication(tokenUri, assertions, http.bundles());
        if (own) {
            new ProofRules(client, validation).checkTheGrant();
        }
        String id = endpoint.clientAuthentication()
                .map(ClientAuthentication::clientId)
                .orElseGet(() -> requireNonNullElse(client.clientId(), ""));
        Grant grant = grant(tokenUri, id, assertions);
        validation.throwProblems();
        if (!own) {
            endpoint.clientAuthentication(requireNonNull(authentication));
        }
        TokenEndpoint built = endpoint(requireNonNull(tokenUri), endpoint, requireNonNull(grant));
        validation.throwProblems();
        return TokenSource.builder(requireNonNull(built), requireNonNull(grant))
                .refresh(refresh)
                .lockOut(lockOut);
    }

    /**
     * Makes the filter.
     *
     * @throws InvalidClientException if a token may not be sent where the properties say
     */
    BearerTokenFilter filter(TokenSource tokens) {
        BearerTokenFilter.Builder filter = BearerTokenFilter.builder(client.name(), tokens)
                .retryOnUnauthorized(properties.retryOnUnauthorized())
                .followRedirects(properties.followRedirects())
                .keepAuthorization(properties.keepAuthorization());
        Duration life = properties.minimumRemainingLife();
        if (life != null) {
            filter.minimumRemainingLife(validation.sensible("minimum-remaining-life", life, Duration.ZERO));
        }
        validation.accepted(
                "unauthorized-statuses",
                () -> filter.unauthorizedStatuses(properties.unauthorizedStatuses()),
                "Name the statuses by which the API says that a token is no longer good, such as 403");
        URI baseUrl = client.baseUrl();
        if (baseUrl != null) {
            validation.accepted(
                    "base-url",
                    () -> filter.originOf(baseUrl),
                    validation.withScheme(baseUrl, "https://api.example.com/v1"));
        }
        client.allowedOrigins().forEach(origin -> validation.bareOrigin(origin, filter::originOf));
        validation.throwProblems();
        return filter.build();
    }

    private @Nullable TokenEndpoint endpoint(URI uri, TokenEndpoint.Builder endpoint, Grant grant) {
        try {
            return endpoint.build();
        } catch (IllegalArgumentException e) {
            boolean ofUri = String.valueOf(e.getMessage()).startsWith("the token URI");
            boolean plain = "http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null;
            if (!ofUri) {
                validation.report(
                        "The token endpoint of client '" + client.name() + "' cannot be built: " + e.getMessage(),
                        "Correct it in a TokenEndpointBuilderCustomizer bean");
            } else if (plain && uri.getRawUserInfo() == null && uri.getRawFragment() == null) {
                validation.report(
                        client.property("token-uri")
                                + " is plain http, which is for loopback addresses alone, was http://"
                                + uri.getRawAuthority(),
                        "Write an https address; " + client.property("allow-plain-http")
                                + ": true allows http, and whoever reads the network then knows " + secrets(grant));
            } else {
                validation.report(
                        client.property("token-uri") + ": " + e.getMessage(),
                        validation.withScheme(uri, "https://idp.example.com/token"));
            }
            return null;
        }
    }

    private String secrets(Grant grant) {
        String proof = switch (client.authenticationMethod()) {
            case CLIENT_SECRET_POST, CLIENT_SECRET_BASIC, CLIENT_SECRET_BASIC_RAW -> "the client's secret";
            case PRIVATE_KEY_JWT, CLIENT_SECRET_JWT, ASSERTION -> "the client's assertions";
            case NONE, TLS_CLIENT_AUTH, SELF_SIGNED_TLS_CLIENT_AUTH -> null;
        };
        if (grant instanceof PasswordGrant) {
            return "the password" + (proof == null ? "" : " and " + proof);
        }
        return proof == null ? "every token" : proof + " and every token";
    }

    private TokenEndpoint.Builder endpointAt(URI tokenUri) {
        KnownProvider provider = properties.provider();
        if (provider == null) {
            return TokenEndpoint.builder(tokenUri);
        }
        return switch (provider) {
            case STEMS_ACCOUNTS -> StemsAccounts.endpointAt(tokenUri);
        };
    }

    private @Nullable URI tokenUri() {
        URI uri = client.tokenUri();
        if (uri == null || uri.toString().isBlank()) {
            validation.report(
                    client.property("token-uri") + " is missing",
                    "Set " + client.property("token-uri") + " to the provider's token endpoint, or "
                            + client.property("provider") + " to stems-accounts");
            return null;
        }
        return uri;
    }

    private @Nullable ClientAuthentication authentication(
            @Nullable URI tokenUri, AssertionMapper assertions, ClientBundles bundles) {
        new ProofRules(client, validation).check(tokenUri, bundles);
        String id = validation.required("client-id", client.clientId(), "");
        return switch (client.authenticationMethod()) {
            case CLIENT_SECRET_POST ->
                bySecret(id, ClientAuthentication::clientSecretPost, ClientAuthentication::clientSecretPost);
            case CLIENT_SECRET_BASIC ->
                bySecret(id, ClientAuthentication::clientSecretBasic, ClientAuthentication::clientSecretBasic);
            case CLIENT_SECRET_BASIC_RAW ->
                bySecret(id, ClientAuthentication::clientSecretBasicRaw, ClientAuthentication::clientSecretBasicRaw);
            case PRIVATE_KEY_JWT -> assertions.privateKeyJwt(id);
            case CLIENT_SECRET_JWT -> assertions.clientSecretJwt(id);
            case ASSERTION -> assertions.madeElsewhere(id);
            case TLS_CLIENT_AUTH, SELF_SIGNED_TLS_CLIENT_AUTH ->
                id.isEmpty() ? null : ClientAuthentication.tlsClientAuth(id);
            case NONE -> id.isEmpty() ? null : ClientAuthentication.none(id);
        };
    }

    private @Nullable ClientAuthentication bySecret(
            String id,
            BiFunction<String, String, ClientAuthentication> constant,
            BiFunction<String, Mono<String>, ClientAuthentication> changing) {
        String orAny = id.isEmpty() ? "unknown" : id; // checks the secret also without an id
        String action = "Write client_secret_basic or client_secret_post";
        Mono<String> secrets = client.changingClientSecret();
        if (secrets != null) {
            return validation.accepted("client-authentication", () -> changing.apply(orAny, secrets), action);
        }
        String secret = validation.required(
                "client-secret",
                client.clientSecret(),
                "; a client without a secret has " + client.property("client-authentication") + ": none");
        return validation.accepted("client-authentication", () -> constant.apply(orAny, secret), action);
    }

    private @Nullable Grant grant(@Nullable URI tokenUri, String clientId, AssertionMapper assertions) {
        validation.noFieldTwice();
        GrantType type = client.grantType();
        if (type == null) {
            validation.report(
                    client.property("grant") + " is missing",
                    "Set " + client.property("grant")
                            + " to client_credentials, to password for a user's name and password, or to refresh_token"
                            + " for a refresh token that you have");
            return null;
        }
        return switch (type) {
            case PASSWORD -> passwordGrant();
            case CLIENT_CREDENTIALS -> new ClientCredentialsGrant(properties.scopes(), client.parameters());
            case REFRESH_TOKEN -> refreshTokenGrant();
            case JWT_BEARER -> assertions.jwtBearer(tokenUri, clientId);
        };
    }

    private @Nullable Grant passwordGrant() {
        Mono<Credentials> changing = client.changingCredentials();
        if (changing != null) {
            return new PasswordGrant(changing, properties.scopes()).withParameters(client.parameters());
        }
        String username = validation.required("username", client.username(), "");
        String password = validation.required("password", client.password(), "");
        return validation.accepted(
                "password",
                () -> new PasswordGrant(username, password, properties.scopes()).withParameters(client.parameters()),
                "Write user name and password without line breaks");
    }

    private @Nullable Grant refreshTokenGrant() {
        validation.noScopesForARefreshToken();
        String refreshToken = validation.required("refresh-token", client.refreshToken(), "");
        return refreshToken.isEmpty()
                ? null
                : validation.accepted(
                        "refresh-token", () -> new RefreshTokenGrant(refreshToken), "Write it on one line");
    }

    private LockOutSettings lockOut() {
        LockOutSettings defaults = LockOutSettings.defaults();
        MonotokenProperties.LockOut lockOut = properties.lockOut();
        LockOutSettings settings = requireNonNullElse(
                validation.accepted(
                        "lock-out.attempts",
                        () -> defaults.withAttempts(lockOut.attempts()),
                        "Write a number from 1 to 10 that is lower than the one at which the provider locks accounts"),
                defaults);
        Duration again = lockOut.again();
        if (again == null) {
            return settings;
        }
        try {
            return settings.withAgain(again);
        } catch (IllegalArgumentException e) {
            validation.report(
                    client.property("lock-out.again") + " must be at least 1 h, was " + ShownDuration.of(again)
                            + "; unset, a refused password is not sent again",
                    "Write a duration such as 6h, or remove it");
            return settings;
        }
    }

    private RefreshSettings refresh() {
        RefreshSettings defaults = RefreshSettings.defaults();
        MonotokenProperties.Refresh refresh = properties.refresh();
        Duration timeout = validation.sensible("refresh.timeout", refresh.timeout(), defaults.timeout());
        RefreshSettings settings = defaults.withParameters(client.refreshParameters())
                .withTimeout(timeout)
                .withCredentialsTimeout(shorter(defaults.credentialsTimeout(), timeout))
                .withDefaultLifetime(validation.sensible(
                        "refresh.default-lifetime", refresh.defaultLifetime(), defaults.defaultLifetime()));
        Duration ahead = refresh.ahead();
        return ahead == null ? settings : settings.withAhead(validation.sensible("refresh.ahead", ahead, timeout));
    }

    private Duration timeout(TokenClientHttp http, Duration whole) {
        Duration own = properties.timeout();
        if (own == null) {
            return validation.sensible(
                    "spring.http.clients.read-timeout",
                    shorter(http.timeout(), whole),
                    whole,
                    "set " + client.property("timeout"));
        }
        validation.within("timeout", own, "refresh.timeout", whole);
        return validation.sensible("timeout", own, whole);
    }

    private Duration connectTimeout(TokenClientHttp http, Duration exchange) {
        Duration own = properties.connectTimeout();
        if (own == null) {
            return validation.sensible(
                    "spring.http.clients.connect-timeout",
                    shorter(http.connectTimeout(), exchange),
                    exchange,
                    "set " + client.property("connect-timeout"));
        }
        validation.within("connect-timeout", own, "timeout", exchange);
        return validation.sensible("connect-timeout", own, exchange);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
