package io.monotoken.spring.autoconfigure;

import static io.monotoken.spring.autoconfigure.TokenSharingTests.ENABLED;
import static io.monotoken.spring.autoconfigure.TokenSharingTests.SHARED;
import static io.monotoken.spring.autoconfigure.TokenSharingTests.WITH_A_KEY;
import static io.monotoken.spring.autoconfigure.TokenSharingTests.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.StoreSettings;
import io.monotoken.TokenStore;
import io.monotoken.redis.RedisTokenStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** The store on the application's own Redis, and what is told at start where there is none that could be meant. */
class RedisStoreConfigurationTests {

    private static final String OR_A_BEAN =
            "declare a TokenStore bean, such as RedisTokenStore.builder(client).build()";

    private final ApplicationContextRunner context = TokenSharingTests.context();
    private final ApplicationContextRunner redis =
            context.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class));

    @Test
    void hasTheStoreOfTheApplicationsRedisAndConnectsToNothing() {
        redis.withPropertyValues(ENABLED, WITH_A_KEY, SHARED, "spring.data.redis.port=1")
                .withPropertyValues("monotoken.store.redis.key-prefix=orders:", "monotoken.store.redis.min-replicas=1")
                .run(started -> {
                    assertThat(started).hasNotFailed();
                    assertThat(started.getBean(TokenStore.class))
                            .hasToString("RedisTokenStore[keyPrefix=orders:, minReplicas=1]");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"org.springframework.data.redis", "io.lettuce"})
    void isRefusedWithoutSpringDataRedisOrLettuce(String absent) {
        expect(
                context.withClassLoader(new FilteredClassLoader(absent))
                        .withPropertyValues(ENABLED, WITH_A_KEY, SHARED),
                "monotoken.store.redis.enabled is true, and Spring Data Redis or Lettuce is not on the class path",
                "Add the dependency org.springframework.boot:spring-boot-starter-data-redis, or declare a TokenStore bean");
    }

    @Test
    void isRefusedWithoutAConnectionFactory() {
        expect(
                context.withPropertyValues(ENABLED, WITH_A_KEY, SHARED),
                "monotoken.store.redis.enabled is true, and there is no bean of type LettuceConnectionFactory",
                "Add the dependency org.springframework.boot:spring-boot-starter-data-redis, and in a test of a slice its"
                        + " DataRedisAutoConfiguration, or " + OR_A_BEAN);
    }

    @Test
    void isRefusedWithAConnectionFactoryThatIsNotLettuces() {
        expect(
                context.withBean(
                                "jedis", RedisConnectionFactory.class, () -> Mockito.mock(RedisConnectionFactory.class))
                        .withPropertyValues(ENABLED, WITH_A_KEY, SHARED),
                "monotoken.store.redis.enabled is true, and the application's connection factory, jedis, is not one of"
                        + " Lettuce",
                "Set spring.data.redis.client-type to lettuce and have io.lettuce:lettuce-core on the class path, or "
                        + OR_A_BEAN);
    }

    @Test
    void isRefusedWithSeveralConnectionFactoriesUnlessOneIsPrimary() {
        ApplicationContextRunner several = context.withPropertyValues(ENABLED, WITH_A_KEY, SHARED)
                .withBean("one", LettuceConnectionFactory.class, LettuceConnectionFactory::new)
                .withBean("other", LettuceConnectionFactory.class, LettuceConnectionFactory::new);
        expect(
                several,
                "monotoken.store.redis.enabled is true, and there are several beans of type LettuceConnectionFactory, one and"
                        + " other",
                "Mark the one of the Redis that is meant @Primary, or " + OR_A_BEAN);

        several.withBean(
                        "third",
                        LettuceConnectionFactory.class,
                        LettuceConnectionFactory::new,
                        definition -> definition.setPrimary(true))
                .run(started -> assertThat(started).hasNotFailed());
    }

    @Test
    void tellsAllThatIsWrongWithTheStore() {
        expect(
                context.withBean(StoreSettings.class, () -> StoreSettings.encryptedBy("k1", new byte[32]))
                        .withPropertyValues(ENABLED, SHARED)
                        .withPropertyValues(
                                "monotoken.store.redis.key-prefix=${PREFIX}", "monotoken.store.redis.min-replicas=-1"),
                """
                monotoken.store.redis.key-prefix refers to ${PREFIX}, which nothing resolves
                monotoken.store.redis.min-replicas must not be negative, was -1
                monotoken.store.redis.enabled is true, and there is no bean of type LettuceConnectionFactory""",
                """
                Define PREFIX, for instance as an environment variable
                Write how many replicas must have a change before it counts, or 0 for none
                Add the dependency org.springframework.boot:spring-boot-starter-data-redis, and in a test of a slice its DataRedisAutoConfiguration, or\
                 declare a TokenStore bean, such as RedisTokenStore.builder(client).build()""");
    }

    @Test
    void leavesApplicationsWithoutAStoreAsTheyWere() {
        context.withClassLoader(
                        new FilteredClassLoader("io.monotoken.redis", "org.springframework.data.redis", "io.lettuce"))
                .run(started -> assertThat(started).hasNotFailed().doesNotHaveBean(TokenStore.class));
        redis.run(started -> assertThat(started).hasNotFailed().doesNotHaveBean(TokenStore.class));
    }

    @Test
    void hasAStoreOfTheApplicationsOwnInsteadOfRedis() {
        TokenStore own = new TokenSharingTests.Nowhere();
        redis.withBean(TokenStore.class, () -> own)
                .withPropertyValues(ENABLED, WITH_A_KEY, SHARED)
                .run(started -> assertThat(started.getBean(TokenStore.class)).isSameAs(own));
        context.withClassLoader(new FilteredClassLoader(RedisTokenStore.class, LettuceConnectionFactory.class))
                .withBean(TokenStore.class, () -> own)
                .withPropertyValues(WITH_A_KEY, SHARED)
                .run(started -> assertThat(started).hasNotFailed());
    }
}
