package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class ClientNamesTests {

    private final StandardEnvironment environment = new StandardEnvironment();

    private void properties(Map<String, Object> properties) {
        environment.getPropertySources().addLast(new MapPropertySource("yaml", properties));
    }

    private void variables(Map<String, Object> variables) {
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    }

    @Test
    void areNoneWithoutProperties() {
        assertThat(ClientNames.of(environment)).isEmpty();
    }

    @Test
    void areThoseOfAllSources() {
        properties(Map.of("monotoken.clients.comply-one.provider", "stems-accounts"));
        variables(Map.of("MONOTOKEN_CLIENTS_BILLING_CLIENTID", "id"));

        assertThat(ClientNames.of(environment)).containsExactly("billing", "comply-one");
    }

    @Test
    void areOneClientWhenEqualButForDashesAndCase() {
        properties(Map.of("monotoken.clients.comply-one.provider", "stems-accounts"));
        variables(Map.of("MONOTOKEN_CLIENTS_COMPLYONE_CLIENTSECRET", "secret"));

        assertThat(ClientNames.of(environment)).containsExactly("comply-one");
    }

    @Test
    void includeAClientThatOnlyEnvironmentVariablesDescribe() {
        variables(Map.of("MONOTOKEN_CLIENTS_COMPLYONE_CLIENTSECRET", "secret"));

        assertThat(ClientNames.of(environment)).containsExactly("complyone");
    }

    @Test
    void seeNoOtherClientInAVariableWithUnderscoresForDashes() {
        properties(Map.of("monotoken.clients.comply-one.provider", "stems-accounts"));
        variables(Map.of("MONOTOKEN_CLIENTS_COMPLY_ONE_CLIENT_SECRET", "secret"));

        assertThat(ClientNames.of(environment)).containsExactly("comply-one");
    }

    @Test
    void seeAnotherClientIfItHasPropertiesOfItsOwn() {
        properties(Map.of(
                "monotoken.clients.comply-one.provider", "stems-accounts",
                "monotoken.clients.comply.provider", "stems-accounts"));
        variables(Map.of("MONOTOKEN_CLIENTS_COMPLY_ONE_CLIENT_SECRET", "secret"));

        assertThat(ClientNames.of(environment)).containsExactly("comply", "comply-one");
    }

    @Test
    void leaveDisabledClientsOut() {
        properties(Map.of(
                "monotoken.clients.comply-one.enabled", "false",
                "monotoken.clients.billing.enabled", "true"));

        assertThat(ClientNames.of(environment)).containsExactly("billing");
    }

    @Test
    void refuseTwoClientsWithBeansOfTheSameName() {
        properties(Map.of(
                "monotoken.clients.comply-one.provider", "stems-accounts",
                "monotoken.clients[comply.one].provider", "stems-accounts"));

        assertThatExceptionOfType(InvalidClientException.class)
                .isThrownBy(() -> ClientNames.of(environment))
                .withMessage("The clients monotoken.clients.comply.one and monotoken.clients.comply-one would have"
                        + " beans of the same name, complyOneWebClient");
    }

    @ParameterizedTest
    @CsvSource({
        "comply-one, complyOneWebClient",
        "complyOne, complyOneWebClient",
        "billing, billingWebClient",
        "Billing, billingWebClient",
        "a_b.c, aBCWebClient",
        "api-v2, apiV2WebClient",
    })
    void becomeBeanNamesInCamelCase(String client, String bean) {
        assertThat(ClientNames.beanName(client, "WebClient")).isEqualTo(bean);
    }

    @Test
    void becomeEnvironmentVariablesWithoutDashes() {
        assertThat(ClientNames.variable("comply-one", "client-secret"))
                .isEqualTo("MONOTOKEN_CLIENTS_COMPLYONE_CLIENTSECRET");
    }
}
