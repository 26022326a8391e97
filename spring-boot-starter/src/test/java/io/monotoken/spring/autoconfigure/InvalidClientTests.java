package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

/** Mistakes in the configuration, and what the application says about them at start. */
class InvalidClientTests {

    private static final String[] VALID = {
        "provider=stems-accounts", "client-id=id", "client-secret=secret", "username=user", "password=secret",
    };

    private static void expectFrom(String[] base, String description, String action, String... properties) {
        ApplicationContextRunner runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, MonotokenAutoConfiguration.class));
        for (String property : base) {
            runner = runner.withPropertyValues("monotoken.clients.comply-one." + property);
        }
        for (String property : properties) {
            runner = runner.withPropertyValues("monotoken.clients.comply-one." + property);
        }
        runner.run(context -> {
            FailureAnalysis analysis = analysis(context);

            assertThat(analysis.getDescription()).isEqualTo(description);
            assertThat(analysis.getAction()).isEqualTo(action);
        });
    }

    private static FailureAnalysis analysis(AssertableApplicationContext context) {
        Throwable failure = Objects.requireNonNull(context.getStartupFailure());
        return Objects.requireNonNull(new InvalidClientFailureAnalyzer().analyze(failure));
    }

    private static void expect(String description, String action, String... properties) {
        expectFrom(VALID, description, action, properties);
    }

    @Test
    void everythingIsMissing() {
        expectFrom(new String[] {"provider=stems-accounts"}, """
                monotoken.clients.comply-one.client-id is missing
                monotoken.clients.comply-one.client-secret is missing
                monotoken.clients.comply-one.username is missing
                monotoken.clients.comply-one.password is missing""", """
                Set monotoken.clients.comply-one.client-id or the environment variable MONOTOKEN_CLIENTS_COMPLYONE_CLIENTID
                Set monotoken.clients.comply-one.client-secret or the environment variable MONOTOKEN_CLIENTS_COMPLYONE_CLIENTSECRET; a client without a secret has monotoken.clients.comply-one.client-authentication: none
                Set monotoken.clients.comply-one.username or the environment variable MONOTOKEN_CLIENTS_COMPLYONE_USERNAME
                Set monotoken.clients.comply-one.password or the environment variable MONOTOKEN_CLIENTS_COMPLYONE_PASSWORD""");
    }

    @Test
    void noProviderNamesEndpointAndGrant() {
        expectFrom(new String[] {"client-id=id", "client-secret=secret"}, """
                monotoken.clients.comply-one.token-uri is missing
                monotoken.clients.comply-one.grant is missing""", """
                Set monotoken.clients.comply-one.token-uri to the provider's token endpoint, or monotoken.clients.comply-one.provider to stems-accounts
                Set monotoken.clients.comply-one.grant to client_credentials, to password for a user's name and password, or to refresh_token for a refresh token that you have""");
    }

    @Test
    void aSecretIsEmpty() {
        expect(
                "monotoken.clients.comply-one.client-secret is missing",
                "Set monotoken.clients.comply-one.client-secret or the environment variable"
                        + " MONOTOKEN_CLIENTS_COMPLYONE_CLIENTSECRET; a client without a secret has"
                        + " monotoken.clients.comply-one.client-authentication: none",
                "client-secret=");
    }

    @Test
    void aPlaceholderIsNotResolved() {
        expect(
                "monotoken.clients.comply-one.password is ${COMPLY_ONE_PASSWORD}, which nothing resolves",
                "Define COMPLY_ONE_PASSWORD, for instance as an environment variable",
                "password=${COMPLY_ONE_PASSWORD}");
    }

    @Test
    void thePasswordHasALineBreak() {
        expect(
                "monotoken.clients.comply-one.password: password must not contain a line break; was it read from a file"
                        + " with its last line end?",
                "Write user name and password without line breaks",
                "password=sec\nret");
    }

    @Test
    void theRefreshTokenIsMissing() {
        expect(
                "monotoken.clients.comply-one.refresh-token is missing",
                "Set monotoken.clients.comply-one.refresh-token or the environment variable"
                        + " MONOTOKEN_CLIENTS_COMPLYONE_REFRESHTOKEN",
                "grant=refresh-token",
                "scopes=");
    }

    @Test
    void theRefreshTokenHasALineBreak() {
        expect(
                "monotoken.clients.comply-one.refresh-token: refreshToken must not be blank or contain control"
                        + " characters; was it read from a file with its last line end?",
                "Write it on one line",
                "grant=refresh-token",
                "scopes=",
                "refresh-token=sec\nret");
    }

    @Test
    void scopesWouldNotBeSentWithARefreshToken() {
        expect(
                "monotoken.clients.comply-one.scopes would not be sent: a refresh token has the scopes that it was issued"
                        + " for",
                "Remove it; further form fields of the refresh grant go below"
                        + " monotoken.clients.comply-one.refresh.parameters",
                "grant=refresh-token",
                "scopes=email",
                "refresh-token=some-refresh-token");
    }

    @Test
    void aParameterIsAFieldAlready() {
        expect(
                "monotoken.clients.comply-one.parameters.client_id would be sent twice",
                "Remove it; the client writes client_id from its other properties",
                "parameters.client_id=x");
    }

    @ParameterizedTest
    @CsvSource({
        "parameters.scope, scopes=email",
        "parameters.grant_type, scopes=email",
        "parameters.username, scopes=email",
        "parameters.password, scopes=email",
        "parameters.client_secret, client-authentication=client_secret_basic",
        "refresh.parameters.grant_type, scopes=email",
        "refresh.parameters.refresh_token, scopes=email",
        "refresh.parameters.client_id, scopes=email",
        "refresh.parameters.client_secret, scopes=email"
    })
    void aParameterIsAFieldOfThatRequestAlready(String parameter, String other) {
        String field = parameter.substring(parameter.lastIndexOf('.') + 1);
        expect(
                "monotoken.clients.comply-one." + parameter + " would be sent twice",
                "Remove it; the client writes " + field + " from its other properties",
                parameter + "=x",
                other);
    }

    @Test
    void aRefusedPasswordWouldBeSentTooOften() {
        expect(
                "monotoken.clients.comply-one.lock-out.attempts: attempts must be from 1 to 10, was 11; the default is 3",
                "Write a number from 1 to 10 that is lower than the one at which the provider locks accounts",
                "lock-out.attempts=11");
        expect(
                "monotoken.clients.comply-one.lock-out.again must be at least 1 h, was 30 min; unset, a refused"
                        + " password is not sent again",
                "Write a duration such as 6h, or remove it",
                "lock-out.again=30m");
    }

    @Test
    void theTokenUriIsPlainHttp() {
        expect(
                "monotoken.clients.comply-one.token-uri is plain http, which is for loopback addresses alone, was"
                        + " http://idp.example",
                "Write an https address; monotoken.clients.comply-one.allow-plain-http: true allows http, and whoever reads"
                        + " the network then knows the password and the client's secret",
                "token-uri=http://idp.example/token");
    }

    @Test
    void timeOutsContradictEachOther() {
        expect("""
                monotoken.clients.comply-one.timeout of 20 s is longer than monotoken.clients.comply-one.refresh.timeout of 15 s, which contains it
                monotoken.clients.comply-one.connect-timeout of 30 s is longer than monotoken.clients.comply-one.timeout of 20 s, which contains it""", """
                Shorten the first or lengthen the second
                Shorten the first or lengthen the second""", "timeout=20s", "connect-timeout=30s");
    }

    @Test
    void aDurationIsZero() {
        expect(
                "monotoken.clients.comply-one.refresh.ahead must be at least 100 ms, was 0 ms",
                "Write a duration with its unit, such as 5s, or remove it",
                "refresh.ahead=0s");
    }

    @Test
    void theBaseUrlHasAnUnderscore() {
        expect(
                "monotoken.clients.comply-one.base-url: an address for a token must name a host, was"
                        + " 'http://comply_one:8080'; a host name cannot contain an underscore",
                "Write an address such as https://api.example.com/v1",
                "base-url=http://comply_one:8080/v3");
    }

    @Test
    void anAllowedOriginHasAPath() {
        expect(
                "monotoken.clients.comply-one.allowed-origins must name scheme, host and port only, was"
                        + " 'https://files.example.com/v3'",
                "Leave out what comes after host and port: a token is never held back by path",
                "allowed-origins=https://files.example.com/v3");
    }

    @Test
    void anAllowedOriginHasNoScheme() {
        expect(
                "monotoken.clients.comply-one.allowed-origins: an address for a token must begin with https:// or http://",
                "Write https://files.example.com",
                "allowed-origins=files.example.com");
    }

    @Test
    void theProxyHasNoHost() {
        expect(
                "monotoken.clients.comply-one.proxy.host is missing",
                "Set monotoken.clients.comply-one.proxy.host or remove what is below proxy",
                "proxy.port=8080");
    }

    @Test
    void theSslBundleIsUnknown() {
        expect(
                "monotoken.clients.comply-one.ssl.bundle names 'idp', which is no SSL bundle",
                "Describe it below spring.ssl.bundle.pem.idp or spring.ssl.bundle.jks.idp",
                "ssl.bundle=idp");
    }

    @Test
    void onlyEnvironmentVariablesWithUnderscoresAreThere() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(MonotokenAutoConfiguration.class))
                .withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                Map.of("MONOTOKEN_CLIENTS_COMPLY_ONE_CLIENT_ID", "id"))))
                .run(context -> assertThat(analysis(context).getDescription())
                        .startsWith("monotoken.clients.comply-one.token-uri is missing")
                        .doesNotContain("client-id is missing"));
    }

    @Test
    void aPropertyIsMisspelt() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(MonotokenAutoConfiguration.class))
                .withPropertyValues("monotoken.clients.comply-one.base-uri=https://api.comply-one.com/v3")
                .run(context -> assertThat(analysis(context).getAction())
                        .isEqualTo("Did you mean monotoken.clients.comply-one.base-url?"));
    }

    @Test
    void twoNamesCollide() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(MonotokenAutoConfiguration.class))
                .withPropertyValues(
                        "monotoken.clients.comply-one.provider=stems-accounts",
                        "monotoken.clients[comply.one].provider=stems-accounts")
                .run(context -> {
                    FailureAnalysis analysis = analysis(context);

                    assertThat(analysis.getAction())
                            .isEqualTo("Rename one of them, using letters, digits and dashes only");
                });
    }

    @Test
    void isAnalysedByBoot() {
        assertThat(SpringFactoriesLoader.forDefaultResourceLocation()
                        .load(FailureAnalyzer.class, FailureHandler.handleMessage((message, failure) -> {})))
                .hasAtLeastOneElementOfType(InvalidClientFailureAnalyzer.class);
    }

    @Test
    void showsNoSecretOfAClient() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, MonotokenAutoConfiguration.class))
                .withPropertyValues(
                        "monotoken.clients.a.provider=stems-accounts",
                        "monotoken.clients.a.client-id=id",
                        "monotoken.clients.a.client-secret=hidden",
                        "monotoken.clients.a.username=user",
                        "monotoken.clients.a.password=hidden",
                        "monotoken.clients.a.parameters.hint=hidden",
                        "monotoken.clients.a.proxy.host=proxy",
                        "monotoken.clients.a.proxy.password=hidden")
                .run(context -> assertThat(
                                context.getBean(MonotokenProperties.class).toString())
                        .contains("clientSecret=REDACTED", "password=REDACTED", "proxy=Proxy[host=proxy")
                        .doesNotContain("hidden"));
    }
}
