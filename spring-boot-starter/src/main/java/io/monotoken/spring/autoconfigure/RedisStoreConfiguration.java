package io.monotoken.spring.autoconfigure;

import io.lettuce.core.RedisClient;
import io.monotoken.TokenStore;
import io.monotoken.redis.RedisTokenStore;
import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Redis;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** The store on the application's own Redis. What is missing for it is told when a client needs it, by {@link TokenSharing}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("monotoken.store.redis.enabled")
@ConditionalOnClass({RedisTokenStore.class, LettuceConnectionFactory.class, RedisClient.class})
@ConditionalOnMissingBean(TokenStore.class)
class RedisStoreConfiguration {

    private static final String OR_A_BEAN =
            "declare a TokenStore bean, such as RedisTokenStore.builder(client).build()";

    @Bean
    @Lazy // no connection factory is needed where no client shares its token
    RedisTokenStore monotokenTokenStore(
            MonotokenProperties properties,
            ObjectProvider<LettuceConnectionFactory> factories,
            ListableBeanFactory beans) {
        Redis redis = properties.store().redis();
        List<Problem> problems = new ArrayList<>(StoreMapper.problems(redis));
        LettuceConnectionFactory factory = factories.getIfUnique();
        if (factory == null) {
            problems.add(noFactory(beans));
        }
        if (factory == null || !problems.isEmpty()) {
            throw new InvalidClientException(problems, null);
        }
        return RedisTokenStore.builder(
                        factory::getRequiredNativeClient) // anew for each connection: it may be restarted
                .keyPrefix(redis.keyPrefix())
                .minReplicas(redis.minReplicas(), redis.timeout().dividedBy(2))
                .build();
    }

    private static Problem noFactory(ListableBeanFactory beans) {
        String enabled = StoreMapper.REDIS + "enabled is true, and ";
        String[] lettuce = beans.getBeanNamesForType(LettuceConnectionFactory.class, true, false);
        if (lettuce.length > 0) {
            return new Problem(
                    enabled + "there are several beans of type LettuceConnectionFactory, "
                            + String.join(" and ", lettuce),
                    "Mark the one of the Redis that is meant @Primary, or " + OR_A_BEAN);
        }
        String[] others = beans.getBeanNamesForType(RedisConnectionFactory.class, true, false);
        return others.length > 0
                ? new Problem(
                        enabled + "the application's connection factory, " + String.join(" and ", others)
                                + ", is not one of Lettuce",
                        "Set spring.data.redis.client-type to lettuce and have io.lettuce:lettuce-core on the class path, or "
                                + OR_A_BEAN)
                : new Problem(
                        enabled + "there is no bean of type LettuceConnectionFactory",
                        "Add the dependency org.springframework.boot:spring-boot-starter-data-redis, and in a test of a slice"
                                + " its DataRedisAutoConfiguration, or " + OR_A_BEAN);
    }
}
