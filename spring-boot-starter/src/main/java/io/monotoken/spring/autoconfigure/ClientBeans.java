package io.monotoken.spring.autoconfigure;

import io.monotoken.TokenSource;
import io.monotoken.spring.client.BearerTokenFilter;
import org.springframework.beans.factory.BeanRegistrar;
import org.springframework.beans.factory.BeanRegistry;
import org.springframework.beans.factory.BeanRegistry.SupplierContext;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Registers the beans of every client. Names come from the environment, which ahead-of-time processing asks a second time
 * at run time; values come from the bound properties when a bean is made.
 */
final class ClientBeans implements BeanRegistrar {

    private static final Logger log = Loggers.getLogger(ClientBeans.class);

    @Override
    public void register(BeanRegistry registry, Environment environment) {
        ClientProperties properties = new ClientProperties(environment);
        properties.bindVariables();
        new PropertyCheck(environment).check(properties.variables());
        new SpringSecurityPasswordGrantCheck(environment, ClientBeans.class.getClassLoader()).check();
        for (String client : ClientNames.of(environment)) {
            // source and filter are made when somebody wants them: nobody wants one that is replaced
            registry.registerBean(
                    ClientNames.beanName(client, MonotokenClients.TOKEN_SOURCE),
                    TokenSource.class,
                    spec -> spec.fallback().lazyInit().supplier(context -> tokenSource(client, context)));
            registry.registerBean(
                    ClientNames.beanName(client, MonotokenClients.FILTER),
                    BearerTokenFilter.class,
                    spec -> spec.fallback().lazyInit().supplier(context -> filter(client, context)));
            registry.registerBean(
                    ClientNames.beanName(client, MonotokenClients.WEB_CLIENT),
                    WebClient.class,
                    spec -> spec.fallback().supplier(context -> webClient(client, context)));
        }
    }

    private static TokenSource tokenSource(String client, SupplierContext context) {
        ConfiguredClient configured = configured(client, context);
        TokenSource.Builder builder = new ClientMapper(configured)
                .tokenSource(
                        new TokenClientHttp(
                                context.beanProvider(HttpClientSettings.class)
                                        .getIfAvailable(HttpClientSettings::defaults),
                                context.beanProvider(SslBundles.class).getIfAvailable()),
                        context.beanProvider(TokenEndpointBuilderCustomizer.class)
                                .orderedStream()
                                .toList());
        TokenSharing sharing = configured.properties().shared() ? context.bean(TokenSharing.class) : null;
        if (sharing != null) {
            sharing.share(configured, builder);
        }
        context.beanProvider(TokenSourceBuilderCustomizer.class)
                .orderedStream()
                .forEach(customizer -> customizer.customize(client, builder));
        TokenSource tokens = sharing == null ? builder.build() : sharing.build(configured, builder);
        DoubtfulValues.warnings(configured).forEach(log::warn);
        log.info(ClientSummary.of(configured, tokens) + (sharing == null ? "" : sharing.summary()));
        String warning = ClientSummary.warning(configured);
        if (warning != null) {
            log.warn(warning);
        }
        return tokens;
    }

    private static BearerTokenFilter filter(String client, SupplierContext context) {
        TokenSource tokens = context.bean(MonotokenClients.class).tokenSource(client);
        return new ClientMapper(configured(client, context)).filter(tokens);
    }

    private static WebClient webClient(String client, SupplierContext context) {
        MonotokenClients clients = context.bean(MonotokenClients.class);
        WebClient.Builder builder = context.bean(ApiWebClients.class)
                .builder(configured(client, context), () -> clients.tokenSource(client));
        ApiWebClients.add(clients.bearerTokenFilter(client), builder);
        return builder.build();
    }

    private static ConfiguredClient configured(String client, SupplierContext context) {
        return context.bean(ClientCatalog.class).client(client);
    }
}
