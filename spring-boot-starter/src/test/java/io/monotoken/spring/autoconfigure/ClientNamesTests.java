package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.monotoken.TokenSource;
import io.monotoken.spring.client.BearerTokenFilter;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.client.ClientRequest;
import reactor.core.publisher.Mono;

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

    @ParameterizedTest
    @CsvSource({
        "comply-one, comply-one",
        "comply-one, ComplyOne",
        "comply-one, COMPLY-ONE",
        "complyone, comply-one",
        "comply-one, comply_one",
        "comply-one, comply one",
        "comply-one, billing",
        "comply_one, complyOne",
        "eu/west, EU/WEST",
    })
    void meanOneClientWhereTheFilterTakesThemForOne(String client, String meant) {
        URI url = URI.create("https://api.example.com");
        BearerTokenFilter filter = BearerTokenFilter.builder(client, TokenSource.fixed("a-token"))
                .originOf(url)
                .build();
        ClientRequest request = ClientRequest.create(HttpMethod.GET, url)
                .attribute(BearerTokenFilter.CLIENT, meant)
                .build();

        boolean accepted = Objects.requireNonNull(filter.filter(request, exchanged -> Mono.empty())
                .thenReturn(true)
                .onErrorReturn(IllegalArgumentException.class, false)
                .block(Duration.ofSeconds(5)));

        assertThat(accepted)
                .isEqualTo(ClientNames.key(client).equals(ClientNames.key(meant)))
                .isEqualTo(!meant.equals("billing"));
    }

    @Test
    void becomeEnvironmentVariablesWithoutDashes() {
        assertThat(ClientNames.variable("comply-one", "client-secret"))
                .isEqualTo("MONOTOKEN_CLIENTS_COMPLYONE_CLIENTSECRET");
    }
}
