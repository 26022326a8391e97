package io.monotoken.spring.autoconfigure;

import io.monotoken.TokenSource;
import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.client.BearerTokenFilter;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.http.client.autoconfigure.HttpClientProperties;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.HttpServiceGroupConfigurer;
import org.springframework.web.util.UriComponentsBuilder;

/** Gives HTTP service groups that are named like a client that client's token; leaves all others alone. */
final class ServiceGroups {

    // after Spring Boot's settings of the group, before the application's
    private static final int BASE_URL = Ordered.HIGHEST_PRECEDENCE + 20;
    // after Spring Boot's customizers, one of which sets the connector that follows redirects
    private static final int CONNECTOR = 1;
    // after Spring Cloud, which balances the load of every group that has no base URL of its own
    private static final int LOAD_BALANCER = 11;
    // after everything else, so that the filter is the innermost
    private static final int FILTER = Ordered.LOWEST_PRECEDENCE;

    private final MonotokenClients clients;
    private final ClientCatalog catalog;
    private final ApiConnectors connectors;
    private final ApiWebClients webClients;
    private final Map<String, HttpClientProperties> groups;

    ServiceGroups(
            MonotokenClients clients,
            ClientCatalog catalog,
            ApiConnectors connectors,
            ApiWebClients webClients,
            Environment environment) {
        this.clients = clients;
        this.catalog = catalog;
        this.connectors = connectors;
        this.webClients = webClients;
        // not through Spring Boot's HttpServiceClientProperties, which is a map in 4.0 and none in 4.1
        this.groups = Binder.get(environment)
                .bind("spring.http.serviceclient", Bindable.mapOf(String.class, HttpClientProperties.class))
                .orElse(Map.of());
    }

    /** {@return what sets the client's base URL, unless the group has its own; that of a stand-in comes before any other} */
    WebClientHttpServiceGroupConfigurer baseUrls() {
        return configurer(BASE_URL, (group, builder) -> {
            ConfiguredClient client = client(group);
            URI baseUrl = client.baseUrl();
            if (baseUrl != null && (ownBaseUrl(group) == null || client.hasStandInApi())) {
                EncodedBaseUrl.set(builder, baseUrl);
            }
        });
    }

    /** {@return what sets a connector by the group's settings that does not follow redirects, unless the application has one} */
    WebClientHttpServiceGroupConfigurer connectors() {
        return configurer(CONNECTOR, (group, builder) -> {
            ConfiguredClient client = client(group);
            String bundle = client.apiBundle();
            if (bundle != null) {
                noOtherBundle(client, bundle, group);
                TokenSource tokens = clients.tokenSource(client.name());
                builder.clientConnector(connectors.connector(client, bundle, tokens, properties(group)));
            } else if (!webClients.hasOwnConnector()) {
                builder.clientConnector(connectors.connector(properties(group)));
            }
        });
    }

    private void noOtherBundle(ConfiguredClient client, String bundle, HttpServiceGroup group) {
        HttpClientProperties own = properties(group);
        String other = own == null ? null : own.getSsl().getBundle();
        if (StringUtils.hasText(other) && !bundle.equals(other)) {
            throw new InvalidClientException(new Problem(
                    "spring.http.serviceclient." + group.name() + ".ssl.bundle names '" + other + "', and "
                            + client.property("api.ssl.bundle") + " names '" + bundle + "'",
                    "Keep the second, which is followed when it is reloaded"));
        }
    }

    /** {@return what takes back Spring Cloud's load balancer and base URL where the client's base URL does not ask for them} */
    WebClientHttpServiceGroupConfigurer loadBalancers() {
        return configurer(LOAD_BALANCER, (group, builder) -> {
            ConfiguredClient client = client(group);
            URI baseUrl = client.baseUrl();
            if (baseUrl != null && (ownBaseUrl(group) == null || client.hasStandInApi())) {
                builder.filters(filters -> {
                    if (filters.removeIf(ApiWebClients::isLoadBalancer)) {
                        EncodedBaseUrl.set(builder, baseUrl);
                    }
                });
                if (client.isLoadBalanced()) {
                    webClients.address(client, builder);
                }
            }
        });
    }

    /** {@return what adds the filter} */
    WebClientHttpServiceGroupConfigurer filters() {
        return configurer(FILTER, (group, builder) -> {
            BearerTokenFilter filter = clients.bearerTokenFilter(group.name());
            String baseUrl = ownBaseUrl(group);
            ApiWebClients.add(baseUrl == null ? filter : filter.withOriginOf(addressOf(baseUrl)), builder);
        });
    }

    /** {@return what keeps an application from starting whose client's group would send its requests without a token} */
    RestClientHttpServiceGroupConfigurer refusals() {
        return groups -> groups.filter(group -> catalog.named(group.name()).isPresent())
                .forEachClient((group, builder) -> {
                    throw new InvalidClientException(withoutToken(group.name()));
                });
    }

    /** {@return the address that Spring makes of a base URL, which is a template of its own and may ask for a load balancer} */
    private static URI addressOf(String baseUrl) {
        return UriComponentsBuilder.fromUriString(baseUrl.replaceFirst("^(?i)lb:", "http:"))
                .encode()
                .build()
                .toUri();
    }

    private static Problem withoutToken(String group) {
        return new Problem(
                "The HTTP service group '" + group
                        + "' is named like a client and uses RestClient, which would send its"
                        + " requests without the client's token",
                "Write clientType = HttpServiceGroup.ClientType.WEB_CLIENT in its @ImportHttpServices, or give the group"
                        + " another name.");
    }

    private ConfiguredClient client(HttpServiceGroup group) {
        return catalog.client(catalog.named(group.name()).orElseThrow());
    }

    private @Nullable String ownBaseUrl(HttpServiceGroup group) {
        HttpClientProperties own = properties(group);
        return own != null && StringUtils.hasText(own.getBaseUrl()) ? own.getBaseUrl() : null;
    }

    private @Nullable HttpClientProperties properties(HttpServiceGroup group) {
        return groups.get(group.name());
    }

    private WebClientHttpServiceGroupConfigurer configurer(
            int order, HttpServiceGroupConfigurer.ClientCallback<WebClient.Builder> callback) {
        return new WebClientHttpServiceGroupConfigurer() {
            @Override
            public void configureGroups(Groups<WebClient.Builder> all) {
                all.filter(group -> catalog.named(group.name()).isPresent()).forEachClient(callback);
            }

            @Override
            public int getOrder() {
                return order;
            }
        };
    }
}
