package io.monotoken.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.micrometer.DefaultTokenRequestObservationConvention;
import io.monotoken.micrometer.ObservedRequests;
import io.monotoken.micrometer.TokenRequestObservationContext;
import io.monotoken.micrometer.TokenRequestObservationConvention;
import io.monotoken.micrometer.TokenSourceMetrics;
import io.monotoken.spring.autoconfigure.StandIns;
import io.monotoken.spring.autoconfigure.TokenSourceBuilderCustomizer;
import io.monotoken.testing.StandInTokenServer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeReactiveHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthContributor;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

class MonotokenActuatorAutoConfigurationTests {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private final StandIns standIns = new StandIns();
    private final StandInTokenServer server = standIns.server();

    @AfterEach
    void stop() {
        standIns.close();
    }

    private ApplicationContextRunner context() {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withConfiguration(AutoConfigurations.of(MonotokenActuatorAutoConfiguration.class))
                .withPropertyValues(standIns.client("comply-one"));
    }

    private static Token token(ApplicationContext context) {
        return Objects.requireNonNull(context.getBean(TokenSource.class).token().block(BOUND));
    }

    private static void fail(ApplicationContext context) {
        context.getBean(TokenSource.class)
                .token()
                .as(StepVerifier::create)
                .expectError(TokenException.class)
                .verify(BOUND);
    }

