package io.monotoken.spring.autoconfigure;

import io.monotoken.StoreSettings;
import io.monotoken.TokenSource;
import io.monotoken.TokenStore;
import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.MonotokenProperties.GrantType;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Redis;
import java.time.Duration;
import java.util.List;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/** Gives clients that share their token the store, and says why one cannot. Asks for store and settings when a client needs them. */
final class TokenSharing {

    private static final String ENABLED = StoreMapper.REDIS + "enabled";

    private final ConfigurableListableBeanFactory beans;
    private final ObjectProvider<TokenStore> stores;
    private final ObjectProvider<StoreSettings> settings;
    private final Redis redis;

    TokenSharing(
            ConfigurableListableBeanFactory beans,
            ObjectProvider<TokenStore> stores,
            ObjectProvider<StoreSettings> settings,
            Redis redis) {
        this.beans = beans;
        this.stores = stores;
        this.settings = settings;
        this.redis = redis;
    }

    /**
     * Lets a client share its token, before the application's customizers see the builder.
     *
     * @throws InvalidClientException if there is no store, or not one that could be meant
     */
    void share(ConfiguredClient client, TokenSource.Builder builder) {
        TokenStore store = stores.getIfUnique();
        if (store == null) {
            throw new InvalidClientException(noStore(client));
        }
        builder.tokenStore(store, settings(client));
    }

    /** An assertion says whose tokens it asks for, but is another one each time. */
    private StoreSettings settings(ConfiguredClient client) {
        String subject = client.properties().assertion().subject();
        return client.grantType() == GrantType.JWT_BEARER && subject != null
                ? settings().withSubject(subject)
                : settings();
    }

    /**
     * Builds the source of a client that shares its token.
     *
     * @throws InvalidClientException if it contradicts what the store or a customizer has
     */
    TokenSource build(ConfiguredClient client, TokenSource.Builder builder) {
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw refused(client, e);
        }
    }

    /** {@return the rest of a client's line in the log, which tells operators what this instance is called} */
    String summary() {
        return "; shares them as instance '" + settings().instance() + "'";
    }

    private InvalidClientException refused(ConfiguredClient client, IllegalArgumentException refusal) {
        StoreSettings shared = settings();
        Duration timeout = client.properties().refresh().timeout();
        Duration shortest = timeout.plus(shared.timeout().multipliedBy(2));
        boolean tooShort = shared.lease().compareTo(shortest) < 0
                && String.valueOf(refusal.getMessage()).startsWith("lease ");
        return new InvalidClientException(
                List.of(
                        tooShort
                                ? new Problem(
                                        StoreMapper.REDIS + "lease of " + ShownDuration.of(shared.lease())
                                                + " is shorter than a renewal of client '" + client.name()
                                                + "' may take, which is " + client.property("refresh.timeout") + " of "
                                                + ShownDuration.of(timeout) + " and twice " + StoreMapper.REDIS
                                                + "timeout of " + ShownDuration.of(shared.timeout()),
                                        "Set " + StoreMapper.REDIS + "lease, or that of the StoreSettings bean, to "
                                                + ShownDuration.of(shortest).replace(" ", "") + " at least, or shorten "
                                                + client.property("refresh.timeout"))
                                : new Problem(
                                        client.property("shared") + " is true: " + refusal.getMessage(),
                                        "Correct it in a TokenSourceBuilderCustomizer bean, or set "
                                                + client.property("shared") + " to false")),
                refusal);
    }

    private StoreSettings settings() {
        StoreSettings only = settings.getIfUnique();
        if (only == null) {
            throw new InvalidClientException(severalOf(StoreSettings.class));
        }
        return only;
    }

    private Problem noStore(ConfiguredClient client) {
        String shared = client.property("shared");
        if (beans.getBeanNamesForType(TokenStore.class, true, false).length > 1) {
            return severalOf(TokenStore.class);
        }
        if (!redis.enabled()) {
            return new Problem(
                    shared + " is true, and there is no store to share the token through",
                    "Set " + ENABLED + " to true and " + StoreKeys.PROPERTY
                            + ".k1 to a key, declare a TokenStore bean, or" + " remove " + shared);
        }
        if (AotDetector.useGeneratedArtifacts()) {
            return new Problem(
                    ENABLED + " is true, and the application was prepared ahead of time without it",
                    "Prepare it with " + ENABLED
                            + "=true, and with monotoken-redis and spring-boot-starter-data-redis on the"
                            + " class path");
        }
        return isPresent("io.monotoken.redis.RedisTokenStore")
                ? new Problem(
                        ENABLED + " is true, and Spring Data Redis or Lettuce is not on the class path",
                        "Add the dependency org.springframework.boot:spring-boot-starter-data-redis, or declare a"
                                + " TokenStore bean")
                : new Problem(
                        ENABLED + " is true, and monotoken-redis is not on the class path",
                        "Add the dependency io.monotoken:monotoken-redis, or declare a TokenStore bean");
    }

    private Problem severalOf(Class<?> type) {
        return new Problem(
                "there are several beans of type " + type.getSimpleName() + ", "
                        + String.join(" and ", beans.getBeanNamesForType(type, true, false))
                        + ", and all clients that share their token have one of them",
                "Mark one @Primary; a TokenSourceBuilderCustomizer bean can give one client another");
    }

    private boolean isPresent(String type) {
        return ClassUtils.isPresent(type, beans.getBeanClassLoader());
    }
}
