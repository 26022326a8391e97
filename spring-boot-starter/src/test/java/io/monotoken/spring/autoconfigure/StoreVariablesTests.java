package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** An environment variable sets the property of the store that it means, or the application fails to start and names it. */
class StoreVariablesTests {

    private static ApplicationContextRunner context(String variable, String value) {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withInitializer(started -> started.getEnvironment()
                        .getPropertySources()
                        .replace(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                new SystemEnvironmentPropertySource(
                                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                        Map.of(variable, value))));
    }

    @ParameterizedTest
    @CsvSource({
        "MONOTOKEN_STORE_REDIS_ENABLED, true, enabled=true",
        "MONOTOKEN_STORE_REDIS_KEYPREFIX, a:, keyPrefix=a:",
        "MONOTOKEN_STORE_REDIS_KEY_PREFIX, a:, keyPrefix=a:",
        "MONOTOKEN_STORE_REDIS_ENCRYPTWITH, k2, encryptWith=k2",
        "MONOTOKEN_STORE_REDIS_ENCRYPT_WITH, k2, encryptWith=k2",
        "MONOTOKEN_STORE_REDIS_LEASE, 30s, lease=PT30S",
        "MONOTOKEN_STORE_REDIS_TIMEOUT, 1s, timeout=PT1S",
        "MONOTOKEN_STORE_REDIS_MINREPLICAS, 1, minReplicas=1",
        "MONOTOKEN_STORE_REDIS_MIN_REPLICAS, 1, minReplicas=1",
        "MONOTOKEN_STORE_REDIS_KEYS_K2, a-key, keys=[k2]",
    })
    void setsAPropertyOfTheStore(String variable, String value, String bound) {
        context(variable, value)
                .run(started -> assertThat(started.getBean(MonotokenProperties.class)
                                .store()
                                .toString())
                        .contains(bound));
    }

    @ParameterizedTest
    @CsvSource({
        "MONOTOKEN_STORE_REDIS_LEASES, MONOTOKEN_STORE_REDIS_LEASE",
        "MONOTOKEN_STORE_REDIS_KEYPREFX, MONOTOKEN_STORE_REDIS_KEYPREFIX",
        "MONOTOKEN_STORE_REDIS_KEY_K2, MONOTOKEN_STORE_REDIS_KEYS_K1",
        "MONOTOKEN_STORE_REDIS_KEYS, MONOTOKEN_STORE_REDIS_KEYS_K1",
        "MONOTOKEN_STORE_REDIS_MIN_REPLICA, MONOTOKEN_STORE_REDIS_MINREPLICAS",
    })
    void isRefusedWhereItSetsNone(String variable, String meant) {
        FailureAnalysis[] analysis = new FailureAnalysis[1];
        context(variable, "an-actual-secret")
                .run(failed -> analysis[0] = new InvalidClientFailureAnalyzer()
                        .analyze(Objects.requireNonNull(failed.getStartupFailure(), "it started")));

        assertThat(Objects.requireNonNull(analysis[0]).getDescription())
                .isEqualTo("The environment variable " + variable + " sets no property of the store");
        assertThat(analysis[0].getAction()).isEqualTo("Write " + meant + ", or remove it");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MONOTOKEN_STORE_KEY",
                "MONOTOKEN_STORE_KEY_OLD",
                "MONOTOKEN_STORE_REDIS_SERVICE_HOST",
                "MONOTOKEN_STORE_REDIS_PORT_6379_TCP_ADDR",
                "MONOTOKEN_STORE_REDIS_PORT"
            })
    void isLeftAloneWhereItMeansSomethingElse(String variable) {
        context(variable, "x").run(started -> assertThat(started).hasNotFailed());
    }

    @Test
    void isLeftAloneWhereAPropertyRefersToIt() {
        context("MONOTOKEN_STORE_REDIS_KEY", "x")
                .withPropertyValues("monotoken.store.redis.keys.k1=${MONOTOKEN_STORE_REDIS_KEY:}")
                .run(started -> assertThat(started).hasNotFailed());
    }
}
