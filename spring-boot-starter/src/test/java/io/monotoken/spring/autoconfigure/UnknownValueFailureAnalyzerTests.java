package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.monotoken.spring.Markdown;
import io.monotoken.spring.autoconfigure.MonotokenProperties.AuthenticationMethod;
import io.monotoken.spring.autoconfigure.MonotokenProperties.GrantType;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

@ExtendWith(OutputCaptureExtension.class)
class UnknownValueFailureAnalyzerTests {

    private static ApplicationContextRunner context() {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(
                        "monotoken.clients.comply-one.token-uri=https://idp.example/token",
                        "monotoken.clients.comply-one.grant=client-credentials",
                        "monotoken.clients.comply-one.client-id=id",
                        "monotoken.clients.comply-one.client-secret=secret");
    }

    private static @Nullable FailureAnalysis analysis(ApplicationContextRunner context) {
        AtomicReference<@Nullable FailureAnalysis> analysis = new AtomicReference<>();
        context.run(failed -> analysis.set(new UnknownValueFailureAnalyzer()
                .analyze(Objects.requireNonNull(failed.getStartupFailure(), "it started"))));
        return analysis.get();
    }

    private static void expect(ApplicationContextRunner context, String description, String action) {
        FailureAnalysis analysis = Objects.requireNonNull(analysis(context));

        assertThat(analysis.getDescription().replaceAll(" \\(.*\\)", "")).isEqualTo(description);
        assertThat(analysis.getAction()).isEqualTo(action);
    }

    @ParameterizedTest
    @CsvSource({
        "post, client_secret_post",
        "POST, client_secret_post",
        "Basic, client_secret_basic",
        "basic-raw, client-secret-basic-raw",
        "BASIC_RAW, client-secret-basic-raw",
        "basicRaw, client-secret-basic-raw",
    })
    void saysWhatAnEarlierClientAuthenticationIsCalledNow(String earlier, String now) {
        expect(
                context().withPropertyValues("monotoken.clients.comply-one.client-authentication=" + earlier),
                "monotoken.clients.comply-one.client-authentication: " + earlier + " is now " + now,
                "Write " + now);
    }

    @ParameterizedTest
    @CsvSource({
        "MONOTOKEN_CLIENTS_COMPLYONE_CLIENTAUTHENTICATION, complyone",
        "MONOTOKEN_CLIENTS_COMPLY_ONE_CLIENT_AUTHENTICATION, comply-one",
        "monotoken_clients_complyone_clientauthentication, complyone",
    })
    void findsAnEarlierValueInAnEnvironmentVariable(String variable, String client) {
        ApplicationContextRunner context = context()
                .withInitializer(started -> started.getEnvironment()
                        .getPropertySources()
                        .addFirst(new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                Map.of(variable, "POST"))));

        FailureAnalysis analysis = Objects.requireNonNull(analysis(context));

