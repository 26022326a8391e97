package io.monotoken.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.monotoken.Credentials;
import io.monotoken.StoreSettings;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.TokenStore;
import io.monotoken.spring.autoconfigure.MonotokenConnectionDetails;
import io.monotoken.spring.autoconfigure.StandIns;
import io.monotoken.testing.InMemoryTokenStore;
import io.monotoken.testing.StandInTokenServer;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.CompositeReactiveHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthContributor;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import reactor.core.publisher.Mono;

/** Two application contexts that share a token, and what each of them shows of it. */
class InstancesThatShareTests {

    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final String K1 = "monotoken.store.redis.keys.k1=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    private static final String OTHER_K1 = "monotoken.store.redis.keys.k1=AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";
    private static final String K2 = "monotoken.store.redis.keys.k2=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    private static final String WITH_K1 = "monotoken.store.redis.encrypt-with=k1";
    private static final String WITH_K2 = "monotoken.store.redis.encrypt-with=k2";

    private final StandIns standIns = new StandIns();
    private final StandInTokenServer server = standIns.server();
    private final InMemoryTokenStore store = new InMemoryTokenStore();

    @AfterEach
    void stop() {
        standIns.close();
    }

    private ApplicationContextRunner instance(String... keys) {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withConfiguration(AutoConfigurations.of(MonotokenActuatorAutoConfiguration.class))
                .withPropertyValues(standIns.client("comply-one"))
                .withPropertyValues(
                        "monotoken.clients.comply-one.shared=true",
                        "management.endpoints.web.exposure.include=monotoken")
                .withPropertyValues(keys)
                .withBean(TokenStore.class, () -> store)
                .withBean(MeterRegistry.class, SimpleMeterRegistry::new);
    }

    private static String token(ApplicationContext instance) {
        return Objects.requireNonNull(
                        instance.getBean(TokenSource.class).token().block(BOUND))
                .value();
    }

    private static TokenSourceState.Shared shared(ApplicationContext instance) {
        return Objects.requireNonNull(
                Objects.requireNonNull(instance.getBean(MonotokenEndpoint.class).client("comply-one"))
                        .shared());
    }

    private static double part(ApplicationContext instance, String part) {
        return instance.getBean(MeterRegistry.class)
                .get("monotoken.sharing")
                .tags("client", "comply-one", "part", part)
                .counter()
                .count();
    }

    private static Health health(ApplicationContext instance) {
        CompositeReactiveHealthContributor all = (CompositeReactiveHealthContributor)
                instance.getBean("monotokenHealthContributor", ReactiveHealthContributor.class);
        ReactiveHealthIndicator one =
                (ReactiveHealthIndicator) Objects.requireNonNull(all.getContributor("comply-one"));
        return Objects.requireNonNull(one.health().block(BOUND));
    }

    @Test
    void logInOnceAndShowWhoDid() {
        instance(K1)
                .run(one -> instance(K1).run(other -> {
                    assertThat(token(one)).isEqualTo(token(other));

                    assertThat(server.passwordRequests()).isOne();
                    String leader = one.getBean(StoreSettings.class).instance();
                    assertThat(shared(one)).isEqualTo(new TokenSourceState.Shared(leader, 1, leader, null, null));
                    assertThat(shared(other))
                            .isEqualTo(new TokenSourceState.Shared(
                                    other.getBean(StoreSettings.class).instance(), 1, leader, null, null));
                    assertThat(part(one, "led")).isOne();
                    assertThat(part(one, "adopted")).isZero();
                    assertThat(part(other, "led")).isZero();
                    assertThat(part(other, "adopted")).isOne();
                    assertThat(health(one).getDetails()).containsEntry("store", "UP");
                }));
    }

    @Test
    void knowTheTokenAfterARestart() {
        String[] before = new String[1];
        instance(K1).run(first -> before[0] = token(first));

        instance(K1).run(restarted -> assertThat(token(restarted)).isEqualTo(before[0]));

        assertThat(server.passwordRequests()).isOne();
    }

    @Test
    void changeTheKeyStepByStepWithoutALogin() {
        String[] first = new String[1];
        instance(K1).run(instance -> first[0] = token(instance));
        instance(K1, K2, WITH_K1).run(step -> assertThat(token(step)).isEqualTo(first[0]));
        instance(K1, K2, WITH_K2).run(step -> {
            assertThat(token(step)).isEqualTo(first[0]);
            step.getBean(TokenSource.class)
                    .token()
                    .map(step.getBean(TokenSource.class)::invalidate)
                    .block(BOUND);
            first[0] = token(step);
        });
        instance(K2).run(last -> assertThat(token(last)).isEqualTo(first[0]));

        assertThat(server.passwordRequests()).isOne();
        assertThat(server.refreshRequests()).isOne();
    }

    @Test
    void goOnAloneWithDifferentKeysAndSayIt() {
        instance(K1)
                .run(one -> instance(OTHER_K1).run(other -> {
                    assertThat(token(one)).isNotEqualTo(token(other));

                    assertThat(server.passwordRequests()).isEqualTo(2);
                    assertThat(shared(one).awaySince()).isNull();
                    assertThat(shared(other).awaySince()).isNotNull();
                    assertThat(health(other).getStatus()).isEqualTo(Status.UP);
                    assertThat(health(other).getDetails())
                            .containsEntry("store", "AWAY")
                            .containsKey("storeAwaySince");
                    assertThat(other.getBean(MeterRegistry.class)
                                    .get("monotoken.store.away")
                                    .gauge()
                                    .value())
                            .isOne();
                }));
    }

    @Test
    void startAndGoOnWithoutTheStore() {
        store.stopAnswering();

        instance(K1).run(instance -> {
            assertThat(token(instance)).isNotEmpty();
            assertThat(health(instance).getStatus()).isEqualTo(Status.UP);
            assertThat(health(instance).getDetails()).containsEntry("store", "AWAY");
        });
    }

    @Test
    void mayHaveConnectionDetailsAndCredentialsThatChange() {
        MonotokenConnectionDetails details = new MonotokenConnectionDetails() {
            @Override
            public URI tokenUri(String client) {
                return server.tokenUri();
            }

            @Override
            public Mono<Credentials> credentials(String client) {
                return Mono.fromSupplier(() -> new Credentials(server.username(), server.password()));
            }
        };
        ApplicationContextRunner instance = instance(K1)
                .withBean(MonotokenConnectionDetails.class, () -> details)
                .withPropertyValues(
                        "monotoken.clients.comply-one.token-uri=http://127.0.0.1:1/token",
                        "monotoken.clients.comply-one.password=");

        instance.run(one -> instance.run(other -> assertThat(token(one)).isEqualTo(token(other))));

        assertThat(server.passwordRequests()).isOne();
    }

    @Test
    void doNotShareUnlessTheyAreTold() {
        ApplicationContextRunner alone = instance(K1).withPropertyValues("monotoken.clients.comply-one.shared=false");

        alone.run(one -> alone.run(other -> assertThat(token(one)).isNotEqualTo(token(other))));

        assertThat(server.passwordRequests()).isEqualTo(2);
    }
}
