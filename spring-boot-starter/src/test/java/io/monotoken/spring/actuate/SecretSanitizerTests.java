package io.monotoken.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.spring.autoconfigure.StandIns;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.env.EnvironmentEndpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class SecretSanitizerTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "monotoken.clients.comply-one.client-secret",
                "monotoken.clients.comply-one.clientSecret",
                "monotoken.clients.comply-one.password",
                "monotoken.clients.comply-one.refresh-token",
                "monotoken.clients.comply-one.proxy.password",
                "monotoken.clients.comply-one.parameters.password[0]",
                "monotoken.clients.comply-one.refresh.parameters.password[12]",
                "monotoken.clients.comply-one.parameters.api_key",
                "monotoken.clients.comply-one.parameters.api_key[0]",
                "monotoken.clients.comply-one.parameters[client_assertion]",
                "monotoken.clients.complyOne.refresh.parameters.assertion",
                "MONOTOKEN_CLIENTS_COMPLYONE_PARAMETERS_API_KEY",
                "MONOTOKEN_CLIENTS_COMPLY_ONE_REFRESH_PARAMETERS_ASSERTION_0",
                "MONOTOKEN_CLIENTS_COMPLYONE_CLIENTSECRET",
                "MONOTOKEN_CLIENTS_COMPLY_ONE_CLIENT_SECRET",
                "monotoken.store.redis.keys.k1",
                "monotoken.store.redis.keys[k-2]",
                "monotoken.store.redis.keys[202611]",
                "MONOTOKEN_STORE_REDIS_KEYS_K1",
                "MONOTOKEN_STORE_KEY",
                "MONOTOKEN_STORE_KEY_OLD",
                "monotoken.clients.orders.assertion.key",
                "monotoken.clients.orders.assertion.key-password",
                "monotoken.clients.orders.assertion.claims.tenant_id",
                "monotoken.clients.orders.assertion.claims[https://x.example/level]",
                "monotoken.clients.orders.assertion.claims.roles[0]",
                "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_KEY",
                "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_KEYPASSWORD",
                "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_KEY_PASSWORD",
                "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_CLAIMS_TENANT_ID",
            })
    void hidesSecretsFromEnv(String property) {
        assertThat(shown(property)).isEqualTo("******");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "monotoken.clients.comply-one.client-id",
                "monotoken.clients.parameters.client-id",
                "monotoken.store.redis.key-prefix",
                "MONOTOKEN_STORE_REDIS_KEYPREFIX",
                "monotoken.store.redis.encrypt-with",
                "monotoken.store.redis.lease",
                "monotoken.clients.orders.assertion.key-id",
                "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_KEYID",
                "monotoken.clients.orders.assertion.bundle",
                "monotoken.clients.orders.assertion.audience",
                "monotoken.clients.orders.assertion.file",
                "monotoken.clients.claims.client-id",
                "other.password"
            })
    void showsTheRest(String property) {
        assertThat(shown(property)).isEqualTo("hidden");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app.jar --monotoken.clients.comply-one.client-secret=hidden",
                "-Dmonotoken.clients.complyOne.clientSecret=hidden",
                "MONOTOKEN_CLIENTS_COMPLYONE_PASSWORD=hidden",
                "{ \"monotoken\" : {\n\"clients\": {\"a\": {\"refresh-token\": \"hidden\"}}}}",
                "{\"monotoken.clients.a.parameters.key\": \"hidden\"}",
                "app.jar --monotoken.store.redis.keys.k1=hidden",
                "MONOTOKEN_STORE_REDIS_KEYS_K1=hidden",
                "MONOTOKEN_STORE_KEY=hidden",
                "{\"monotoken\": {\"store\": {\"redis\": {\"keys\" : {\"k1\": \"hidden\"}}}}}",
                "{\"monotoken.store.redis.keys.k1\": \"hidden\"}",
                "app.jar --monotoken.clients.orders.assertion.key=hidden",
                "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_CLAIMS_TENANT=hidden",
                "{\"monotoken\": {\"clients\": {\"orders\": {\"assertion\": {\"key\" : \"hidden\"}}}}}",
                "{\"monotoken\": {\"clients\": {\"orders\": {\"assertion\": {\"claims\": {\"a\": \"hidden\"}}}}}}",
                "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----",
                "x -----BEGIN RSA PRIVATE KEY----- hidden",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----hidden",
            })
    void hidesWhatHoldsSecretsOfOurs(String value) {
        assertThat(shown("sun.java.command", value)).isEqualTo("******");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lib/monotoken-core.jar:lib/password-hash.jar",
                "app.jar --monotoken.clients.comply-one.client-id=shown",
                "app.jar --monotoken.clients.orders.assertion.key-id=shown",
                "-----BEGIN CERTIFICATE-----shown",
                "app.jar --monotoken.store.redis.key-prefix=shown --monotoken.store.redis.lease=5s",
            })
    void showsWhatHoldsNone(String value) {
        assertThat(shown("sun.java.command", value)).isEqualTo(value);
    }

    private static Object shown(String property) {
        return shown(property, "hidden");
    }

    private static Object shown(String property, String value) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("test", Map.of(property, value)));
        var found = new EnvironmentEndpoint(environment, List.of(new SecretSanitizer()), Show.ALWAYS)
                .environmentEntry(property)
                .getProperty();
        return found == null || found.getValue() == null ? "nothing" : found.getValue();
    }

    @Test
    void hidesSecretsFromConfigprops() {
        new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withConfiguration(AutoConfigurations.of(MonotokenActuatorAutoConfiguration.class))
                .withPropertyValues(
                        "monotoken.clients.comply-one.provider=stems-accounts",
                        "monotoken.clients.comply-one.client-id=shown",
                        "monotoken.clients.comply-one.client-secret=hidden",
                        "monotoken.clients.comply-one.username=user",
                        "monotoken.clients.comply-one.password=hidden",
                        "monotoken.clients.comply-one.parameters.api_key=hidden",
                        "monotoken.clients.comply-one.parameters.[an.assertion]=hidden,hidden",
                        "monotoken.clients.comply-one.refresh.parameters.api_key=hidden",
                        "monotoken.clients.comply-one.proxy.host=proxy",
                        "monotoken.clients.comply-one.proxy.password=hidden",
                        "monotoken.clients.orders.enabled=false",
                        "monotoken.clients.orders.assertion.key=hidden",
                        "monotoken.clients.orders.assertion.key-password=hidden",
                        "monotoken.clients.orders.assertion.key-id=shown",
                        "monotoken.clients.orders.assertion.claims.tenant_id=hidden",
                        "monotoken.clients.orders.assertion.claims.act.sub=hidden",
                        "monotoken.clients.orders.assertion.claims.roles=hidden,hidden",
                        "monotoken.store.redis.key-prefix=shown",
                        "monotoken.store.redis.keys.k1=hidden",
                        "monotoken.store.redis.keys.k2=hidden",
                        "monotoken.store.redis.keys.[202611]=hidden")
                .run(context -> {
                    ConfigurationPropertiesReportEndpoint endpoint = new ConfigurationPropertiesReportEndpoint(
                            context.getBeansOfType(SanitizingFunction.class).values(), Show.ALWAYS);
                    endpoint.setApplicationContext(context);

                    String report =
                            endpoint.configurationPropertiesWithPrefix("monotoken").getContexts().values().stream()
                                    .flatMap(beans -> beans.getBeans().values().stream())
                                    .map(bean -> bean.getProperties().toString() + bean.getInputs())
                                    .toList()
                                    .toString();

                    assertThat(report).contains("clientSecret=******", "shown").doesNotContain("hidden");
                });
    }
}
