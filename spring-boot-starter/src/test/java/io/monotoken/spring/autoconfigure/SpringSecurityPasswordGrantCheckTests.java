package io.monotoken.spring.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.monotoken.TokenSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.ByteArrayResource;

/** Without Spring Security; with it, the sample from-spring-security tests both side by side. */
class SpringSecurityPasswordGrantCheckTests {

    private static final HeldCertificate HELD =
            new HeldCertificate.Builder().ecdsa256().build();
    private static final String REGISTRATION = "spring.security.oauth2.client.registration.comply-one.";
    private static final String PROVIDER = "spring.security.oauth2.client.provider.comply-one.";

    private final LogLines lines = new LogLines(SpringSecurityPasswordGrantCheck.class, Level.INFO);
    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withConfiguration(StandIns.AUTO_CONFIGURATIONS);

    @AfterEach
    void stopListening() {
        lines.close();
    }

    private ApplicationContextRunner registered(String name, Map<String, Object> properties) {
        return context.withInitializer(started -> properties.forEach((property, value) -> started.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        property, Map.of(REGISTRATION.replace("comply-one", name) + property, value)))));
    }

    @Test
    void isToldThatItDoesNothing() {
        context.withPropertyValues(REGISTRATION + "authorization-grant-type=password", REGISTRATION + "scope=a,b")
                .run(started -> {
                    assertThat(started).hasNotFailed();
                    assertThat(lines.all())
                            .containsExactly(
                                    "WARN spring.security.oauth2.client.registration.comply-one has the grant type"
                                            + " password, which Spring Security 7 does not know; it does nothing and may be"
                                            + " removed");
                });
    }

    @Test
    void isNotMistakenForOtherGrants() {
        context.withPropertyValues(REGISTRATION + "authorization-grant-type=authorization_code")
                .run(started -> {
                    assertThat(started).hasNotFailed();
                    assertThat(lines.all()).isEmpty();
                });
    }

    @Test
    void isToldThatItDoesNothingAlsoForClientCredentials() {
        context.withPropertyValues(
                        REGISTRATION + "authorization-grant-type=client_credentials",
                        "monotoken.clients.comply-one.enabled=false")
                .run(started ->
                        assertThat(lines.all()).singleElement().asString().contains(proposal("""
                        monotoken:
                          clients:
                            comply-one:
                              token-uri: ${COMPLY_ONE_TOKEN_URI} # the provider's token endpoint
                              grant: client_credentials
                              client-id: ${COMPLY_ONE_CLIENT_ID}
                              client-secret: ${COMPLY_ONE_CLIENT_SECRET}
                              client-authentication: client_secret_basic
                              base-url: https://api.example.com # of the API: only its origin gets the token
                        """)));
    }

    private static String proposal(String yaml) {
        return "does nothing without Spring Security. Remove it, and write instead\n\n" + yaml
                + "\nand use the WebClient of this client in place of the one with Spring Security's filter";
    }

    @Test
    void mayBeRemovedWhereAClientStandsForIt() {
        try (StandIns standIns = new StandIns()) {
            context.withPropertyValues(REGISTRATION + "authorization-grant-type=client_credentials")
                    .withPropertyValues(standIns.client("comply-one"))
                    .run(started -> assertThat(lines.all())
                            .containsExactly("WARN spring.security.oauth2.client.registration.comply-one does nothing"
                                    + " without Spring Security and may be removed"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        ", client_secret_basic, true",
        "client_secret_basic, client_secret_basic, true",
        "basic, client_secret_basic, true",
        "client_secret_post, client_secret_post, true",
        "post, client_secret_post, true",
        "none, none, true",
        "private_key_jwt, private_key_jwt, true",
        "client_secret_jwt, client_secret_jwt, true",
        "tls_client_auth, tls_client_auth, true",
        "self_signed_tls_client_auth, self_signed_tls_client_auth, true",
        "something-of-theirs, client_secret_basic, false",
    })
    void isReplacedByYamlThatStarts(@Nullable String method, String ours, boolean here) {
        for (String grant : new String[] {"password", "client_credentials"}) {
            String instead = instead("comply-one", method == null ? "" : method, grant, "your_client_id", "email");

            start(instead);
            assertThat(instead).contains("client-authentication: " + ours + "\n");
            assertThat(!instead.contains("Monotoken does not have " + method + ","))
                    .isEqualTo(here);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0123", "yes", "a: b", "it's #1", "[x]", "{a}", "1e5", "@id", "a,b", "%x", "null", "a:b", "-"})
    void isReplacedByYamlThatHasTheSameText(String clientId) {
        String instead = instead("comply-one", "client_secret_post", "client_credentials", clientId, clientId);

        start(instead);
        assertThat(clientIds).containsExactly(clientId);
        assertThat(scopes).containsExactlyElementsOf(List.of(clientId.split(",", -1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"comply_one", "complyOne", "Comply-One2", "[comply.one]", "[eu/west]", "123"})
    void isReplacedByAClientOfTheSameName(String name) {
        start(instead(name, "client_secret_post", "client_credentials", "id", "email"));
    }

    private final List<String> clientIds = new ArrayList<>();
    private final List<String> scopes = new ArrayList<>();

    private String instead(String name, String method, String grant, String clientId, String scope) {
        String[] instead = new String[1];
        registered(
                        name,
                        Map.of(
                                "authorization-grant-type", grant,
                                "client-authentication-method", method,
                                "client-id", clientId,
                                "scope", scope))
                .withPropertyValues(PROVIDER + "issuer-uri=https://idp.example.com")
                .run(started -> instead[0] = SpringSecurityRegistrations.in(started.getEnvironment())
                        .values()
                        .iterator()
                        .next()
                        .instead());
        return Objects.requireNonNull(instead[0]);
    }

    private static String value(String variable) {
        String last = variable.substring(variable.lastIndexOf('_') + 1);
        return switch (last) {
            case "URI" -> "https://idp.example.com/token";
            case "KEY" -> HELD.privateKeyPkcs8Pem();
            case "SECRET" -> "x".repeat(32); // long enough to sign with
            default -> "x";
        };
    }

    /** Starts with the proposed YAML alone and the variables that it names. */
    private void start(String instead) {
        String yaml = instead.substring(instead.indexOf("monotoken:"), instead.indexOf("\nand use"));
        new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withInitializer(started -> {
                    try {
                        new YamlPropertySourceLoader()
                                .load("proposed", new ByteArrayResource(yaml.getBytes(UTF_8)))
                                .forEach(started.getEnvironment().getPropertySources()::addLast);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .withInitializer(started -> Pattern.compile("\\$\\{(\\w+)}")
                        .matcher(yaml)
                        .results()
                        .forEach(variable -> TestPropertyValues.of(variable.group(1) + "=" + value(variable.group(1)))
                                .applyTo(started)))
                .withPropertyValues(
                        "spring.ssl.bundle.pem.x.keystore.certificate=" + HELD.certificatePem(),
                        "spring.ssl.bundle.pem.x.keystore.private-key=" + HELD.privateKeyPkcs8Pem())
                .run(started -> {
                    assertThat(started).as(yaml).hasNotFailed().hasSingleBean(TokenSource.class);
                    ClientCatalog clients = started.getBean(ClientCatalog.class);
                    MonotokenProperties.Client client =
                            clients.client(clients.names().get(0)).properties();
                    clientIds.add(client.clientId());
                    scopes.addAll(client.scopes());
                });
    }
}
