package io.monotoken.spring.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import io.monotoken.ClientAuthentication;
import io.monotoken.ClientCredentialsGrant;
import io.monotoken.Credentials;
import io.monotoken.Grant;
import io.monotoken.PasswordGrant;
import io.monotoken.RefreshSettings;
import io.monotoken.RefreshTokenGrant;
import io.monotoken.StemsAccounts;
import io.monotoken.TokenEndpoint;
import io.monotoken.TokenSource;
import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.MonotokenProperties.AuthenticationMethod;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Client;
import io.monotoken.spring.autoconfigure.MonotokenProperties.GrantType;
import io.monotoken.spring.autoconfigure.MonotokenProperties.KnownProvider;
import io.monotoken.spring.client.BearerTokenFilter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** One client's properties as {@code io.monotoken} types; names every property that cannot be one. */
final class ClientSetup {

    private static final Set<String> OWN_FIELDS =
            Set.of("grant_type", "scope", "client_id", "client_secret", "username", "password", "refresh_token");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^:}]+)}");

    private final String name;
    private final Client client;
    private final List<MonotokenConnectionDetails> details;
    private final List<Problem> problems = new ArrayList<>();

    ClientSetup(String name, MonotokenProperties properties, List<MonotokenConnectionDetails> details) {
        Client found = ClientNames.find(properties.clients(), name);
        if (found == null) {
            throw new InvalidClientException(new Problem(
                    ClientNames.PREFIX + name + " has none of the properties of a client",
                    "Leave dashes out where a name is part of an environment variable, as in "
                            + ClientNames.variable("comply-one", "client-id") + " for comply-one"));
        }
        this.name = name;
        this.client = found;
        this.details = details;
    }

    Client properties() {
        return client;
    }

    /** {@return the address that the WebClient starts from, if there is one} */
    @Nullable
    URI baseUrl() {
        return either(MonotokenConnectionDetails::baseUrl, client.baseUrl());
    }

    TokenSource.Builder tokenSource(TokenClientHttp http) {
        URI tokenUri = tokenUri();
        ClientAuthentication authentication = authentication();
        Grant grant = grant();
        RefreshSettings refresh = refresh();
        Duration timeout = timeout(http, refresh.timeout());
        Duration connectTimeout = connectTimeout(http, timeout);
        refuseProblems();
        TokenEndpoint.Builder endpoint = endpointAt(tokenUri)
                .clientAuthentication(authentication)
                .timeout(timeout)
                .connectTimeout(connectTimeout)
                .bearerTypes(client.bearerTypes())
                .httpClient(http.customizer(name, client));
        if (client.allowPlainHttp()) {
            endpoint.allowPlainHttp();
        }
        TokenEndpoint built = checked(
                "token-uri",
                endpoint::build,
                "Write an https address; " + property("allow-plain-http") + ": true allows http, and whoever reads the"
                        + " network then knows the password");
        refuseProblems();
        return TokenSource.builder(Objects.requireNonNull(built), grant).refresh(refresh);
    }

    private TokenEndpoint.Builder endpointAt(URI tokenUri) {
        return client.provider() == KnownProvider.STEMS_ACCOUNTS
                ? StemsAccounts.endpointAt(tokenUri)
                : TokenEndpoint.builder(tokenUri);
    }

    BearerTokenFilter filter(TokenSource tokens) {
        BearerTokenFilter.Builder filter = BearerTokenFilter.builder(name, tokens)
                .retryOnUnauthorized(client.retryOnUnauthorized() && !client.followRedirects())
                .keepAuthorization(client.keepAuthorization());
        URI baseUrl = baseUrl();
        if (baseUrl != null) {
            checked("base-url", () -> filter.originOf(baseUrl), "Write an address such as https://api.example.com/v1");
        }
        client.allowedOrigins().forEach(origin -> allow(origin, filter));
        refuseProblems();
        return filter.build();
    }

    private void allow(URI origin, BearerTokenFilter.Builder filter) {
        Object allowed = checked(
                "allowed-origins", () -> filter.originOf(origin), "Write an origin such as https://files.example.com");
        String path = requireNonNullElse(origin.getRawPath(), "");
        if (allowed != null && (path.length() > 1 || origin.getRawQuery() != null || origin.getRawFragment() != null)) {
            problems.add(new Problem(
                    property("allowed-origins") + " must name scheme, host and port only, was '" + origin + "'",
                    "Leave out what comes after host and port: a token is never held back by path"));
        }
    }

    /** {@return what the client does, for people} */
    String summary(TokenSource tokens) {
        BearerTokenFilter.Builder filter = BearerTokenFilter.builder(name, tokens);
        Stream.concat(Stream.ofNullable(baseUrl()), client.allowedOrigins().stream())
                .forEach(url -> allowUnlessFlawed(url, filter));
        List<String> origins =
                filter.build().origins().stream().map(URI::toString).toList();
        String shownUri = String.valueOf(knownTokenUri()).replaceFirst("\\?.*", "");
        return "Client '" + name + "' gets tokens from " + shownUri + " by "
                + requireNonNullElse(grantType(), "").toString().toLowerCase(Locale.ROOT) + " grant, for "
                + (origins.isEmpty() ? "no origin yet: set " + property("base-url") : String.join(", ", origins));
    }

    private static void allowUnlessFlawed(URI url, BearerTokenFilter.Builder filter) {
        try {
            filter.originOf(url);
        } catch (IllegalArgumentException flaw) {
            return; // which keeps the application from starting, with a message, when the client's filter is made
        }
    }

    private URI tokenUri() {
        URI uri = knownTokenUri();
        if (uri == null || uri.toString().isBlank()) {
            problems.add(new Problem(
                    property("token-uri") + " is missing",
                    "Set " + property("token-uri") + " to the provider's token endpoint, or " + property("provider")
                            + " to stems-accounts"));
            return URI.create("");
        }
        return uri;
    }

    private @Nullable URI knownTokenUri() {
        return either(
                MonotokenConnectionDetails::tokenUri,
                client.tokenUri() == null && client.provider() == KnownProvider.STEMS_ACCOUNTS
                        ? StemsAccounts.TOKEN_URI
                        : client.tokenUri());
    }

    private ClientAuthentication authentication() {
        String id = required("client-id", MonotokenConnectionDetails::clientId, client.clientId(), "");
        if (client.clientAuthentication() == AuthenticationMethod.NONE) {
            return ClientAuthentication.none(orPlaceholder(id));
        }
        String secret = required(
                "client-secret",
                MonotokenConnectionDetails::clientSecret,
                client.clientSecret(),
                "; a client without a secret has " + property("client-authentication") + ": none");
        ClientAuthentication authentication = checked(
                "client-authentication",
                () -> switch (client.clientAuthentication()) {
                    case BASIC -> ClientAuthentication.basic(orPlaceholder(id), secret);
                    case BASIC_RAW -> ClientAuthentication.basicRaw(orPlaceholder(id), secret);
                    default -> ClientAuthentication.post(orPlaceholder(id), secret);
                },
                "Write basic or post");
        return authentication == null ? ClientAuthentication.none("unknown") : authentication;
    }

    /** So that the other properties are checked as well before the client is refused. */
    private static String orPlaceholder(String id) {
        return id.isEmpty() ? "unknown" : id;
    }

    private @Nullable GrantType grantType() {
        return client.grant() == null && client.provider() == KnownProvider.STEMS_ACCOUNTS
                ? GrantType.PASSWORD
                : client.grant();
    }

    private Grant grant() {
        checkParameters();
        GrantType type = grantType();
        if (type == null) {
            problems.add(new Problem(
                    property("grant") + " is missing",
                    "Set " + property("grant")
                            + " to client-credentials, to password for a user's name and password, or to refresh-token"
                            + " for a refresh token that you have"));
        }
        if (type == GrantType.REFRESH_TOKEN) {
            refuseScopes();
            String refreshToken =
                    required("refresh-token", MonotokenConnectionDetails::refreshToken, client.refreshToken(), "");
            RefreshTokenGrant grant = refreshToken.isEmpty()
                    ? null
                    : checked("refresh-token", () -> new RefreshTokenGrant(refreshToken), "Write it on one line");
            return grant == null ? new ClientCredentialsGrant(List.of()) : grant;
        }
        if (type != GrantType.PASSWORD) {
            return new ClientCredentialsGrant(client.scopes(), client.parameters());
        }
        Mono<Credentials> changing = either(MonotokenConnectionDetails::credentials, null);
        if (changing != null) {
            return new PasswordGrant(changing, client.scopes()).withParameters(client.parameters());
        }
        String username = required("username", MonotokenConnectionDetails::username, client.username(), "");
        String password = required("password", MonotokenConnectionDetails::password, client.password(), "");
        PasswordGrant grant = checked(
                "password",
                () -> new PasswordGrant(username, password, client.scopes()).withParameters(client.parameters()),
                "Write user name and password without line breaks");
        return grant == null ? new ClientCredentialsGrant(List.of()) : grant;
    }

    private void checkParameters() {
        refuseOwnFields("parameters.", client.parameters());
        refuseOwnFields("refresh.parameters.", client.refresh().parameters());
    }

    private void refuseOwnFields(String below, Map<String, List<String>> parameters) {
        parameters.keySet().stream()
                .filter(OWN_FIELDS::contains)
                .forEach(field -> problems.add(new Problem(
                        property(below + field) + " would be sent twice",
                        "Remove it; the client writes " + field + " from its other properties")));
    }

    private void refuseScopes() {
        if (!client.scopes().isEmpty() || !client.parameters().isEmpty()) {
            problems.add(new Problem(
                    property(client.scopes().isEmpty() ? "parameters" : "scopes")
                            + " would not be sent: a refresh token has the scopes that it was issued for",
                    "Remove it; further form fields of the refresh grant go below " + property("refresh.parameters")));
        }
    }

    private RefreshSettings refresh() {
        Duration timeout = positive("refresh.timeout", client.refresh().timeout(), Duration.ofSeconds(15));
        RefreshSettings settings = RefreshSettings.defaults()
                .withParameters(client.refresh().parameters())
                .withTimeout(timeout)
                .withCredentialsTimeout(shorter(RefreshSettings.defaults().credentialsTimeout(), timeout))
                .withDefaultLifetime(positive(
                        "refresh.default-lifetime", client.refresh().defaultLifetime(), Duration.ofMinutes(5)));
        Duration ahead = client.refresh().ahead();
        return ahead == null ? settings : settings.withAhead(positive("refresh.ahead", ahead, timeout));
    }

    private Duration timeout(TokenClientHttp http, Duration whole) {
        Duration own = client.timeout();
        if (own == null) {
            return shorter(requireNonNullElse(http.readTimeout(), Duration.ofSeconds(5)), whole);
        }
        refuseLonger("timeout", own, "refresh.timeout", whole);
        return positive("timeout", own, whole);
    }

    private Duration connectTimeout(TokenClientHttp http, Duration exchange) {
        Duration own = client.connectTimeout();
        if (own == null) {
            return shorter(requireNonNullElse(http.connectTimeout(), Duration.ofSeconds(2)), exchange);
        }
        refuseLonger("connect-timeout", own, "timeout", exchange);
        return positive("connect-timeout", own, exchange);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void refuseLonger(String property, Duration part, String containing, Duration whole) {
        if (part.compareTo(whole) > 0) {
            problems.add(new Problem(
                    property(property) + " of " + part + " is longer than " + property(containing) + " of " + whole
                            + ", which contains it",
                    "Shorten the first or lengthen the second"));
        }
    }

    private Duration positive(String property, Duration value, Duration otherwise) {
        if (value.toMillis() >= 1) {
            return value;
        }
        problems.add(new Problem(
                property(property) + " must be at least a millisecond, was " + value,
                "Write a duration such as 5s, or remove it"));
        return otherwise;
    }

    private String required(String property, FromDetails<String> fromDetails, @Nullable String value, String orElse) {
        String known = either(fromDetails, value);
        if (known == null || known.isBlank()) {
            problems.add(new Problem(
                    property(property) + " is missing",
                    "Set " + property(property) + " or the environment variable " + ClientNames.variable(name, property)
                            + orElse));
            return "";
        }
        Matcher placeholder = PLACEHOLDER.matcher(known);
        if (placeholder.matches()) {
            problems.add(new Problem(
                    property(property) + " is " + known + ", which nothing resolves",
                    "Define " + placeholder.group(1) + ", for instance as an environment variable"));
        }
        return known;
    }

    private <T> @Nullable T either(FromDetails<T> fromDetails, @Nullable T value) {
        for (MonotokenConnectionDetails detail : details) {
            T known = fromDetails.of(detail, name);
            if (known != null) {
                return known;
            }
        }
        return value;
    }

    @FunctionalInterface
    private interface FromDetails<T> {
        @Nullable
        T of(MonotokenConnectionDetails details, String client);
    }

    private <T> @Nullable T checked(String property, Supplier<T> part, String action) {
        try {
            return part.get();
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(property(property) + ": " + e.getMessage(), action));
            return null;
        }
    }

    private void refuseProblems() {
        if (!problems.isEmpty()) {
            throw new InvalidClientException(problems, null);
        }
    }

    private String property(String property) {
        return ClientNames.PREFIX + name + "." + property;
    }
}
