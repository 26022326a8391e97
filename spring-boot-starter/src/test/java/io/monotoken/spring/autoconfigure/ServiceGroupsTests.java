package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class ServiceGroupsTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    static final Class<?>[] GROUP_AUTO_CONFIGURATIONS = Stream.of(
                    "org.springframework.boot.http.client.autoconfigure.service"
                            + ".HttpServiceClientPropertiesAutoConfiguration", // since Spring Boot 4.1
                    "org.springframework.boot.webclient.autoconfigure.service.ReactiveHttpServiceClientAutoConfiguration")
            .filter(name -> ClassUtils.isPresent(name, null))
            .map(name -> ClassUtils.resolveClassName(name, null))
            .toArray(Class<?>[]::new);

    @StartStop
    private final MockWebServer weather = new MockWebServer();

    private final StandIns standIns = new StandIns();

    @AfterEach
    void stop() {
        standIns.close();
    }

    private ApplicationContextRunner context() {
        return withoutGroups().withUserConfiguration(TwoGroups.class);
    }

    private ApplicationContextRunner withoutGroups() {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withConfiguration(AutoConfigurations.of(GROUP_AUTO_CONFIGURATIONS))
                .withPropertyValues(standIns.client("comply-one"))
                .withPropertyValues("spring.http.serviceclient.weather.base-url=" + weather.url("/"));
    }

    private static void expect(Mono<String> answer, String text) {
        StepVerifier.create(answer)
                .assertNext(body -> assertThat(body).contains(text))
                .expectComplete()
                .verify(FIVE_SECONDS);
    }

    @Test
    void namedLikeAClientGetItsTokenAndBaseUrl() {
        context().run(context -> expect(context.getBean(ComplyOne.class).me(), "john.smith"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"comply_one", "complyone", "COMPLY-ONE", "complyOne", "comply-one", "Comply.One"})
    void areNamedLikeAClientWhateverSignsAndCase(String client) {
        new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withConfiguration(AutoConfigurations.of(GROUP_AUTO_CONFIGURATIONS))
                .withPropertyValues(standIns.client(client.contains(".") ? "[" + client + "]" : client))
                .withUserConfiguration(TwoGroups.class)
                .withPropertyValues("spring.http.serviceclient.weather.base-url=" + weather.url("/"))
                .run(context -> expect(context.getBean(ComplyOne.class).me(), "john.smith"));
    }

    @Test
    void namedOtherwiseAreLeftAlone() {
        weather.enqueue(new MockResponse.Builder()
                .code(302)
                .addHeader("Location", weather.url("/elsewhere"))
                .build());
        weather.enqueue(new MockResponse.Builder().body("sunny").build());

        context().run(context -> {
            expect(context.getBean(Weather.class).today(), "sunny");

            RecordedRequest request = Objects.requireNonNull(weather.takeRequest(5, TimeUnit.SECONDS));
            assertThat(request.getHeaders().get("Authorization")).isNull();
            assertThat(standIns.server().tokenRequests()).isZero();
        });
    }

    @Test
    void mayHaveABaseUrlOfTheirOwn() {
        weather.enqueue(new MockResponse.Builder().body("own").build());

        context()
                .withPropertyValues("spring.http.serviceclient.comply-one.base-url=" + weather.url("/own"))
                .run(context -> {
                    expect(context.getBean(ComplyOne.class).me(), "own");

                    RecordedRequest request = Objects.requireNonNull(weather.takeRequest(5, TimeUnit.SECONDS));
                    assertThat(request.getTarget()).isEqualTo("/own/me");
                    assertThat(request.getHeaders().get("Authorization")).startsWith("Bearer ");
                });
    }

    @Test
    void doNotFollowRedirects() {
        weather.enqueue(new MockResponse.Builder()
                .code(302)
                .addHeader("Location", standIns.api().baseUrl() + "/me")
                .body("moved")
                .build());

        context()
                .withPropertyValues("spring.http.serviceclient.comply-one.base-url=" + weather.url("/own"))
                .run(context -> {
                    expect(context.getBean(ComplyOne.class).me(), "moved");
                    assertThat(standIns.api().requests()).isZero();
                });
    }

    @Test
    void followRedirectsToAllowedOriginsIfToldTo() {
        weather.enqueue(new MockResponse.Builder()
                .code(302)
                .addHeader("Location", standIns.api().baseUrl() + "/me")
                .build());

        context()
                .withPropertyValues(
                        "spring.http.serviceclient.comply-one.base-url=" + weather.url("/own"),
                        "monotoken.clients.comply-one.follow-redirects=true")
                .run(context -> expect(context.getBean(ComplyOne.class).me(), "john.smith"));
    }

    @Test
    void showTheTokenToNoFilterOfTheApplication() {
        context().withUserConfiguration(Spy.class).run(context -> {
            expect(context.getBean(ComplyOne.class).me(), "john.smith");

            assertThat(context.getBean(Spy.class).called).isTrue();
            assertThat(context.getBean(Spy.class).sawToken).isFalse();
        });
    }

    @Test
    void doNotGoOutWithoutAToken() {
        withoutGroups()
                .withUserConfiguration(ForgottenClientType.class)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOfSatisfying(
                                InvalidClientException.class,
                                failure -> assertThat(failure.problems())
                                        .singleElement()
                                        .isEqualTo(new InvalidClientException.Problem(
                                                "The HTTP service group 'comply-one' is named like a client and uses"
                                                        + " RestClient, which would send its requests without the"
                                                        + " client's token",
                                                "Write clientType = HttpServiceGroup.ClientType.WEB_CLIENT in its"
                                                        + " @ImportHttpServices, or give the group another name."))));
    }

    @Test
    void ofRestClientWithOtherNamesAreLeftAlone() {
        context()
                .withUserConfiguration(BlockingWeather.class)
                .withPropertyValues("spring.http.serviceclient.blocking.base-url=" + weather.url("/"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(Blocking.class));
    }

    interface Blocking {
        @GetExchange("/today")
        String today();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportHttpServices(group = "comply-one", types = Blocking.class)
    static class ForgottenClientType {

        @Bean
        Object user(Blocking service) {
            return service;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportHttpServices(group = "blocking", types = Blocking.class)
    static class BlockingWeather {}

    interface ComplyOne {
        @GetExchange("/me")
        Mono<String> me();
    }

    interface Weather {
        @GetExchange("/today")
        Mono<String> today();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportHttpServices(
            group = "comply-one",
            types = ComplyOne.class,
            clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
    @ImportHttpServices(group = "weather", types = Weather.class, clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
    static class TwoGroups {}

    @Configuration(proxyBeanMethods = false)
    static class Spy {

        private volatile boolean called;
        private volatile boolean sawToken;

        @Bean
        WebClientHttpServiceGroupConfigurer spy() {
            return new WebClientHttpServiceGroupConfigurer() {
                @Override
                public void configureGroups(Groups<WebClient.Builder> groups) {
                    groups.forEachClient((group, builder) -> builder.filter((request, next) -> {
                        called = true;
                        sawToken = request.headers().containsHeader("Authorization");
                        return next.exchange(request);
                    }));
                }

                @Override
                public int getOrder() {
                    return 1;
                }
            };
        }
    }
}
