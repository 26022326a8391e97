package io.monotoken.testing;

import static io.monotoken.testing.PlainClient.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monotoken.AssertionSettings;
import io.monotoken.SigningKey;
import io.monotoken.testing.PlainClient.Form;
import java.net.http.HttpResponse;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that sign, at the stand-in. */
class ClientAssertionTests {

    private static final AssertionSettings SETTINGS =
            AssertionSettings.defaults().withAudience("https://idp.example");
    private static final String SECRET = "a-client-secret-of-32-characters";

    private static KeyPair pair(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(
                switch (algorithm) {
                    case "RS256", "PS256" -> "RSA";
                    case "ES256", "ES384" -> "EC";
                    default -> "Ed25519";
                });
        if (algorithm.startsWith("ES")) {
            generator.initialize(new ECGenParameterSpec("secp" + algorithm.substring(2) + "r1"));
        }
        return generator.generateKeyPair();
    }

    private static SigningKey signing(KeyPair pair) {
        return SigningKey.of(pair.getPrivate());
    }

    private static String assertion(SigningKey key, String issuer, String subject) {
        return Objects.requireNonNull(SETTINGS.assertion(key, issuer, subject, "https://unused.example")
                .block(Duration.ofSeconds(10)));
    }

    private static Form form(String assertion) {
        return new Form(Map.of())
                .with("grant_type", "client_credentials")
                .with("client_id", "orders")
                .with("client_assertion_type", ClientAssertions.TYPE)
                .with("client_assertion", assertion);
    }

    private static void refuses(StandInTokenServer server, Form form, int status, String reason) throws Exception {
        HttpResponse<String> answer = send(server, form);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).contains(reason);
        assertThat(server.recordedRequests()
                        .get(server.recordedRequests().size() - 1)
                        .reason())
                .contains(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS256", "ES256", "ES384", "EdDSA"})
    void takesEachAlgorithmAndEachAssertionOnce(String algorithm) throws Exception {
        KeyPair pair = pair(algorithm);
        try (var server =
                StandInTokenServer.builder().client("orders", pair.getPublic()).start()) {
            String assertion = assertion(signing(pair).withAlgorithm(algorithm), "orders", "orders");

            assertThat(send(server, form(assertion)).statusCode()).isEqualTo(200);
            refuses(server, form(assertion), 401, "was shown before");
            refuses(server, form(assertion(signing(pair(algorithm)), "orders", "orders")), 401, "by no key or secret");
            assertThat(server.clientId()).isEqualTo("orders");
            assertThat(server.clientSecret()).isEmpty();
        }
    }

    @Test
    void takesTheSecretsSignature() throws Exception {
        try (var server = StandInTokenServer.builder().client("orders", SECRET).start()) {
            Form form = form(assertion(SigningKey.ofSecret(SECRET), "orders", "orders"));

            assertThat(send(server, form).statusCode()).isEqualTo(200);
            refuses(
                    server,
                    form(assertion(SigningKey.ofSecret(SECRET + "!"), "orders", "orders")),
                    401,
                    "by no key or secret");
            refuses(server, form.with("client_secret", SECRET), 400, "authenticates twice");
        }
    }

    /** No public key is ever taken for a secret, and nobody signs with none. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "HS256", "RS256", "es256", ""})
    void takesNoOtherAlgorithm(String algorithm) throws Exception {
        KeyPair pair = pair("EdDSA");
        try (var server =
                StandInTokenServer.builder().client("orders", pair.getPublic()).start()) {
            String[] parts = assertion(signing(pair), "orders", "orders").split("\\.", -1);
            String header = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(("{\"alg\":\"" + algorithm + "\"}").getBytes(UTF_8));

            refuses(server, form(header + "." + parts[1] + "." + parts[2]), 401, "by no key or secret");
            refuses(server, form(header + "." + parts[1] + "."), 401, "by no key or secret");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "orders, orders, 75, ''",
        "other, orders, 0, iss is not",
        "orders, other, 0, sub is that of no",
        "orders, orders, 76, has expired",
        "orders, orders, -15, ''",
        "orders, orders, -17, of the future"
    })
    void checksWhatIsSaid(String issuer, String subject, int secondsLater, String reason) throws Exception {
        KeyPair pair = pair("EdDSA");
        AtomicReference<Instant> clock = new AtomicReference<>(Instant.now());
        try (var server = StandInTokenServer.builder()
                .client("orders", pair.getPublic())
                .clock(clock::get)
                .start()) {
            String assertion = assertion(signing(pair), issuer, subject);
            String claims = new String(Base64.getUrlDecoder().decode(assertion.split("\\.", -1)[1]), UTF_8);
            long issued = Long.parseLong(claims.replaceAll(".*\"iat\":(\\d+).*", "$1"));
            clock.set(Instant.ofEpochSecond(issued + secondsLater));

            if (reason.isEmpty()) {
                assertThat(send(server, form(assertion)).statusCode()).isEqualTo(200);
            } else {
                refuses(server, form(assertion), 401, reason);
            }
        }
    }

    @Test
    void refusesWhatIsNoAssertion() throws Exception {
        try (var server = StandInTokenServer.builder()
                .client("orders", pair("EdDSA").getPublic())
                .client("public")
                .start()) {
            for (String text : new String[] {"x", "x.y.z", "e30.e30", "!.e30.e30", "e30.e30.e30", "bm8.bm8.bm8"}) {
                refuses(server, form(text), 401, "client");
            }
            refuses(server, form("e30.e30.e30").with("client_assertion_type", "x"), 400, "client_assertion_type");
            refuses(
                    server,
                    new Form(Map.of("grant_type", "client_credentials", "client_id", "orders")),
                    400,
                    "client_secret is missing");
        }
    }

    @Test
    void changesKeysAndSecretsOfARunningServer() throws Exception {
        KeyPair first = pair("ES256");
        KeyPair second = pair("EdDSA");
        try (var server = StandInTokenServer.builder()
                .client("orders", first.getPublic())
                .client("billing", "old")
                .start()) {
            Form billing = new Form(Map.of("grant_type", "client_credentials", "client_id", "billing"));

            server.changeClientKeys("orders", first.getPublic(), second.getPublic());
            assertThat(send(server, form(assertion(signing(first), "orders", "orders")))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(send(server, form(assertion(signing(second), "orders", "orders")))
                            .statusCode())
                    .isEqualTo(200);
            server.changeClientKeys("orders", second.getPublic());
            refuses(server, form(assertion(signing(first), "orders", "orders")), 401, "by no key or secret");
            server.changeClientSecrets("billing", "old", "new");
            assertThat(send(server, billing.with("client_secret", "old")).statusCode())
                    .isEqualTo(200);
            server.changeClientSecrets("billing", "new");
            refuses(server, billing.with("client_secret", "old"), 401, "client_secret is wrong");
            assertThatThrownBy(() -> server.changeClientSecrets("nobody", "x"))
                    .hasMessage("no client 'nobody'; register it with the builder's client(...)");
            assertThatThrownBy(() -> server.changeClientKeys("orders"))
                    .hasMessage("client 'orders' needs one secret or key at least");
        }
    }
}
