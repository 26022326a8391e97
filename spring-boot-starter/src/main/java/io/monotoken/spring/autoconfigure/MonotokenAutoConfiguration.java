package io.monotoken.spring.autoconfigure;

import io.monotoken.StoreSettings;
import io.monotoken.TokenSource;
import io.monotoken.TokenStore;
import io.monotoken.spring.client.BearerTokenFilter;
import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.HttpClientProperties;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;
import reactor.core.publisher.Mono;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Makes for each client below {@code monotoken.clients} a {@link TokenSource}, a {@link BearerTokenFilter} and a ready
 * {@link WebClient}, named after it: {@code complyOneTokenSource}, {@code complyOneBearerTokenFilter},
 * {@code complyOneWebClient}. All are fallbacks: a bean of the application's own is never made ambiguous by them.
 */
@AutoConfiguration(
        after = {
            HttpClientAutoConfiguration.class,
            ReactiveHttpClientAutoConfiguration.class,
            WebClientAutoConfiguration.class
        })
@ConditionalOnClass({TokenSource.class, WebClient.class})
@EnableConfigurationProperties(MonotokenProperties.class)
@Import({ClientBeans.class, RedisStoreConfiguration.class})
@ImportRuntimeHints(CookieHandling.class)
public final class MonotokenAutoConfiguration {

    private static final Logger log = Loggers.getLogger(MonotokenAutoConfiguration.class);

    MonotokenAutoConfiguration() {}

    @Bean
    static ReplacedWebClient monotokenReplacedWebClient(Environment environment) {
        return new ReplacedWebClient(environment);
    }

    @Bean
    @ConditionalOnMissingBean
    ClientCatalog monotokenClientCatalog(
            Environment environment,
            MonotokenProperties properties,
            ObjectProvider<MonotokenConnectionDetails> details) {
        return new ClientCatalog(
                environment, properties, Connections.of(details.orderedStream().toList()));
    }

    @Bean
    MonotokenClients monotokenClients(ClientCatalog catalog, ConfigurableListableBeanFactory beans) {
        // MonotokenClients looks sources up when it is asked, so the container must close it before them: whoever asks
        // it
        // until then finds them open.
        for (String source : beans.getBeanNamesForType(TokenSource.class, true, false)) {
            beans.registerDependentBean(source, "monotokenClients");
        }
        return new MonotokenClients(catalog, beans);
    }

    @Bean
    ApiConnectors monotokenApiConnectors(
            ResourceLoader resources,
            ObjectProvider<ClientHttpConnectorBuilder<?>> builder,
            ObjectProvider<HttpClientSettings> settings,
            ObjectProvider<SslBundles> bundles) {
        return new ApiConnectors(
                builder.getIfAvailable(() -> ClientHttpConnectorBuilder.detect(resources.getClassLoader())),
                settings.getIfAvailable(HttpClientSettings::defaults),
                bundles.getIfAvailable());
    }

    @Bean
    ApiWebClients monotokenApiWebClients(ConfigurableListableBeanFactory beans, ApiConnectors connectors) {
        return new ApiWebClients(beans, connectors);
    }

    @Bean
    @Lazy // no keys are needed where no client shares its token
    @ConditionalOnMissingBean
    StoreSettings monotokenStoreSettings(Environment environment, MonotokenProperties properties) {
        return StoreMapper.settings(environment, properties.store().redis());
    }

    @Bean
    TokenSharing monotokenTokenSharing(
            ConfigurableListableBeanFactory beans,
            ObjectProvider<TokenStore> stores,
            ObjectProvider<StoreSettings> settings,
            MonotokenProperties properties) {
        return new TokenSharing(beans, stores, settings, properties.store().redis());
    }

    @Bean
    SmartInitializingSingleton monotokenUnusedStore(ClientCatalog catalog, MonotokenProperties properties) {
        return () -> {
            boolean unused = catalog.names().stream()
                    .noneMatch(name -> catalog.client(name).properties().shared());
            if (properties.store().redis().enabled() && unused) {
                log.warn("monotoken.store.redis.enabled is true, and no client shares its token; set shared to true for"
                        + " those that shall, as in monotoken.clients.comply-one.shared");
            }
        };
    }

    @Bean
    SmartInitializingSingleton monotokenEagerTokens(ClientCatalog catalog, MonotokenClients clients) {
        return () -> catalog.names().stream()
                .filter(name -> catalog.client(name).properties().eager())
                .forEach(name -> Mono.defer(() -> clients.tokenSource(name).token())
                        .subscribe(
                                token -> {},
                                error -> log.warn("No first token for client '{}': {}", name, error.getMessage())));
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({WebClientHttpServiceGroupConfigurer.class, HttpClientProperties.class})
    static class ServiceGroupConfiguration {

        @Bean
        ServiceGroups monotokenServiceGroups(
                MonotokenClients clients,
                ClientCatalog catalog,
                ApiConnectors connectors,
                ApiWebClients webClients,
                Environment environment) {
            return new ServiceGroups(clients, catalog, connectors, webClients, environment);
        }

        @Bean
        WebClientHttpServiceGroupConfigurer monotokenGroupBaseUrls(ServiceGroups groups) {
            return groups.baseUrls();
        }

        @Bean
        WebClientHttpServiceGroupConfigurer monotokenGroupConnectors(ServiceGroups groups) {
            return groups.connectors();
        }

        @Bean
        WebClientHttpServiceGroupConfigurer monotokenGroupLoadBalancers(ServiceGroups groups) {
            return groups.loadBalancers();
        }

        @Bean
        WebClientHttpServiceGroupConfigurer monotokenGroupFilters(ServiceGroups groups) {
            return groups.filters();
        }

        @Bean
        RestClientHttpServiceGroupConfigurer monotokenGroupRefusals(ServiceGroups groups) {
            return groups.refusals();
        }
    }

    /** Looks for stand-ins when they are needed: a condition would miss those of an auto-configuration that comes later. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(StandInTokenServer.class)
    static class StandInConfiguration {

        @Bean
        ClientCatalog monotokenStandInClientCatalog(
                Environment environment,
                MonotokenProperties properties,
                ObjectProvider<MonotokenConnectionDetails> details,
                ObjectProvider<StandInTokenServer> servers,
                ObjectProvider<StandInApi> apis) {
            return new ClientCatalog(
                    environment,
                    properties,
                    StandInConnectionDetails.insteadOf(details.orderedStream().toList(), servers, apis));
        }

        @Bean
        static StandInTripwire monotokenStandInTripwire(ListableBeanFactory beans) {
            return new StandInTripwire(beans);
        }
    }
}
