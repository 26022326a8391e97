package io.monotoken.spring.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.web.reactive.function.client.WebClient;

/** What the application says at start of mistakes that people make, as they see it. */
@ExtendWith(OutputCaptureExtension.class)
class MistakesInYamlTests {

    private static final String VALID = """
            monotoken:
              clients:
                comply-one:
                  token-uri: https://idp.example.com/token
                  grant: client-credentials
                  client-id: id
                  client-secret: an-actual-secret
                  base-url: https://api.example.com
            """;

    private static final String WITHOUT_BASE_URL = VALID.replaceAll("(?m)^ *base-url.*\n", "");

    static void start(String yaml, Class<?> application) {
        try {
            new SpringApplicationBuilder(application)
                    .web(WebApplicationType.NONE)
                    .properties("logging.level.io.monotoken=info")
                    .initializers(context -> {
                        try {
                            new YamlPropertySourceLoader()
                                    .load("yaml", new ByteArrayResource(yaml.getBytes(UTF_8), "application.yml"))
                                    .forEach(context.getEnvironment().getPropertySources()::addLast);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .run()
                    .close();
        } catch (RuntimeException e) {
            // shown
        }
    }

    private static void expect(CapturedOutput output, String yaml, String description, String action) {
        start(yaml, Application.class);

        assertThat(output.getAll().replace("Byte array resource [application.yml]", "application.yml"))
                .contains("Description:\n\n" + description + "\n\nAction:\n\n" + action + "\n");
        assertThat(output).doesNotContain("an-actual-secret", "java.lang", "MonotokenProperties");
        assertThat(output.getAll()).doesNotContainPattern("\\bPT\\d");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            issuer-uri: https://idp.example.com | issuer-uri (application.yml - 9:19) is no property of a client | Monotoken asks no issuer where its token endpoint is: set token-uri to the token_endpoint that the issuer's address followed by /.well-known/openid-configuration shows
            redirect-uri: x                     | redirect-uri (application.yml - 9:21) is no property of a client | Remove it: no user logs in through a browser here; Spring Security is for that
            client-secert: an-actual-secret     | client-secert (application.yml - 9:22) is no property of a client | Did you mean monotoken.clients.comply-one.client-secret?
            passwort: an-actual-secret          | passwort (application.yml - 9:17) is no property of a client | Did you mean monotoken.clients.comply-one.password?
            scope: a                            | scope (application.yml - 9:14) is no property of a client | Did you mean monotoken.clients.comply-one.scopes?
            audience: a                         | audience (application.yml - 9:17) is no property of a client | Did you mean monotoken.clients.comply-one.parameters.audience?
            ahead: 5s                           | ahead (application.yml - 9:14) is no property of a client | Did you mean monotoken.clients.comply-one.refresh.ahead?
            refresh.bearer-types: a             | refresh.bearer-types (application.yml - 9:29) is no property of a client | Did you mean monotoken.clients.comply-one.bearer-types?
            authorization-grant-type: password  | authorization-grant-type (application.yml - 9:33) is no property of a client | Did you mean monotoken.clients.comply-one.grant?
            private-key: an-actual-secret       | private-key (application.yml - 9:20) is no property of a client | Did you mean monotoken.clients.comply-one.assertion.key?
            assertion.kid: k1                   | assertion.kid (application.yml - 9:22) is no property of a client | Did you mean monotoken.clients.comply-one.assertion.key-id?
            assertion.algorythm: ES256          | assertion.algorythm (application.yml - 9:28) is no property of a client | Did you mean monotoken.clients.comply-one.assertion.algorithm?
            assertion.life-time: 60             | assertion.life-time (application.yml - 9:28): 60 has no unit, and would be 60 ms | Write a duration with its unit, such as 500ms, 5s, 2m or 1h
            assertion.claims: x                 | assertion.claims (application.yml - 9:25) has a value of its own, which nothing reads | Write one of these instead: monotoken.clients.comply-one.assertion.claims.audience
            bundle: idp                         | bundle (application.yml - 9:15) is no property of a client | Did you mean monotoken.clients.comply-one.ssl.bundle?
            api.bundle: idp                     | api.bundle (application.yml - 9:19) is no property of a client | Did you mean monotoken.clients.comply-one.api.ssl.bundle?
            assertion: an-actual-secret         | assertion (application.yml - 9:18) has a value of its own, which nothing reads | Write one of these instead: monotoken.clients.comply-one.assertion.algorithm, monotoken.clients.comply-one.assertion.audience, monotoken.clients.comply-one.assertion.bundle, monotoken.clients.comply-one.assertion.claims.audience, monotoken.clients.comply-one.assertion.file, monotoken.clients.comply-one.assertion.issuer, monotoken.clients.comply-one.assertion.key, monotoken.clients.comply-one.assertion.key-id, monotoken.clients.comply-one.assertion.key-password, monotoken.clients.comply-one.assertion.lifetime, monotoken.clients.comply-one.assertion.subject, monotoken.clients.comply-one.assertion.type
            refresh: 5s                         | refresh (application.yml - 9:16) has a value of its own, which nothing reads | Write one of these instead: monotoken.clients.comply-one.refresh.ahead, monotoken.clients.comply-one.refresh.default-lifetime, monotoken.clients.comply-one.refresh.parameters.audience, monotoken.clients.comply-one.refresh.timeout
            refresh:                            | refresh (application.yml - 9:15) is empty | Give it a value, or leave it out
            parameters:                         | parameters (application.yml - 9:18) is empty | Give it a value, or leave it out
            refresh.parameters:                 | refresh.parameters (application.yml - 9:26) is empty | Give it a value, or leave it out
            parameters: audience=x              | parameters (application.yml - 9:19) has a value of its own, which nothing reads | Write one of these instead: monotoken.clients.comply-one.parameters.audience
            password: [an-actual-secret]        | password (application.yml - 9:18) has one value, and not a list or names below it | Write its value on the same line, in quotes if it has one of the signs { [ : # or begins with a dash
            password: {an-actual-secret: x}     | password (application.yml - 9:36) has one value, and not a list or names below it | Write its value on the same line, in quotes if it has one of the signs { [ : # or begins with a dash
            timeout: 5                          | timeout (application.yml - 9:16): 5 has no unit, and would be 5 ms | Write a duration with its unit, such as 500ms, 5s, 2m or 1h
            refresh.timeout: 5000               | refresh.timeout (application.yml - 9:24): 5000 has no unit, and would be 5000 ms | Write a duration with its unit, such as 500ms, 5s, 2m or 1h
            timeout: 5ms                        | timeout must be at least 100 ms, was 5 ms | Write a duration with its unit, such as 5s, or remove it
            timeout: PT0.005S                   | timeout must be at least 100 ms, was 5 ms | Write a duration with its unit, such as 5s, or remove it
            connect-timeout: 99ms               | connect-timeout must be at least 100 ms, was 99 ms | Write a duration with its unit, such as 5s, or remove it
            refresh.timeout: -5s                | refresh.timeout must be at least 100 ms, was -5 s | Write a duration with its unit, such as 5s, or remove it
            refresh.ahead: 0s                   | refresh.ahead must be at least 100 ms, was 0 ms | Write a duration with its unit, such as 5s, or remove it
            refresh.ahead: 25h                  | refresh.ahead must be at most 24 h, was 25 h | Write a duration with its unit, such as 5s, or remove it
            lock-out.again: 30m                 | lock-out.again must be at least 1 h, was 30 min; unset, a refused password is not sent again | Write a duration such as 6h, or remove it
            minimum-remaining-life: 0s          | minimum-remaining-life must be at least 100 ms, was 0 ms | Write a duration with its unit, such as 5s, or remove it
            minimum-remaining-life: 25h         | minimum-remaining-life must be at most 24 h, was 25 h | Write a duration with its unit, such as 5s, or remove it
            minimum-remaining-life: 600         | minimum-remaining-life (application.yml - 9:31): 600 has no unit, and would be 600 ms | Write a duration with its unit, such as 500ms, 5s, 2m or 1h
            unauthorized-statuses: 403, 503     | `unauthorized-statuses: status 503 says that the server failed, whatever the token; name one from 400 to 499` | Name the statuses by which the API says that a token is no longer good, such as 403
            unauthorized-statuses: [200]        | `unauthorized-statuses: status 200 is no status of an error; name one from 400 to 499` | Name the statuses by which the API says that a token is no longer good, such as 403
            unauthorized-status: 403            | unauthorized-status (application.yml - 9:28) is no property of a client | Did you mean monotoken.clients.comply-one.unauthorized-statuses?
            timeout: soon                       | `timeout: soon is not a duration (application.yml - 9:16)` | Write a number with its unit, such as 500ms, 5s, 2m or 1h
            timeout: 5 parsecs                  | `timeout: 5 parsecs is not a duration (application.yml - 9:16)` | Write a number with its unit, such as 500ms, 5s, 2m or 1h
            eager: maybe                        | `eager: maybe is not a yes or no (application.yml - 9:14)` | Write true or false
            lock-out.attempts: three            | `lock-out.attempts: three is not a number (application.yml - 9:26)` | Write a whole number
            proxy.port: http                    | `proxy.port: http is not a number (application.yml - 9:19)` | Write a whole number
            proxy.host: http://proxy:3128       | proxy.host is no host name | Write the host's name alone, such as proxy.example.com, and the port at monotoken.clients.comply-one.proxy.port
            eager: ${EAGER}                     | eager is ${EAGER}, which nothing resolves | Define EAGER, for instance as an environment variable
            timeout:                            | timeout (application.yml - 9:15) is empty | Give it a value, or leave it out
            """)
    void areToldWithWhatToWrite(String line, String description, String action, CapturedOutput output) {
        expect(output, VALID + "      " + line + "\n", "monotoken.clients.comply-one." + description, action);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            grant: client-credentials               | grant: authorization_code                | grant: authorization_code is not a value that it can have (application.yml - 5:14) | Write password, client_credentials, refresh_token or jwt-bearer. Monotoken has one token for a whole service, and no user at a browser: Spring Security is for that
            grant: client-credentials               | grant: urn:ietf:params:oauth:grant-type:jwt-bearer | grant: urn:ietf:params:oauth:grant-type:jwt-bearer is jwt-bearer here (application.yml - 5:14) | Write jwt-bearer
            grant: client-credentials               | grant: urn:ietf:params:oauth:grant-type:token-exchange | grant: urn:ietf:params:oauth:grant-type:token-exchange is not a value that it can have (application.yml - 5:14) | Write password, client_credentials, refresh_token or jwt-bearer. A grant that has no name here is a bean of your own: a TokenSource with a Grant that writes its form fields
            grant: client-credentials               | client-authentication: certificate   | client-authentication: certificate is not a value that it can have (application.yml - 5:30) | Write client_secret_post, client_secret_basic, client-secret-basic-raw, private_key_jwt, client_secret_jwt, assertion, tls_client_auth, self_signed_tls_client_auth or none
            token-uri: https://idp.example.com/token | token-uri: http://keycloak:8080/token    | token-uri is plain http, which is for loopback addresses alone, was http://keycloak:8080 | Write an https address; monotoken.clients.comply-one.allow-plain-http: true allows http, and whoever reads the network then knows the client's secret and every token
            token-uri: https://idp.example.com/token | token-uri: idp.example.com/token         | token-uri: the token URI must be absolute and name a host, was idp.example.com/token | Write https://idp.example.com/token
            token-uri: https://idp.example.com/token | token-uri: ${IDP_URL}                    | token-uri is ${IDP_URL}, which nothing resolves | Define IDP_URL, for instance as an environment variable
            base-url: https://api.example.com       | base-url: api.example.com/v3             | base-url: an address for a token must begin with https:// or http:// | Write https://api.example.com/v3
            base-url: https://api.example.com       | base-url: localhost:8080/v3              | base-url: an address for a token must begin with https:// or http:// | Write http://localhost:8080/v3
            base-url: https://api.example.com       | base-url: https://u:an-actual-secret@api.example.com | base-url: an address for a token must not have user info | Write an address such as https://api.example.com/v1
            """)
    void areToldWithWhatToWriteInstead(
            String line, String mistake, String description, String action, CapturedOutput output) {
        expect(output, VALID.replace(line, mistake), "monotoken.clients.comply-one." + description, action);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            redis.leese: 5s                     | redis.leese (application.yml - 10:18) is no property of the store | Did you mean monotoken.store.redis.lease?
            lease: 5s                           | lease (application.yml - 10:12) is no property of the store | Did you mean monotoken.store.redis.lease?
            redis.prefix: x                     | redis.prefix (application.yml - 10:19) is no property of the store | The properties of the store are: redis.enabled, redis.encrypt-with, redis.key-prefix, redis.keys, redis.lease, redis.min-replicas, redis.timeout
            redis.key.k1: an-actual-secret      | redis.key.k1 (application.yml - 10:19) is no property of the store | Did you mean monotoken.store.redis.keys.k1?
            keys: {k1: an-actual-secret}        | keys.k1 (application.yml - 10:16) is no property of the store | Did you mean monotoken.store.redis.keys.k1?
            redis.keys: an-actual-secret        | redis.keys (application.yml - 10:17) has a value of its own, which nothing reads | Write one of these instead: monotoken.store.redis.keys.k1
            redis.keys: [an-actual-secret]      | redis.keys is a list, while keys have ids | Give each key an id, as in monotoken.store.redis.keys.k1, without a dash in front
            redis.keys:                         | redis.keys (application.yml - 10:16) is empty | Give it a value, or leave it out
            redis:                              | redis (application.yml - 10:11) is empty | Give it a value, or leave it out
            redis: true                         | redis (application.yml - 10:12) has a value of its own, which nothing reads | Write one of these instead: monotoken.store.redis.enabled, monotoken.store.redis.encrypt-with, monotoken.store.redis.key-prefix, monotoken.store.redis.keys.k1, monotoken.store.redis.lease, monotoken.store.redis.min-replicas, monotoken.store.redis.timeout
            redis.lease: 20                     | redis.lease (application.yml - 10:18): 20 has no unit, and would be 20 ms | Write a duration with its unit, such as 500ms, 5s, 2m or 1h
            redis.timeout:                      | redis.timeout (application.yml - 10:19) is empty | Give it a value, or leave it out
            redis.lease: ${LEASE}               | redis.lease is ${LEASE}, which nothing resolves | Define LEASE, for instance as an environment variable
            redis.lease: long                   | `redis.lease: long is not a duration (application.yml - 10:18)` | Write a number with its unit, such as 500ms, 5s, 2m or 1h
            redis.enabled: maybe                | `redis.enabled: maybe is not a yes or no (application.yml - 10:20)` | Write true or false
            redis.min-replicas: one             | `redis.min-replicas: one is not a number (application.yml - 10:25)` | Write a whole number
            redis.timeout: [1s]                 | redis.timeout (application.yml - 10:21) has one value, and not a list or names below it | Write its value on the same line, in quotes if it has one of the signs { [ : # or begins with a dash
            """)
    void ofTheStoreAreToldWithWhatToWrite(String line, String description, String action, CapturedOutput output) {
        expect(output, VALID + "  store:\n    " + line + "\n", "monotoken.store." + description, action);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            stroe.redis.enabled: true | monotoken.stroe is no property      | Write monotoken.store instead of monotoken.stroe
            redis.enabled: true       | monotoken.redis is no property      | Write monotoken.store.redis instead of monotoken.redis
            store: redis              | monotoken.store (application.yml - 9:10) has a value of its own, which nothing reads | Write monotoken.store.redis.enabled: true
            store:                    | monotoken.store (application.yml - 9:9) is empty | Give it a value, or leave it out
            """)
    void theStoreIsMisspeltOrAValue(String line, String description, String action, CapturedOutput output) {
        expect(output, VALID + "  " + line + "\n", description, action);
    }

    @Test
    void plainHttpShowsThePasswordWhereThereIsOne(CapturedOutput output) {
        expect(
                output,
                VALID.replace("client-credentials", "password").replace("https://idp.example.com", "http://idp")
                        + "      username: user\n      password: an-actual-secret\n",
                "monotoken.clients.comply-one.token-uri is plain http, which is for loopback addresses alone, was"
                        + " http://idp",
                "Write an https address; monotoken.clients.comply-one.allow-plain-http: true allows http, and whoever"
                        + " reads the network then knows the password and the client's secret");
    }

    @Test
    void propertiesAreNotIndented(CapturedOutput output) {
        expect(
                output,
                "monotoken:\n  clients:\n    comply-one:\n    token-uri: https://idp.example.com/token\n",
                "monotoken.clients.token-uri (application.yml - 4:16) has a value, where the name of a client belongs"
                        + " that has properties",
                "Indent it below the name of a client, as in monotoken.clients.comply-one.token-uri");
    }

    @ParameterizedTest
    @CsvSource({
        "client, Write monotoken.clients instead of monotoken.client",
        "cleints, Write monotoken.clients instead of monotoken.cleints",
        "client-id, 'Write it below the name of a client, as in monotoken.clients.comply-one.client-id'",
        "comply-one, 'Write monotoken.clients.comply-one if it is the name of a client, or remove it; below monotoken"
                + " there are clients and store alone'",
    })
    void clientsAreMisspeltOrLeftOut(String word, String action, CapturedOutput output) {
        expect(output, VALID.replace("clients:", word + ":"), "monotoken." + word + " is no property", action);
    }

    @ParameterizedTest
    @CsvSource({
        "monotoken.clients: comply-one, monotoken.clients (application.yml - 1:20) has a value instead of clients,"
                + " 'Write the name of a client below it, and its properties below that name'",
        "monotoken.clients.comply-one: x, 'monotoken.clients.comply-one (application.yml - 1:31) has a value, where the"
                + " name of a client belongs that has properties', Write properties such as client-id below it",
    })
    void aClientIsAValue(String yaml, String description, String action, CapturedOutput output) {
        expect(output, yaml, description, action);
    }

    @Test
    void clientsAreAList(CapturedOutput output) {
        expect(
                output,
                VALID.replace("    comply-one:\n      token-uri", "    - name: comply-one\n      token-uri"),
                "monotoken.clients is a list, while clients have names",
                "Give each client a name, as in monotoken.clients.comply-one.client-id, without a dash in front");
    }

    @Test
    void aParameterIsNamedLikeNeitherOfTwoClients(CapturedOutput output) {
        start(VALID + VALID.substring(VALID.indexOf("    comply-one")).replace("comply-one", "billing"), Needy.class);

        assertThat(output)
                .contains("Parameter 0 of constructor in " + Needy.class.getName() + " required a single WebClient, but"
                        + " each of the clients 'billing', 'comply-one' has one")
                .contains(
                        "Name the parameter or field like the one that is meant (billingWebClient, complyOneWebClient),"
                                + " or write @Qualifier(\"billingWebClient\") in front of it")
                .doesNotContain("unknown location");
    }

    @Test
    void aBaseUrlIsMissing(CapturedOutput output) {
        start(WITHOUT_BASE_URL, Application.class);

        assertThat(output)
                .containsPattern("INFO .*Client 'comply-one' gets tokens from https://idp.example.com/token by"
                        + " client_credentials grant, for no origin\n")
                .containsPattern("WARN .*monotoken.clients.comply-one.base-url is missing: the token of client"
                        + " 'comply-one' may go nowhere, and requests of its WebClient fail. Set it to the address of the"
                        + " API, such as https://api.example.com/v1\n")
                .doesNotContain("APPLICATION FAILED");
    }

    @Test
    void aBaseUrlIsTheGroups(CapturedOutput output) {
        start(
                WITHOUT_BASE_URL + "spring.http.serviceclient.comply_one.base-url: https://api.example.com\n",
                Application.class);

        assertThat(output).contains("Client 'comply-one' gets tokens").doesNotContain("WARN", "APPLICATION FAILED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "grant: client_credentials",
                "grant: CLIENT_CREDENTIALS",
                "client-authentication: client_secret_basic",
                "client-authentication: client-secret-basic",
                "timeout: 100ms",
                "timeout: PT5S",
                "bearer-types:",
                "parameters.login_hint: x",
                "scopes: []",
                "scopes: [a, b]",
                "clientSecret: x",
                "client_secret: x",
                "shared: false"
            })
    void areNotWhatIsRight(String line, CapturedOutput output) {
        String property = line.replaceFirst(":.*", "");
        start(
                VALID.replaceAll("(?m)^ *" + property + ":.*\n", "")
                                .replaceAll(line.contains("ecret: x") ? "(?m)^ *client-secret.*\n" : "$^", "")
                        + "      " + line + "\n",
                Application.class);

        assertThat(output)
                .contains(
                        "Client 'comply-one' gets tokens from https://idp.example.com/token by client_credentials grant,"
                                + " for https://api.example.com\n")
                .doesNotContain("WARN", "APPLICATION FAILED");
    }

    @Test
    void systemPropertiesAreNotDroppedInSilence(CapturedOutput output) {
        System.setProperty("monotoken.clients.comply-one.passwort", "an-actual-secret");
        try {
            expect(
                    output,
                    VALID,
                    "monotoken.clients.comply-one.passwort (\"monotoken.clients.comply-one.passwort\" from property source"
                            + " \"systemProperties\") is no property of a client",
                    "Did you mean monotoken.clients.comply-one.password?");
        } finally {
            System.clearProperty("monotoken.clients.comply-one.passwort");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Needy {
        Needy(WebClient client) {}
    }
}
