package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import io.micrometer.core.instrument.MeterRegistry;
import io.monotoken.StoreSettings;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.TokenStore;
import io.monotoken.spring.actuate.MonotokenActuatorAutoConfiguration;
import io.monotoken.spring.actuate.MonotokenEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;
import org.springframework.web.reactive.function.client.WebClient;

/** A context that was prepared in one environment and runs in another. */
class AheadOfTimeTests {

    @Test
    @CompileWithForkedClassLoader
    @SuppressWarnings("unchecked")
    void asksTheEnvironmentForClientsAgainAtRunTime() {
        TestGenerationContext generation = new TestGenerationContext(TestGenerationContext.TEST_TARGET);
        AnnotationConfigApplicationContext atBuildTime = new AnnotationConfigApplicationContext();
        TestPropertyValues.of("monotoken.clients.build.provider=stems-accounts").applyTo(atBuildTime);
        atBuildTime.register(Application.class);
        ClassName initializer = new ApplicationContextAotGenerator().processAheadOfTime(atBuildTime, generation);
        generation.writeGeneratedContent();

        try (StandIns standIns = new StandIns()) {
            TestCompiler.forSystem().with(generation).compile(compiled -> {
                GenericApplicationContext atRunTime = new GenericApplicationContext(new DefaultListableBeanFactory());
                TestPropertyValues.of(standIns.client("comply-one")).applyTo(atRunTime);
                compiled.getInstance(ApplicationContextInitializer.class, initializer.toString())
                        .initialize(atRunTime);
                atRunTime.refresh();

                assertThat(atRunTime.getBeansOfType(TokenSource.class)).containsOnlyKeys("complyOneTokenSource");
                assertThat(atRunTime.getBean(ApiWebClients.class).hasOwnConnector())
                        .isFalse();
                assertThat(atRunTime
                                .getBean(WebClient.class)
                                .get()
                                .uri("/me")
                                .retrieve()
                                .bodyToMono(Map.class)
                                .block(Duration.ofSeconds(5)))
                        .containsEntry("username", "john.smith@contoso.com");
                atRunTime.close();
            });
        }
    }

    /** A key that is not there at build time signs at run time, and claims are read as they are written. */
    @Test
    @CompileWithForkedClassLoader
    @SuppressWarnings("unchecked")
    void readsTheKeyOfAClientAtRunTime() throws Exception {
        TestGenerationContext generation = new TestGenerationContext(TestGenerationContext.TEST_TARGET);
        AnnotationConfigApplicationContext atBuildTime = new AnnotationConfigApplicationContext();
        TestPropertyValues.of(
                        "monotoken.clients.orders.client-authentication=private-key-jwt",
                        "monotoken.clients.orders.assertion.key=${ORDERS_KEY}",
                        "monotoken.clients.orders.assertion.lifetime=${ORDERS_LIFETIME}",
                        "monotoken.clients.orders.api.ssl.bundle=nowhere")
                .applyTo(atBuildTime);
        atBuildTime.register(Application.class);
        ClassName initializer;
        System.setProperty(AbstractAotProcessor.AOT_PROCESSING, "true");
        try {
            initializer = new ApplicationContextAotGenerator().processAheadOfTime(atBuildTime, generation);
        } finally {
            System.clearProperty(AbstractAotProcessor.AOT_PROCESSING);
        }
        generation.writeGeneratedContent();

        for (Class<?> record : List.of(
                MonotokenProperties.Assertion.class, MonotokenProperties.Api.class, MonotokenProperties.Ssl.class)) {
            assertThat(generation.getRuntimeHints())
                    .matches(RuntimeHintsPredicates.reflection()
                            .onConstructorInvocation(record.getDeclaredConstructors()[0]));
        }
        try (MockWebServer provider = new MockWebServer()) {
            provider.start();
            provider.enqueue(new MockResponse.Builder()
                    .body("{\"access_token\":\"abc\",\"expires_in\":1800}")
                    .build());
            TestCompiler.forSystem().with(generation).compile(compiled -> {
                GenericApplicationContext atRunTime = new GenericApplicationContext(new DefaultListableBeanFactory());
                TestPropertyValues.of(
                                "monotoken.clients.orders.token-uri=" + provider.url("/token"),
                                "monotoken.clients.orders.grant=jwt-bearer",
                                "monotoken.clients.orders.client-id=orders",
                                "monotoken.clients.orders.client-authentication=private-key-jwt",
                                "monotoken.clients.orders.assertion.subject=ann",
                                "monotoken.clients.orders.assertion.claims.act.sub=batch",
                                "monotoken.clients.orders.assertion.key=" + SampleKeys.pem(SampleKeys.P256))
                        .applyTo(atRunTime);
                compiled.getInstance(ApplicationContextInitializer.class, initializer.toString())
                        .initialize(atRunTime);
                atRunTime.refresh();

                assertThat(atRunTime.getBean(TokenSource.class).token().block(Duration.ofSeconds(5)))
                        .isNotNull();
                atRunTime.close();
            });
            String form =
                    Objects.requireNonNull(provider.takeRequest().getBody()).utf8();
            for (String field : List.of("client_assertion", "assertion")) {
                SignedJWT assertion = SignedJWT.parse(form.replaceFirst("(^|.*&)" + field + "=([^&]*).*", "$2"));
                assertThat(SampleKeys.signed(assertion, SampleKeys.P256)).isTrue();
                assertThat(assertion.getPayload().toJSONObject()).containsEntry("act", Map.of("sub", "batch"));
            }
        }
    }

