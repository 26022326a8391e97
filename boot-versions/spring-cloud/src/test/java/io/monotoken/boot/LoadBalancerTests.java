package io.monotoken.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.spring.autoconfigure.StandIns;
import io.monotoken.spring.client.BearerTokenFilter;
import java.net.URI;
import java.time.Duration;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;
import reactor.core.publisher.Mono;

/** Applications that know the service {@code orders}, as a user would write them. */
class LoadBalancerTests {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final StandIns standIns = new StandIns();

    @AfterEach
    void stop() {
        standIns.close();
    }

    private String me(
            Class<?> configuration, String baseUrl, Function<ConfigurableApplicationContext, Mono<String>> request) {
        URI api = standIns.api().baseUrl();
        String[] properties = Stream.concat(
                        Stream.of(standIns.client("comply-one")).filter(property -> !property.contains(".base-url=")),
                        Stream.of(
                                "monotoken.clients.comply-one.base-url=" + baseUrl,
                                "spring.cloud.discovery.client.simple.instances.orders[0].uri=http://127.0.0.1:"
                                        + api.getPort()))
                .map(property -> "--" + property)
                .toArray(String[]::new);
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, configuration)
                .web(WebApplicationType.NONE)
                .run(properties)) {
            return String.valueOf(request.apply(context).block(TEN_SECONDS));
        }
    }

    private static Mono<String> byTheReadyClient(ConfigurableApplicationContext context) {
        return me(context.getBean("complyOneWebClient", WebClient.class));
    }

    private static Mono<String> me(WebClient client) {
        return client.get().uri("/me").retrieve().bodyToMono(String.class);
    }

    private String apiUrl() {
        return standIns.api().baseUrl().toString();
    }

    @Test
    void balancesTheLoadOfAServiceAddress() {
        assertThat(me(Plain.class, "lb://orders/v3", LoadBalancerTests::byTheReadyClient)).contains("john.smith");
    }

    @Test
    void balancesTheLoadBesideABuilderOfTheApplication() {
        assertThat(me(Balanced.class, "lb://orders/v3", LoadBalancerTests::byTheReadyClient)).contains("john.smith");
    }

    @Test
    void leavesAnUnrelatedBuilderAlone() {
        assertThat(me(Balanced.class, apiUrl(), LoadBalancerTests::byTheReadyClient)).contains("john.smith");
    }

    @Test
    void worksWithAFilterInFrontOfTheLoadBalancer() {
        assertThat(me(Balanced.class, "lb://orders", context -> me(context.getBean(WebClient.Builder.class)
                        .clone()
                        .baseUrl("http://orders/v3")
                        .filters(filters -> filters.add(0, context.getBean(BearerTokenFilter.class)))
                        .build())))
                .contains("john.smith");
    }

    @Test
    void takesTheAddressOfTheClientForItsGroup() {
        assertThat(me(Group.class, apiUrl(), context -> context.getBean(ComplyOne.class).me()))
                .contains("john.smith");
    }

    @Test
    void balancesTheLoadOfTheGroupOfAServiceAddress() {
        assertThat(me(Group.class, "lb://orders/v3", context -> context.getBean(ComplyOne.class).me()))
                .contains("john.smith");
    }

    @SpringBootApplication
    static class Application {}

    @Configuration(proxyBeanMethods = false)
    static class Plain {}

    @Configuration(proxyBeanMethods = false)
    static class Balanced {

        @Bean
        @LoadBalanced
        WebClient.Builder balanced() {
            return WebClient.builder();
        }
    }

    interface ComplyOne {

        @GetExchange("/me")
        Mono<String> me();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportHttpServices(
            group = "comply-one",
            types = ComplyOne.class,
            clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
    static class Group {}
}
