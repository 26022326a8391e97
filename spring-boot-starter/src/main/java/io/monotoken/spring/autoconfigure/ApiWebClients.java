package io.monotoken.spring.autoconfigure;

import io.monotoken.TokenSource;
import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.client.BearerTokenFilter;
import java.lang.reflect.Method;
import java.net.URI;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.util.ClassUtils;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/**
 * Starts the {@link WebClient} of a client from what the application has for all of its own: its builder, or else its
 * customizers and its connector.
 */
final class ApiWebClients {

    private static final String LOAD_BALANCER =
            "org.springframework.cloud.client.loadbalancer.reactive.DeferringLoadBalancerExchangeFilterFunction";
    private static final String BOOTS_CONNECTOR_CUSTOMIZER = "webClientHttpConnectorCustomizer";

    private final ConfigurableListableBeanFactory beans;
    private final ApiConnectors connectors;

    ApiWebClients(ConfigurableListableBeanFactory beans, ApiConnectors connectors) {
        this.beans = beans;
        this.connectors = connectors;
    }

    /**
     * {@return a builder with the client's base URL, with a load balancer if that asks for one, and with the connector of its SSL
     * bundle if it has one, which comes before all that the application has for all of its own}
     */
    WebClient.Builder builder(ConfiguredClient client, Supplier<TokenSource> tokens) {
        String own = ownBuilder();
        WebClient.Builder builder = own == null
                ? customized()
                : beans.getBean(own, WebClient.Builder.class).clone(); // it may be a singleton
        address(client, builder);
        String bundle = client.apiBundle();
        if (bundle != null) {
            builder.clientConnector(connectors.connector(client, bundle, tokens.get(), null));
        }
        return builder;
    }

    /** Sets the client's base URL if there is one, with a load balancer if it asks for one. */
    void address(ConfiguredClient client, WebClient.Builder builder) {
        URI baseUrl = client.baseUrl();
        if (baseUrl != null) {
            EncodedBaseUrl.set(builder, baseUrl);
        }
        if (client.isLoadBalanced()) {
            builder.filter(loadBalancer(client));
        }
    }

    /** Adds a filter as the innermost one, which is told the address that others may rewrite before it. */
    static void add(BearerTokenFilter filter, WebClient.Builder builder) {
        builder.filters(filters -> {
            if (!filters.isEmpty()) {
                filters.add(0, ApiWebClients::tellAddress);
            }
            // not the filter itself: a mocked one has no default methods
            filters.add((request, next) -> filter.filter(request, next));
        });
    }

    private static Mono<ClientResponse> tellAddress(ClientRequest request, ExchangeFunction next) {
        return next.exchange(ClientRequest.from(request)
                .attribute(BearerTokenFilter.ADDRESS, request.url())
                .build());
    }

    /**
     * {@return whether the application has a connector of its own for all its WebClients}
     *
     * @throws InvalidClientException if that would take the token wherever a redirect leads
     */
    boolean hasOwnConnector() {
        List<String> own = names(ClientHttpConnector.class)
                .filter(name -> !isMadeBy(ReactiveHttpClientAutoConfiguration.class, name))
                .toList();
        own.stream()
                .filter(name -> ApiConnectors.takesTheTokenAlong(beans.getBean(name)))
                .forEach(name -> {
                    throw new InvalidClientException(new Problem(
                            "the bean '" + name + "' follows redirects, and would take the token wherever they lead",
                            "Build its HttpClient with followRedirects(HttpClient.Redirect.NEVER); the property"
                                    + " follow-redirects of a client follows them within its allowed origins"));
                });
        return !own.isEmpty();
    }

    static boolean isLoadBalancer(ExchangeFilterFunction filter) {
        return filter.getClass().getName().equals(LOAD_BALANCER);
    }

    /** The connector comes first, so that a customizer may set another one. */
    private WebClient.Builder customized() {
        WebClient.Builder builder = WebClient.builder();
        boolean ownConnector = hasOwnConnector();
        if (!ownConnector) {
            builder.clientConnector(connectors.connector());
        }
        // Spring Boot's customizer sets the connector of the context: the application's, or one that follows redirects
        Object bootsCustomizer = !ownConnector
                        && beans.containsBean(BOOTS_CONNECTOR_CUSTOMIZER)
                        && isMadeBy(WebClientAutoConfiguration.class, BOOTS_CONNECTOR_CUSTOMIZER)
                ? beans.getBean(BOOTS_CONNECTOR_CUSTOMIZER)
                : null;
        beans.getBeanProvider(WebClientCustomizer.class)
                .orderedStream()
                .filter(customizer -> customizer != bootsCustomizer)
                .forEach(customizer -> customizer.customize(builder));
        return builder;
    }

    /** One with a qualifier, as {@code @LoadBalanced} is, is for those who ask for it. */
    private @Nullable String ownBuilder() {
        List<String> own = names(WebClient.Builder.class)
                .filter(name -> !isMadeBy(WebClientAutoConfiguration.class, name))
                .toList();
        List<String> chosen = own.stream().filter(this::isPrimary).toList();
        if (chosen.isEmpty()) {
            chosen = own.stream()
                    .filter(name -> beans.findAnnotationOnBean(name, Qualifier.class) == null)
                    .toList();
        }
        return chosen.size() == 1 ? chosen.get(0) : null;
    }

    private ExchangeFilterFunction loadBalancer(ConfiguredClient client) {
        ClassLoader classes = beans.getBeanClassLoader();
        Object loadBalancer = ClassUtils.isPresent(LOAD_BALANCER, classes)
                ? beans.getBeanProvider(ClassUtils.resolveClassName(LOAD_BALANCER, classes))
                        .getIfAvailable()
                : null;
        if (loadBalancer instanceof ExchangeFilterFunction filter) {
            return filter;
        }
        throw new InvalidClientException(new Problem(
                client.property("base-url") + " begins with lb://, but there is no load balancer",
                "Add spring-cloud-starter-loadbalancer, or write an address that begins with https://"));
    }

    private Stream<String> names(Class<?> type) {
        return Stream.of(beans.getBeanNamesForType(type, true, false));
    }

    private boolean isPrimary(String name) {
        return beans.containsBeanDefinition(name)
                && beans.getMergedBeanDefinition(name).isPrimary();
    }

    private boolean isMadeBy(Class<?> configuration, String name) {
        Method method = beans.containsBeanDefinition(name)
                        && beans.getMergedBeanDefinition(name) instanceof RootBeanDefinition definition
                ? definition.getResolvedFactoryMethod()
                : null;
        return method != null && method.getDeclaringClass() == configuration;
    }
}