    @Test
    @CompileWithForkedClassLoader
    @SuppressWarnings("unchecked")
    void showsClientsToMicrometerAndActuator() {
        TestGenerationContext generation = new TestGenerationContext(TestGenerationContext.TEST_TARGET);
        AnnotationConfigApplicationContext atBuildTime = new AnnotationConfigApplicationContext();
        TestPropertyValues.of(
                        "monotoken.clients.build.provider=stems-accounts",
                        "management.endpoints.web.exposure.include=monotoken")
                .applyTo(atBuildTime);
        atBuildTime.register(ShownApplication.class);
        ClassName initializer = new ApplicationContextAotGenerator().processAheadOfTime(atBuildTime, generation);
        generation.writeGeneratedContent();

        try (StandIns standIns = new StandIns()) {
            TestCompiler.forSystem().with(generation).compile(compiled -> {
                GenericApplicationContext atRunTime = new GenericApplicationContext(new DefaultListableBeanFactory());
                TestPropertyValues.of(standIns.client("comply-one")).applyTo(atRunTime);
                compiled.getInstance(ApplicationContextInitializer.class, initializer.toString())
                        .initialize(atRunTime);
                atRunTime.refresh();
                atRunTime.getBean(TokenSource.class).token().block(Duration.ofSeconds(5));

                MeterRegistry meters = atRunTime.getBean(MeterRegistry.class);
                assertThat(meters.get("monotoken.token.request").timer().count())
                        .isOne();
                assertThat(meters.get("monotoken.waits").timer().count()).isOne();
                assertThat(atRunTime.getBean(MonotokenEndpoint.class).clients().clients())
                        .containsOnlyKeys("comply-one");
                assertThat(atRunTime.containsBean("monotokenHealthContributor")).isTrue();
                atRunTime.close();
            });
        }
    }

