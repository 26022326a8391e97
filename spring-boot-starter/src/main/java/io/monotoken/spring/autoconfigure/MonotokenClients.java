package io.monotoken.spring.autoconfigure;

import io.monotoken.TokenSource;
import io.monotoken.spring.client.BearerTokenFilter;
import java.util.List;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/**
 * Finds the beans of clients by the client's name. Dashes and case of a name do not matter. Safe to share.
 */
public final class MonotokenClients {

    static final String TOKEN_SOURCE = "TokenSource";
    static final String FILTER = "BearerTokenFilter";
    static final String WEB_CLIENT = "WebClient";

    private final ClientCatalog catalog;
    private final BeanFactory beans;

    MonotokenClients(ClientCatalog catalog, BeanFactory beans) {
        this.catalog = catalog;
        this.beans = beans;
    }

    /** {@return the names of the enabled clients, in alphabetical order} */
    public List<String> names() {
        return catalog.names();
    }

    /**
     * Returns a client's token source: the application's own, if this is the only client and there is one.
     *
     * @param client the client's name
     * @return the bean {@code <client>TokenSource} otherwise
     * @throws IllegalArgumentException if there is no such client
     */
    public TokenSource tokenSource(String client) {
        return replaceable(client, TOKEN_SOURCE, TokenSource.class);
    }

    /**
     * Returns a client's filter: the application's own, if this is the only client and there is one.
     *
     * @param client the client's name
     * @return the bean {@code <client>BearerTokenFilter} otherwise
     * @throws IllegalArgumentException if there is no such client
     */
    public BearerTokenFilter bearerTokenFilter(String client) {
        return replaceable(client, FILTER, BearerTokenFilter.class);
    }

    /**
     * Returns a client's ready WebClient.
     *
     * @param client the client's name
     * @return the bean {@code <client>WebClient}
     * @throws IllegalArgumentException if there is no such client
     */
    public WebClient webClient(String client) {
        return named(client, WEB_CLIENT, WebClient.class);
    }

    /**
     * Returns a filter that chooses the client for each request by the attribute {@link BearerTokenFilter#CLIENT}.
     *
     * @return a filter, to be added last, that fails with an {@link IllegalArgumentException} where the attribute is
     *     missing or names no client
     */
    public ExchangeFilterFunction filter() {
        return (request, next) -> {
            Object client = request.attributes().get(BearerTokenFilter.CLIENT);
            if (client == null) {
                return Mono.error(
                        new IllegalArgumentException("the request has no attribute '" + BearerTokenFilter.CLIENT
                                + "', which names the client whose token it needs; known are " + names()));
            }
            return bearerTokenFilter(client.toString()).filter(request, next);
        };
    }

    private <T> T replaceable(String client, String kind, Class<T> type) {
        return names().size() == 1 && catalog.named(client).isPresent()
                ? beans.getBeanProvider(type).getIfUnique(() -> named(client, kind, type))
                : named(client, kind, type);
    }

    private <T> T named(String client, String kind, Class<T> type) {
        // a disabled client may have beans of the application's own
        String bean = ClientNames.beanName(catalog.named(client).orElse(client), kind);
        if (!beans.containsBean(bean)) {
            throw new IllegalArgumentException("no client '" + client + "'; known are " + names()
                    + "; describe it below " + ClientNames.PREFIX + client);
        }
        return beans.getBean(bean, type);
    }

    @Override
    public String toString() {
        return "MonotokenClients" + names();
    }
}