    @Test
    void observesARequest() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        context().withBean(ObservationRegistry.class, () -> registry).run(context -> {
            token(context);

            TestObservationRegistryAssert.assertThat(registry)
                    .hasSingleObservationThat()
                    .hasNameEqualTo("monotoken.token.request")
                    .hasContextualNameEqualTo("token request comply-one")
                    .hasLowCardinalityKeyValue("client", "comply-one")
                    .hasLowCardinalityKeyValue("grant", "password")
                    .hasLowCardinalityKeyValue("outcome", "SUCCESS")
                    .hasLowCardinalityKeyValue("error.type", "none")
                    .doesNotHaveError()
                    .hasBeenStarted()
                    .hasBeenStopped();
        });
    }

    @Test
    void observesARefusal() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        context()
                .withBean(ObservationRegistry.class, () -> registry)
                .withPropertyValues("monotoken.clients.comply-one.password=wrong")
                .run(context -> {
                    fail(context);

                    TestObservationRegistryAssert.assertThat(registry)
                            .hasSingleObservationThat()
                            .hasLowCardinalityKeyValue("outcome", "REJECTED")
                            .hasLowCardinalityKeyValue("error.type", "invalid_grant")
                            .hasError()
                            .hasBeenStopped();
                    context.getBean(TokenSource.class).reset();
                });
    }

    @Test
    void observesAnAnswerWithoutAnOAuthErrorByItsStatus() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        server.refuseNext(1, 503);
        context().withBean(ObservationRegistry.class, () -> registry).run(context -> {
            fail(context);

            TestObservationRegistryAssert.assertThat(registry)
                    .hasSingleObservationThat()
                    .hasLowCardinalityKeyValue("outcome", "UNAVAILABLE")
                    .hasLowCardinalityKeyValue("error.type", "503");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "400, '{\"error\":\"made_up_today\"}', REJECTED, _OTHER",
        "400, 'no', REJECTED, 400",
        "200, '<html>', MALFORMED, Malformed",
        "302, '', MALFORMED, Malformed",
    })
    void hasFewTypesOfErrors(int status, String body, String outcome, String errorType) throws IOException {
        TestObservationRegistry registry = TestObservationRegistry.create();
        try (MockWebServer odd = new MockWebServer()) {
            odd.enqueue(new MockResponse.Builder().code(status).body(body).build());
            odd.start();
            context()
                    .withBean(ObservationRegistry.class, () -> registry)
                    .withPropertyValues("monotoken.clients.comply-one.token-uri=" + odd.url("/token"))
                    .run(context -> {
                        fail(context);

                        TestObservationRegistryAssert.assertThat(registry)
                                .hasSingleObservationThat()
                                .hasLowCardinalityKeyValue("outcome", outcome)
                                .hasLowCardinalityKeyValue("error.type", errorType);
                        context.getBean(TokenSource.class).reset();
                    });
        }
    }

    @Test
    void knowsNoOutcomeWhileARequestIsInFlight() {
        ObservationRegistry registry = ObservationRegistry.create();
        List<String> outcomes = new ArrayList<>();
        registry.observationConfig().observationHandler(new ObservationHandler<TokenRequestObservationContext>() {
            @Override
            public void onStart(TokenRequestObservationContext started) {
                outcomes.add(started.getLowCardinalityKeyValues().toString());
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof TokenRequestObservationContext;
            }
        });
        context().withBean(ObservationRegistry.class, () -> registry).run(context -> {
            token(context);

            assertThat(outcomes).singleElement(InstanceOfAssertFactories.STRING).contains("outcome", "UNKNOWN");
        });
    }

    @Test
    void startsATraceOfItsOwnWhoeverAsks() {
        ObservationRegistry registry = ObservationRegistry.create();
        List<Object> parents = new ArrayList<>();
        registry.observationConfig().observationHandler(new ObservationHandler<TokenRequestObservationContext>() {
            @Override
            public void onStart(TokenRequestObservationContext started) {
                parents.add(String.valueOf(started.getParentObservation()));
                Observation current = registry.getCurrentObservation();
                parents.add(current == null ? "nobody" : current.getContext().getName());
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof TokenRequestObservationContext;
            }
        });
        context().withBean(ObservationRegistry.class, () -> registry).run(context -> {
            Observation caller = Observation.start("caller", registry);
            try (Observation.Scope scope = caller.openScope()) {
                context.getBean(TokenSource.class)
                        .token()
                        .contextWrite(Context.of(ObservationThreadLocalAccessor.KEY, caller))
                        .block(BOUND);
                assertThat(scope.getCurrentObservation()).isSameAs(registry.getCurrentObservation());
            }
            caller.stop();

            assertThat(parents).containsExactly("null", "null");
        });
    }

    @Test
    void takesAnotherConvention() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        context()
                .withBean(ObservationRegistry.class, () -> registry)
                .withBean(
                        TokenRequestObservationConvention.class, () -> new DefaultTokenRequestObservationConvention() {
                            @Override
                            public String getName() {
                                return "sso.request";
                            }
                        })
                .run(context -> {
                    token(context);

                    TestObservationRegistryAssert.assertThat(registry).hasObservationWithNameEqualTo("sso.request");
                });
    }

    @Test
    void countsWhatCallersMet() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        context().withBean(MeterRegistry.class, () -> meters).run(context -> {
            Token token = token(context);
            token(context);
            context.getBean(TokenSource.class).invalidate(token);
            token(context);

            assertThat(lookups(meters, "fresh")).isOne();
            assertThat(lookups(meters, "waiting")).isEqualTo(2);
            assertThat(lookups(meters, "failed")).isZero();
            assertThat(meters.get("monotoken.waits")
                            .tag("client", "comply-one")
                            .timer()
                            .count())
                    .isEqualTo(2);
            assertThat(meters.get("monotoken.waiters").gauge().value()).isZero();
            assertThat(meters.get("monotoken.invalidations").counter().count()).isOne();
            assertThat(meters.get("monotoken.token.expiry").gauge().value()).isBetween(1.0, 30.0);
            assertThat(meters.get("monotoken.guard.closed").gauge().value()).isZero();
            assertThat(meters.getMeters().toString()).doesNotContain(token.value());
        });
    }

    private static double lookups(MeterRegistry meters, String result) {
        return meters.get("monotoken.lookups")
                .tag("client", "comply-one")
                .tag("result", result)
                .counter()
                .count();
    }

    @Test
    void showsAClosedGuard() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        context()
                .withBean(MeterRegistry.class, () -> meters)
                .withPropertyValues("monotoken.clients.comply-one.password=wrong")
                .run(context -> {
                    fail(context);
                    fail(context);
                    assertThat(meters.get("monotoken.guard.closed").gauge().value())
                            .isOne();
                    assertThat(lookups(meters, "failed")).isOne();
                    assertThat(meters.get("monotoken.token.expiry").gauge().value())
                            .isNaN();

                    context.getBean(TokenSource.class).reset();

                    assertThat(meters.get("monotoken.guard.closed").gauge().value())
                            .isZero();
                });
    }

    @Test
    void leavesNoGaugeOfAClosedContextInARegistryThatGoesOn() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        ApplicationContextRunner runner = context()
                .withBean(
                        MeterRegistry.class,
                        () -> meters,
                        definition -> ((AbstractBeanDefinition) definition).setDestroyMethodName(""));
        runner.run(MonotokenActuatorAutoConfigurationTests::token);
        assertThat(meters.find("monotoken.token.expiry").gauge()).isNull();
        assertThat(meters.find("monotoken.waiters").gauge()).isNull();
        assertThat(meters.find("monotoken.guard.closed").gauge()).isNull();

        runner.run(context -> {
            token(context);

            assertThat(meters.get("monotoken.token.expiry").gauge().value()).isBetween(1.0, 30.0);
            assertThat(lookups(meters, "waiting")).isEqualTo(2);
        });
    }

    private static Health health(ApplicationContext context) {
        CompositeReactiveHealthContributor all = (CompositeReactiveHealthContributor)
                context.getBean("monotokenHealthContributor", ReactiveHealthContributor.class);
        ReactiveHealthIndicator one =
                (ReactiveHealthIndicator) Objects.requireNonNull(all.getContributor("comply-one"));
        return Objects.requireNonNull(one.health().block(BOUND));
    }

    @Test
    void knowsNothingOfHealthBeforeTheFirstUseAndSendsNothing() {
        context().run(context -> {
            assertThat(health(context).getStatus()).isEqualTo(Status.UNKNOWN);
            assertThat(server.tokenRequests()).isZero();
        });
    }

    @Test
    void isUpWithAToken() {
        context().run(context -> {
            Token token = token(context);

            Health health = health(context);

            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails()).containsKeys("phase", "expiresAt", "renewFrom", "lastSuccess", "waiters");
            assertThat(health.toString()).doesNotContain(token.value());
        });
    }

    @Test
    void isDownBehindAClosedGuard() {
        context()
                .withPropertyValues("monotoken.clients.comply-one.password=wrong")
                .run(context -> {
                    fail(context);

                    Health health = health(context);

                    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                    assertThat(health.getDetails()).containsKeys("lastFailure", "nextAttempt");
                    assertThat(health.toString())
                            .contains("GUARDED", "invalid_grant")
                            .doesNotContain("wrong");
                    context.getBean(TokenSource.class).reset();
                });
    }

    @Test
    void asksASourceOfTheApplicationsOwn() {
        context()
                .withBean("own", TokenSource.class, () -> TokenSource.fixed("a-token"))
                .run(context -> {
                    assertThat(health(context).getStatus()).isEqualTo(Status.UP);
                    assertThat(health(context).toString()).doesNotContain("a-token");
                });
    }

    @Test
    void isDownWhenASourceOfTheApplicationsOwnDoesNotSay() {
        context().withBean("own", TokenSource.class, () -> new Silent("s3cret")).run(context -> {
            Health health = health(context);

            assertThat(health.getStatus()).isEqualTo(Status.DOWN);
            assertThat(health.getDetails())
                    .containsExactly(Map.entry("error", "java.lang.UnsupportedOperationException"));
        });
    }

    private Health healthWhileSharing(TokenSourceState.Phase phase, @Nullable Instant awaySince) {
        Health[] health = new Health[1];
        context()
                .withBean("own", TokenSource.class, () -> new Sharing(phase, awaySince))
                .run(context -> health[0] = health(context));
        return Objects.requireNonNull(health[0]);
    }

    @Test
    void saysWhetherTheStoreAnswersAndIsNeverDownForIt() {
        Instant since = Instant.parse("2026-11-27T08:00:00Z");

        Health answers = healthWhileSharing(TokenSourceState.Phase.FRESH, null);
        assertThat(answers.getStatus()).isEqualTo(Status.UP);
        assertThat(answers.getDetails()).containsEntry("store", "UP").doesNotContainKey("storeAwaySince");

        Health away = healthWhileSharing(TokenSourceState.Phase.FRESH, since);
        assertThat(away.getStatus()).isEqualTo(Status.UP);
        assertThat(away.getDetails()).containsEntry("store", "AWAY").containsEntry("storeAwaySince", since);

        assertThat(healthWhileSharing(TokenSourceState.Phase.IDLE, since).getStatus())
                .isEqualTo(Status.UNKNOWN);
    }

    @Test
    void saysNothingOfAStoreWhereNoneIsShared() {
        context().run(context -> {
            token(context);

            assertThat(health(context).getDetails()).doesNotContainKeys("store", "storeAwaySince");
        });
    }

    /** A source that shares its token. */
    private record Sharing(
            TokenSourceState.Phase phase, @Nullable Instant awaySince) implements TokenSource {

        @Override
        public Mono<Token> token() {
            return Mono.never();
        }

        @Override
        public Mono<Token> token(Duration minimumRemaining) {
            return token();
        }

        @Override
        public boolean invalidate(Token token) {
            return false;
        }

        @Override
        public TokenSourceState state() {
            return new TokenSourceState(
                    phase,
                    null,
                    null,
                    null,
                    null,
                    null,
                    0,
                    new TokenSourceState.Shared("here/1/a", 7, "there/2/b", "there/3/c", awaySince));
        }

        @Override
        public void reset() {}

        @Override
        public void close() {}
    }

    @Test
    void showsAtTheEndpointWhatIsKnownOfTheOtherInstances() {
        Instant since = Instant.parse("2026-11-27T08:00:00Z");
        context()
                .withBean("own", TokenSource.class, () -> new Sharing(TokenSourceState.Phase.FRESH, since))
                .withPropertyValues("management.endpoints.web.exposure.include=monotoken")
                .run(context -> assertThat(context.getBean(MonotokenEndpoint.class)
                                .clients()
                                .clients()
                                .values())
                        .singleElement()
                        .extracting(MonotokenEndpoint.ClientState::shared)
                        .isEqualTo(new TokenSourceState.Shared("here/1/a", 7, "there/2/b", "there/3/c", since)));
    }

    /** A source that cannot say what it knows. */
    private record Silent(String secret) implements TokenSource {

        @Override
        public Mono<Token> token() {
            return Mono.never();
        }

        @Override
        public Mono<Token> token(Duration minimumRemaining) {
            return token();
        }

        @Override
        public boolean invalidate(Token token) {
            return false;
        }

        @Override
        public TokenSourceState state() {
            throw new UnsupportedOperationException(secret);
        }

        @Override
        public void reset() {}

        @Override
        public void close() {}
    }

    @Test
    void takesAnyNameOfAClient() {
        context()
                .withPropertyValues(standIns.client("[eu/west]"))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void isDownAfterAFailureWithoutAToken() {
        server.refuseNext(1, 503);
        context().run(context -> {
            fail(context);

            assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
        });
    }

    @Test
    void hasNoHealthWhenSwitchedOff() {
        context()
                .withPropertyValues("management.health.monotoken.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean("monotokenHealthContributor"));
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                ObservationRegistry.class,
                ObservedRequests.class,
                MeterRegistry.class,
                TokenSourceMetrics.class,
                SanitizingFunction.class,
                ReactiveHealthContributor.class,
                ConditionalOnEnabledHealthIndicator.class,
                Endpoint.class,
                ConditionalOnAvailableEndpoint.class
            })
    void worksWhereOneOfThemIsAbsent(Class<?> absent) {
        context().withClassLoader(new FilteredClassLoader(absent)).run(context -> {
            assertThat(context).hasNotFailed();
            token(context);
        });
    }

    @Test
    void worksInAServletApplication() {
        new WebApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withConfiguration(AutoConfigurations.of(MonotokenActuatorAutoConfiguration.class))
                .withPropertyValues(standIns.client("comply-one"))
                .withPropertyValues("management.endpoints.web.exposure.include=monotoken")
                .run(context -> {
                    token(context);

                    assertThat(health(context).getStatus()).isEqualTo(Status.UP);
                    assertThat(context).hasSingleBean(MonotokenEndpoint.class);
                });
    }

    @Test
    void stepsBackWithoutMicrometerAndActuator() {
        context()
                .withClassLoader(new FilteredClassLoader(
                        ObservationRegistry.class,
                        MeterRegistry.class,
                        ReactiveHealthContributor.class,
                        Endpoint.class))
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean("monotokenHealthContributor");
                    assertThat(context).doesNotHaveBean(TokenSourceBuilderCustomizer.class);
                    token(context);
                });
    }

    @Test
    void stepsBackWithoutMicrometersCore() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        context()
                .withClassLoader(new FilteredClassLoader("io.micrometer.core"))
                .withBean(ObservationRegistry.class, () -> registry)
                .run(context -> {
                    token(context);

                    assertThat(context).doesNotHaveBean("monotokenMeters");
                    TestObservationRegistryAssert.assertThat(registry)
                            .hasObservationWithNameEqualTo("monotoken.token.request");
                });
    }

    @Test
    void stepsBackWithoutRegistries() {
        context().run(context -> assertThat(context).doesNotHaveBean(TokenSourceBuilderCustomizer.class));
    }

    @Test
    void hasNoEndpointUnlessExposed() {
        context().run(context -> assertThat(context).doesNotHaveBean(MonotokenEndpoint.class));
    }
}