    @Test
    @CompileWithForkedClassLoader
    @SuppressWarnings("unchecked")
    void readsKeysOfTheStoreAtRunTime() {
        TestGenerationContext generation = new TestGenerationContext(TestGenerationContext.TEST_TARGET);
        AnnotationConfigApplicationContext atBuildTime = new AnnotationConfigApplicationContext();
        TestPropertyValues.of(
                        "monotoken.clients.build.provider=stems-accounts",
                        "monotoken.store.redis.keys.k1=${MONOTOKEN_STORE_KEY}")
                .applyTo(atBuildTime);
        atBuildTime.register(SharingApplication.class);
        ClassName initializer = new ApplicationContextAotGenerator().processAheadOfTime(atBuildTime, generation);
        generation.writeGeneratedContent();

        assertThat(generation.getRuntimeHints())
                .matches(RuntimeHintsPredicates.reflection()
                        .onConstructorInvocation(MonotokenProperties.Redis.class.getDeclaredConstructors()[0]))
                .matches(RuntimeHintsPredicates.reflection()
                        .onConstructorInvocation(MonotokenProperties.Store.class.getDeclaredConstructors()[0]));
        try (StandIns standIns = new StandIns()) {
            TestCompiler.forSystem().with(generation).compile(compiled -> {
                GenericApplicationContext atRunTime = new GenericApplicationContext(new DefaultListableBeanFactory());
                TestPropertyValues.of(standIns.client("comply-one"))
                        .and(
                                "monotoken.clients.comply-one.shared=true",
                                "monotoken.store.redis.keys.k2=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=")
                        .applyTo(atRunTime);
                compiled.getInstance(ApplicationContextInitializer.class, initializer.toString())
                        .initialize(atRunTime);
                atRunTime.refresh();

                assertThat(atRunTime.getBean(StoreSettings.class).keyIds()).containsExactly("k2");
                assertThat(atRunTime.getBean(TokenSource.class)).isNotNull();
                atRunTime.close();
            });
        }
    }

    @Test
    @CompileWithForkedClassLoader
    @SuppressWarnings("unchecked")
    void sharesThroughTheRedisOfTheRunTime() {
        TestGenerationContext generation = new TestGenerationContext(TestGenerationContext.TEST_TARGET);
        AnnotationConfigApplicationContext atBuildTime = new AnnotationConfigApplicationContext();
        TestPropertyValues.of("monotoken.clients.build.provider=stems-accounts", "monotoken.store.redis.enabled=true")
                .applyTo(atBuildTime);
        atBuildTime.register(RedisApplication.class);
        ClassName initializer = new ApplicationContextAotGenerator().processAheadOfTime(atBuildTime, generation);
        generation.writeGeneratedContent();

        try (StandIns standIns = new StandIns();
                RedisServer redis = new RedisServer().start()) {
            TestCompiler.forSystem().with(generation).compile(compiled -> {
                GenericApplicationContext atRunTime = new GenericApplicationContext(new DefaultListableBeanFactory());
                TestPropertyValues.of(standIns.client("comply-one"))
                        .and(
                                "spring.data.redis.port=" + redis.port(),
                                "monotoken.clients.comply-one.shared=true",
                                "monotoken.store.redis.enabled=true",
                                "monotoken.store.redis.keys.k1=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=")
                        .applyTo(atRunTime);
                compiled.getInstance(ApplicationContextInitializer.class, initializer.toString())
                        .initialize(atRunTime);
                atRunTime.refresh();
                TokenSource tokens = atRunTime.getBean(TokenSource.class);
                tokens.token().block(Duration.ofSeconds(20));

                assertThat(Objects.requireNonNull(tokens.state().shared()))
                        .extracting(TokenSourceState.Shared::generation, TokenSourceState.Shared::awaySince)
                        .containsExactly(1L, null);
                atRunTime.close();
            });
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(Application.class)
    @ImportAutoConfiguration(DataRedisAutoConfiguration.class)
    static class RedisApplication {}

    @Configuration(proxyBeanMethods = false)
    @Import(Application.class)
    static class SharingApplication {

        @Bean
        TokenStore store() {
            return new TokenSharingTests.Nowhere();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(Application.class)
    @ImportAutoConfiguration({
        MetricsAutoConfiguration.class,
        SimpleMetricsExportAutoConfiguration.class,
        CompositeMeterRegistryAutoConfiguration.class,
        ObservationAutoConfiguration.class,
        MonotokenActuatorAutoConfiguration.class
    })
    static class ShownApplication {}

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        SslAutoConfiguration.class,
        CodecsAutoConfiguration.class,
        HttpClientAutoConfiguration.class,
        ReactiveHttpClientAutoConfiguration.class,
        WebClientAutoConfiguration.class,
        MonotokenAutoConfiguration.class
    })
    static class Application {}
}