        assertThat(analysis.getDescription())
                .matches("monotoken\\.clients\\.(" + client
                        + "|comply-one)\\.client-authentication: POST is now client_secret_post \\(.*" + variable
                        + ".*\\)");
        assertThat(analysis.getAction()).isEqualTo("Write client_secret_post");
    }

    @Test
    void findsAnEarlierValueBehindAPlaceholder() {
        expect(
                context()
                        .withPropertyValues(
                                "METHOD=basic", "monotoken.clients.comply-one.client-authentication=${METHOD}"),
                "monotoken.clients.comply-one.client-authentication: basic is now client_secret_basic",
                "Write client_secret_basic");
    }

    @Test
    void findsAnEarlierValueBelowANameInBrackets() {
        expect(
                context().withPropertyValues("monotoken.clients[eu/west].client-authentication=post"),
                "monotoken.clients[eu/west].client-authentication: post is now client_secret_post",
                "Write client_secret_post");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            client-authentication | certificate        | Write client_secret_post, client_secret_basic, client-secret-basic-raw, private_key_jwt, client_secret_jwt, assertion, tls_client_auth, self_signed_tls_client_auth or none
            grant                 | token_exchange     | Write password, client_credentials, refresh_token or jwt-bearer. A grant that has no name here is a bean of your own: a TokenSource with a Grant that writes its form fields
            grant                 | authorization_code | Write password, client_credentials, refresh_token or jwt-bearer. Monotoken has one token for a whole service, and no user at a browser: Spring Security is for that
            grant                 | implicit           | Write password, client_credentials, refresh_token or jwt-bearer. Monotoken has one token for a whole service, and no user at a browser: Spring Security is for that
            grant                 | post               | Write password, client_credentials, refresh_token or jwt-bearer
            provider              | keycloak           | Write stems-accounts
            """)
    void namesTheValuesThatThereAre(String property, String value, String action) {
        expect(
                context().withPropertyValues("monotoken.clients.comply-one." + property + "=" + value),
                "monotoken.clients.comply-one." + property + ": " + value + " is not a value that it can have",
                action);
    }

    @ParameterizedTest
    @CsvSource({
        "urn:ietf:params:oauth:grant-type:jwt-bearer, jwt-bearer",
        "urn:ietf:params:oauth:grant-type:refresh_token, refresh_token",
    })
    void saysWhatTheNameOfAGrantInARegistryIsHere(String value, String here) {
        expect(
                context().withPropertyValues("monotoken.clients.comply-one.grant=" + value),
                "monotoken.clients.comply-one.grant: " + value + " is " + here + " here",
                "Write " + here);
    }

    @Test
    void leavesOtherMistakesToOthers() {
        assertThat(analysis(context().withPropertyValues("monotoken.clients.comply-one.passwort=secret")))
                .isNull();
    }

    @Test
    void comesBeforeSpringBootsOwnAnalysis(CapturedOutput output) {
        assertThat(catchThrowable(() -> SpringApplication.run(
                        Application.class,
                        "--spring.main.web-application-type=none",
                        "--monotoken.clients.comply-one.client-authentication=post")))
                .isNotNull();

        assertThat(output)
                .contains("monotoken.clients.comply-one.client-authentication: post is now client_secret_post (\"")
                .contains("Write client_secret_post\n")
                .doesNotContain("MonotokenProperties$AuthenticationMethod");
    }

    @ParameterizedTest
    @EnumSource
    void writesWhatCanBeRead(AuthenticationMethod method) {
        String written = UnknownValueFailureAnalyzer.written(method);

        for (String spelling : new String[] {
            written,
            written.replace('_', '-'),
            written.replace('-', '_'),
            method.name(),
            written.toUpperCase(Locale.ROOT)
        }) {
            context()
                    .withPropertyValues(
                            "monotoken.clients.comply-one.client-authentication=" + spelling,
                            "monotoken.clients.comply-one.enabled=false") // each needs something else
                    .run(started -> assertThat(started.getBean(ClientCatalog.class)
                                    .client("comply-one")
                                    .properties()
                                    .clientAuthentication())
                            .isEqualTo(method));
        }
    }

    @Test
    void writesWhatTheReadmeWrites() {
        assertThat(documented("client-authentication"))
                .isEqualTo(Stream.of(AuthenticationMethod.values())
                        .map(UnknownValueFailureAnalyzer::written)
                        .map(value -> "`" + value + "`")
                        .collect(Collectors.joining(", ")));
        assertThat(documented("grant"))
                .isEqualTo(Stream.of(GrantType.values())
                        .map(UnknownValueFailureAnalyzer::written)
                        .map(value -> "`" + value + "`")
                        .collect(Collectors.joining(", ")));
    }

    private static String documented(String property) {
        return Markdown.page("README.md").table("| property | type | what it sets | default |").stream()
                .filter(row -> row.get(0).equals("`" + property + "`"))
                .map(row -> row.get(1))
                .findFirst()
                .orElseThrow();
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
