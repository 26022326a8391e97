package io.monotoken.spring.autoconfigure;

import io.monotoken.Credentials;
import io.monotoken.endpoint.StemsAccounts;
import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.MonotokenProperties.AuthenticationMethod;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Client;
import io.monotoken.spring.autoconfigure.MonotokenProperties.GrantType;
import io.monotoken.spring.autoconfigure.MonotokenProperties.KnownProvider;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Proxy;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What one client is given: its properties, what connection details know instead, and what its provider presets. Nothing
 * is checked yet.
 */
final class ConfiguredClient {

    private static final String LOAD_BALANCED = "lb";

    private final String name;
    private final Client properties;
    private final Connections connections;
    private final ClientProperties written;

    ConfiguredClient(String name, MonotokenProperties properties, Connections connections, ClientProperties written) {
        Client found = ClientNames.find(properties.clients(), name);
        if (found == null) {
            throw new InvalidClientException(new Problem(
                    ClientNames.PREFIX + name + " has none of the properties of a client",
                    "Leave dashes out where a name is part of an environment variable, as in "
                            + ClientNames.variable("comply-one", "client-id") + " for comply-one"));
        }
        this.name = name;
        this.properties = found;
        this.connections = connections;
        this.written = written;
    }

    String name() {
        return name;
    }

    /** {@return the properties alone, for what nothing else can give} */
    Client properties() {
        return properties;
    }

    /** {@return the properties as they are written} */
    ClientProperties written() {
        return written;
    }

    /** {@return further form fields of a login} */
    Map<String, List<String>> parameters() {
        return written.meant(name, "parameters", properties.parameters());
    }

    /** {@return further form fields of the refresh grant} */
    Map<String, List<String>> refreshParameters() {
        return written.meant(name, "refresh.parameters", properties.refresh().parameters());
    }

    /** {@return the full name of a property, such as {@code monotoken.clients.comply-one.base-url}} */
    String property(String property) {
        return ClientNames.PREFIX + name + "." + property;
    }

    @Nullable
    URI tokenUri() {
        URI known = address(MonotokenConnectionDetails::tokenUri, "token-uri", properties.tokenUri());
        KnownProvider provider = properties.provider();
        if (known != null || provider == null) {
            return known;
        }
        return switch (provider) {
            case STEMS_ACCOUNTS -> StemsAccounts.TOKEN_URI;
        };
    }

    /** {@return how the client proves who it is; to a stand-in by the secret that it knows, where it would be a key} */
    AuthenticationMethod authenticationMethod() {
        AuthenticationMethod method = properties.clientAuthentication();
        return !connections.standIn()
                ? method
                : switch (method) {
                    case CLIENT_SECRET_POST, CLIENT_SECRET_BASIC, CLIENT_SECRET_BASIC_RAW, NONE -> method;
                    case PRIVATE_KEY_JWT, CLIENT_SECRET_JWT, ASSERTION, TLS_CLIENT_AUTH, SELF_SIGNED_TLS_CLIENT_AUTH ->
                        AuthenticationMethod.CLIENT_SECRET_POST;
                };
    }

    /** {@return further claims of an assertion} */
    Map<String, Object> claims() {
        return written.tree(name, "assertion.claims");
    }

    /** {@return whether tokens come from a stand-in of a test, to which nothing real is shown} */
    boolean hasStandIn() {
        return connections.standIn();
    }

    @Nullable
    GrantType grantType() {
        KnownProvider provider = properties.provider();
        if (properties.grant() != null || provider == null) {
            return properties.grant();
        }
        return switch (provider) {
            case STEMS_ACCOUNTS -> GrantType.PASSWORD;
        };
    }

    /** {@return the address that the WebClient starts from, if there is one} */
    @Nullable
    URI baseUrl() {
        URI written = writtenBaseUrl();
        return written != null && isLoadBalanced()
                ? URI.create("http" + written.toString().substring(LOAD_BALANCED.length()))
                : written;
    }

    /** {@return whether the base URL begins with {@code lb://}, as Spring Cloud writes it: its host is a service} */
    boolean isLoadBalanced() {
        URI written = writtenBaseUrl();
        return written != null && LOAD_BALANCED.equalsIgnoreCase(written.getScheme());
    }

    private @Nullable URI writtenBaseUrl() {
        return address(MonotokenConnectionDetails::baseUrl, "base-url", properties.baseUrl());
    }

    /** {@return the further origins that may see the token} */
    List<URI> allowedOrigins() {
        return properties.allowedOrigins().stream()
                .map(origin -> AddressProperty.read(property("allowed-origins"), origin))
                .filter(Objects::nonNull)
                .toList();
    }

    /** {@return whether that address is a stand-in's, which nothing else may replace} */
    boolean hasStandInApi() {
        return connections.standInApi();
    }

    /** {@return whether tokens come from a stand-in, which is sent nothing real} */
    boolean hasStandInServer() {
        return connections.standIn();
    }

    /** {@return the proxy of token requests, if there is one; a stand-in is on this machine, and no proxy hears of a test} */
    @Nullable
    Proxy proxy() {
        return connections.standIn() ? null : properties.proxy();
    }

    /** {@return the SSL bundle of token requests, if there is one; a stand-in has no TLS} */
    @Nullable
    String sslBundle() {
        return connections.standIn() ? null : properties.ssl().bundle();
    }

    /** {@return the SSL bundle of API requests, if there is one; a stand-in has no TLS} */
    @Nullable
    String apiBundle() {
        String bundle = properties.api().ssl().bundle();
        return connections.standInApi() || bundle == null || bundle.isBlank() ? null : bundle;
    }

    @Nullable
    String clientId() {
        return either(MonotokenConnectionDetails::clientId, properties.clientId());
    }

    @Nullable
    String clientSecret() {
        return either(MonotokenConnectionDetails::clientSecret, properties.clientSecret());
    }

    /** {@return a client's secret that may change, if connection details have one} */
    @Nullable
    Mono<String> changingClientSecret() {
        return either(MonotokenConnectionDetails::changingClientSecret, null);
    }

    /** {@return a client's assertion that somebody else makes, if connection details have one} */
    @Nullable
    Mono<String> clientAssertion() {
        return either(MonotokenConnectionDetails::clientAssertion, null);
    }

    @Nullable
    String username() {
        return either(MonotokenConnectionDetails::username, properties.username());
    }

    @Nullable
    String password() {
        return either(MonotokenConnectionDetails::password, properties.password());
    }

    /** {@return user name and password that may change, if connection details have some} */
    @Nullable
    Mono<Credentials> changingCredentials() {
        return either(MonotokenConnectionDetails::credentials, null);
    }

    @Nullable
    String refreshToken() {
        return either(MonotokenConnectionDetails::refreshToken, properties.refreshToken());
    }

    private @Nullable URI address(FromDetails<URI> fromDetails, String property, @Nullable String text) {
        URI known = either(fromDetails, null);
        return known == null ? AddressProperty.read(property(property), text) : known;
    }

    private <T> @Nullable T either(FromDetails<T> fromDetails, @Nullable T property) {
        for (MonotokenConnectionDetails detail : connections.details()) {
            T known = fromDetails.of(detail, name);
            if (known != null) {
                return known;
            }
        }
        return property;
    }

    @FunctionalInterface
    private interface FromDetails<T> {
        @Nullable
        T of(MonotokenConnectionDetails details, String client);
    }
}
