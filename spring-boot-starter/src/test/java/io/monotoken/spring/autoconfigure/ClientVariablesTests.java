package io.monotoken.spring.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSource;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** An environment variable sets what it means, or the application fails to start and names it. */
class ClientVariablesTests {

    @StartStop
    private final MockWebServer provider = new MockWebServer();

    private ApplicationContextRunner client(String name, String... variables) {
        return variables(
                new ApplicationContextRunner()
                        .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                        .withPropertyValues(Stream.of(
                                        "token-uri=" + provider.url("/token"),
                                        "grant=client-credentials",
                                        "client-id=id",
                                        "client-secret=secret",
                                        "base-url=https://api.example.com")
                                .map(property -> "monotoken.clients." + name + "." + property)
                                .toArray(String[]::new)),
                variables);
    }

    private static ApplicationContextRunner variables(ApplicationContextRunner context, String... variables) {
        Map<String, Object> values = new HashMap<>();
        Arrays.stream(variables).map(variable -> variable.split("=", 2)).forEach(it -> values.put(it[0], it[1]));
        return context.withInitializer(started -> started.getEnvironment()
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, values)));
    }

    /** The form of the token request, sorted. */
    private List<String> form(ApplicationContextRunner context) {
        provider.enqueue(new MockResponse.Builder()
                .body("{\"access_token\":\"t\",\"expires_in\":1800,\"token_type\":\"Bearer\"}")
                .build());
        context.run(started -> started.getBean(TokenSource.class).token().block(Duration.ofSeconds(5)));
        try {
            RecordedRequest request = Objects.requireNonNull(provider.takeRequest(5, TimeUnit.SECONDS));
            return Stream.of(Objects.requireNonNull(request.getBody()).utf8().split("&"))
                    .map(field -> URLDecoder.decode(field, UTF_8))
                    .filter(field -> !field.startsWith("client_") && !field.startsWith("grant_type"))
                    .sorted()
                    .toList();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static FailureAnalysis analysis(ApplicationContextRunner context) {
        FailureAnalysis[] analysis = new FailureAnalysis[1];
        context.run(failed -> analysis[0] = new InvalidClientFailureAnalyzer()
                .analyze(Objects.requireNonNull(failed.getStartupFailure(), "it started")));
        return Objects.requireNonNull(analysis[0]);
    }

    @ParameterizedTest
    @CsvSource({
        "comply-one, MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_AUDIENCE, audience",
        "comply-one, MONOTOKEN_CLIENTS_COMPLYONE_PARAMETERS_AUDIENCE, audience",
        "comply-one, MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_LOGIN_HINT, login_hint",
        "comply-one, MONOTOKEN_CLIENTS_COMPLYONE_PARAMETERS_LOGIN_HINT, login_hint",
        "comply-one, MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_RESOURCE_0, resource",
        "comply-one, MONOTOKEN_CLIENTS_COMPLY_ONE_SCOPES, scope",
        "comply-one, MONOTOKEN_CLIENTS_COMPLYONE_SCOPES, scope",
        "comply-one, MONOTOKEN_CLIENTS_COMPLY_ONE_SCOPES_0, scope",
        "comply-one, monotoken_clients_comply_one_parameters_audience, audience",
        "complyOne, MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_AUDIENCE, audience",
        "complyone, MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_AUDIENCE, audience",
        "comply_one, MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_AUDIENCE, audience",
        "COMPLY-ONE, MONOTOKEN_CLIENTS_COMPLYONE_PARAMETERS_AUDIENCE, audience",
        "a-b-c, MONOTOKEN_CLIENTS_A_BC_PARAMETERS_AUDIENCE, audience",
        "api-2, MONOTOKEN_CLIENTS_API_2_PARAMETERS_AUDIENCE, audience",
        "api2, MONOTOKEN_CLIENTS_API_2_PARAMETERS_AUDIENCE, audience",
        "2nd-api-v3, MONOTOKEN_CLIENTS_2ND_API_V3_PARAMETERS_AUDIENCE, audience",
        "my-parameters, MONOTOKEN_CLIENTS_MY_PARAMETERS_PARAMETERS_AUDIENCE, audience",
        "refresh, MONOTOKEN_CLIENTS_REFRESH_PARAMETERS_AUDIENCE, audience",
        "'[comply_one]', MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_AUDIENCE, audience",
    })
    void reachTheTokenRequest(String client, String variable, String field) {
        assertThat(form(client(client, variable + "=a-value"))).containsExactly(field + "=a-value");
    }

    @Test
    void setEachValueOfAList() {
        assertThat(form(client(
                        "comply-one",
                        "MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_RESOURCE_0=one",
                        "MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_RESOURCE_1=two",
                        "MONOTOKEN_CLIENTS_COMPLY_ONE_SCOPES_0=a",
                        "MONOTOKEN_CLIENTS_COMPLY_ONE_SCOPES_1=b")))
                .containsExactly("resource=one", "resource=two", "scope=a b");
    }

    @Test
    void winOverTheKeyThatIsWrittenElsewhere() {
        assertThat(form(client("comply-one", "MONOTOKEN_CLIENTS_COMPLYONE_PARAMETERS_LOGINHINT=variable")
                        .withPropertyValues("monotoken.clients.comply-one.parameters.loginHint=yaml")))
                .as("the test's own properties are before environment variables")
                .containsExactly("loginHint=yaml");
    }

    @ParameterizedTest
    @CsvSource({"loginHint, loginHint", "login_hint, login_hint", "[login_hint], login_hint", "login-hint, login-hint"})
    void winOverAFileThatHasTheSameKey(String written, String key) {
        assertThat(form(client("comply-one", "MONOTOKEN_CLIENTS_COMPLYONE_PARAMETERS_LOGINHINT=variable")
                        .withInitializer(context -> context.getEnvironment()
                                .getPropertySources()
                                .addLast(new MapPropertySource(
                                        "file",
                                        Map.of("monotoken.clients.comply-one.parameters." + written, "file"))))))
                .containsExactly(key + "=variable");
    }

    @Test
    void leaveKeysWithDotsAlone() {
        assertThat(form(client("comply-one")
                        .withPropertyValues("monotoken.clients.comply-one.parameters.login.hint=a-value")))
                .containsExactly("login.hint=a-value");
    }

    @Test
    void describeAClientAlone() {
        assertThat(form(variables(
                        new ApplicationContextRunner().withConfiguration(StandIns.AUTO_CONFIGURATIONS),
                        "MONOTOKEN_CLIENTS_COMPLY_ONE_TOKEN_URI=" + provider.url("/token"),
                        "MONOTOKEN_CLIENTS_COMPLY_ONE_GRANT=client_credentials",
                        "MONOTOKEN_CLIENTS_COMPLYONE_CLIENTID=id",
                        "MONOTOKEN_CLIENTS_COMPLYONE_CLIENT_SECRET=secret",
                        "MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_AUDIENCE=a-value")))
                .containsExactly("audience=a-value");
    }

    @ParameterizedTest
    @CsvSource({
        "REFRESH_PARAMETERS_RESOURCE=x, Refresh[ahead=null; defaultLifetime=PT5M; timeout=PT15S; parameters=[resource]]",
        "REFRESH_TIMEOUT=8s, Refresh[ahead=null; defaultLifetime=PT5M; timeout=PT8S; parameters=[]]",
        "REFRESH_DEFAULT_LIFETIME=8m, Refresh[ahead=null; defaultLifetime=PT8M; timeout=PT15S; parameters=[]]",
        "LOCK_OUT_ATTEMPTS=2, 'LockOut[attempts=2, again=null]'",
        "LOCKOUT_ATTEMPTS=2, 'LockOut[attempts=2, again=null]'",
        "PROXY_HOST=proxy, 'host=proxy, port=3128'",
        "RETRY_ON_UNAUTHORIZED=false, retry=false",
        "ALLOWED_ORIGINS_0=https://files.example.com, [https://files.example.com]",
        "BEARER_TYPES_0=Token, [Token]",
        "SSL_BUNDLE=idp, Ssl[bundle=idp]",
    })
    void setNestedProperties(String variable, String shown) {
        for (String name : new String[] {"comply-one", "complyone", "complyOne"}) {
            for (String inVariable : new String[] {"COMPLY_ONE", "COMPLYONE"}) {
                client(name, "MONOTOKEN_CLIENTS_" + inVariable + "_" + variable)
                        .withPropertyValues("spring.ssl.bundle.pem.idp.truststore.certificate=")
                        .withBean(TokenSource.class, () -> TokenSource.fixed("t")) // whatever the properties say
                        .run(context -> {
                            MonotokenProperties.Client client = context.getBean(ClientCatalog.class)
                                    .client(name)
                                    .properties();
                            assertThat(Stream.of(
                                                    client.refresh(),
                                                    client.lockOut(),
                                                    client.proxy(),
                                                    client.ssl(),
                                                    "retry=" + client.retryOnUnauthorized(),
                                                    client.allowedOrigins(),
                                                    client.bearerTypes())
                                            .map(String::valueOf)
                                            .toList()
                                            .toString())
                                    .contains(shown.replace(";", ","));
                        });
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MONOTOKEN_CLIENTS_COMPLY_ONE_PASSWORT, MONOTOKEN_CLIENTS_COMPLYONE_PASSWORD",
        "MONOTOKEN_CLIENTS_COMPLYONE_PASSWORT, MONOTOKEN_CLIENTS_COMPLYONE_PASSWORD",
        "MONOTOKEN_CLIENTS_COMPLY_ONE_CLIENT_SECERT, MONOTOKEN_CLIENTS_COMPLYONE_CLIENTSECRET",
        "MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETRS_AUDIENCE, MONOTOKEN_CLIENTS_COMPLYONE_PARAMETERS_AUDIENCE",
        "MONOTOKEN_CLIENTS_COMPLY_ONE_REFRESH_PARAMETER_X, MONOTOKEN_CLIENTS_COMPLYONE_REFRESH_PARAMETERS_X",
    })
    void areNeverDroppedInSilence(String variable, String meant) {
        FailureAnalysis analysis = analysis(
                client("comply-one", variable + "=an-actual-secret", "MONOTOKEN_CLIENTS_COMPLY_ONE_GRANT=password"));

        assertThat(analysis.getDescription())
                .isEqualTo("The environment variable " + variable + " sets no property of a client");
        assertThat(analysis.getAction()).isEqualTo("Write " + meant + ", or remove it");
    }

    @ParameterizedTest
    @CsvSource({
        "MONOTOKEN_CLIENTS_COMPLY_ONE",
        "MONOTOKEN_CLIENTS_COMPLY_ONE_XYZ",
        "MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS",
        "MONOTOKEN_CLIENTS_COMPLY_ONE_REFRESH",
        "MONOTOKEN_CLIENTS_COMPLY_ONE_LOCK_OUT_FOREVER",
        "MONOTOKEN_CLIENTS_COMPLY_ONE_PROXY_TYPE",
    })
    void areNamedWhereTheySetNothing(String variable) {
        assertThat(analysis(client("comply-one", variable + "=an-actual-secret"))
                        .getDescription())
                .contains(variable + " sets no property of a client")
                .doesNotContain("an-actual-secret");
    }

    @Test
    void areNamedWhereAListBeginsLate() {
        FailureAnalysis analysis = analysis(client("comply-one", "MONOTOKEN_CLIENTS_COMPLY_ONE_SCOPES_1=b"));

        assertThat(analysis.getDescription())
                .isEqualTo("monotoken.clients.comply-one.scopes[1] (System Environment Property"
                        + " \"MONOTOKEN_CLIENTS_COMPLY_ONE_SCOPES_1\") has no [0] before it");
    }

    @Test
    void areNamedWhereTwoOfThemContradictEachOther() {
        FailureAnalysis analysis = analysis(client(
                "comply-one",
                "MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_AUDIENCE=a",
                "MONOTOKEN_CLIENTS_COMPLYONE_PARAMETERS_AUDIENCE=b"));

        assertThat(analysis.getDescription())
                .contains("MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_AUDIENCE")
                .contains("MONOTOKEN_CLIENTS_COMPLYONE_PARAMETERS_AUDIENCE")
                .endsWith("set the same property to different values");
    }

    @Test
    void areNamedWhereTheyMayMeanTwoClients() {
        FailureAnalysis analysis = analysis(client("a", "MONOTOKEN_CLIENTS_A_REFRESH_TIMEOUT=8s")
                .withPropertyValues("monotoken.clients.a-refresh.provider=stems-accounts"));

        assertThat(analysis.getDescription())
                .isEqualTo("The environment variable MONOTOKEN_CLIENTS_A_REFRESH_TIMEOUT may set"
                        + " monotoken.clients.a.refresh.timeout or monotoken.clients.a-refresh.timeout");
    }

    /** A service that is called like this library sets them in every pod of its namespace. */
    @ParameterizedTest
    @CsvSource({
        "MONOTOKEN_CLIENTS_SERVICE_HOST=10.0.0.1",
        "MONOTOKEN_CLIENTS_SERVICE_PORT_HTTP=8080",
        "MONOTOKEN_CLIENTS_PORT_8080_TCP_ADDR=10.0.0.1",
        "MONOTOKEN_CLIENT_PORT=tcp://10.0.0.1:8080",
        "MONOTOKEN_SERVICE_HOST=10.0.0.1",
        "MONOTOKEN_HOME=/opt",
    })
    void ofKubernetesAndOthersAreLeftAlone(String variable) {
        assertThat(form(client("comply-one", variable))).isEmpty();
    }
}
