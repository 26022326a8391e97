package io.monotoken.spring.actuate;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.monotoken.micrometer.ObservedRequests;
import io.monotoken.micrometer.TokenRequestObservationConvention;
import io.monotoken.micrometer.TokenSourceMetrics;
import io.monotoken.spring.autoconfigure.MonotokenAutoConfiguration;
import io.monotoken.spring.autoconfigure.MonotokenClients;
import io.monotoken.spring.autoconfigure.TokenSourceBuilderCustomizer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeReactiveHealthContributor;
import org.springframework.boot.health.contributor.ReactiveHealthContributor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Shows clients to Micrometer and Spring Boot Actuator, each where it is present. */
@AutoConfiguration(
        after = MonotokenAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnBean(MonotokenClients.class)
public final class MonotokenActuatorAutoConfiguration {

    MonotokenActuatorAutoConfiguration() {}

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ObservationRegistry.class, ObservedRequests.class})
    @ConditionalOnBean(ObservationRegistry.class)
    static class ObservationConfiguration {

        @Bean
        TokenSourceBuilderCustomizer monotokenObservations(
                ObservationRegistry registry, ObjectProvider<TokenRequestObservationConvention> convention) {
            return (client, builder) -> {
                ObservedRequests requests = ObservedRequests.of(client, registry);
                TokenRequestObservationConvention own = convention.getIfAvailable();
                builder.listener(own == null ? requests : requests.withConvention(own));
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({MeterRegistry.class, TokenSourceMetrics.class})
    @ConditionalOnBean(MeterRegistry.class)
    static class MetersConfiguration {

        @Bean
        MeteredClients monotokenMeters(MeterRegistry registry) {
            return new MeteredClients(registry);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(SanitizingFunction.class)
    static class SanitizingConfiguration {

        @Bean
        SanitizingFunction monotokenSecretSanitizer() {
            return new SecretSanitizer();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ReactiveHealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
    @ConditionalOnEnabledHealthIndicator("monotoken")
    static class HealthConfiguration {

        @Bean
        @ConditionalOnMissingBean(name = "monotokenHealthContributor")
        ReactiveHealthContributor monotokenHealthContributor(MonotokenClients clients) {
            Map<String, ReactiveHealthContributor> byClient = new LinkedHashMap<>();
            // a slash divides the names of nested contributors
            clients.names().forEach(name -> byClient.put(name.replace('/', '-'), new ClientHealth(clients, name)));
            return CompositeReactiveHealthContributor.fromMap(byClient);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
    @ConditionalOnAvailableEndpoint(MonotokenEndpoint.class)
    static class EndpointConfiguration {

        @Bean
        @ConditionalOnMissingBean
        MonotokenEndpoint monotokenEndpoint(MonotokenClients clients) {
            return new MonotokenEndpoint(clients);
        }

        @Bean
        @ConditionalOnBean(MonotokenEndpoint.class)
        @ConditionalOnMissingBean
        MonotokenWebExtension monotokenWebExtension(MonotokenEndpoint endpoint) {
            return new MonotokenWebExtension(endpoint);
        }
    }
}
