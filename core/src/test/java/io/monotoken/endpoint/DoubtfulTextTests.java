package io.monotoken.endpoint;

import static io.monotoken.endpoint.Exchanges.CLIENT;
import static io.monotoken.endpoint.Exchanges.answer;
import static io.monotoken.endpoint.Exchanges.uri;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.monotoken.AssertionSettings;
import io.monotoken.CapturedLog;
import io.monotoken.Credentials;
import io.monotoken.DoubtfulText;
import io.monotoken.JwtBearerGrant;
import io.monotoken.PasswordGrant;
import io.monotoken.SigningKey;
import io.monotoken.TokenAnswer;
import io.monotoken.TokenRequest;
import io.monotoken.TokenSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Secrets, names and keys that are hardly what somebody meant, without Spring. */
class DoubtfulTextTests {

    private static final String ODD = "an\u00a0odd-secret-of-thirty-two-bytes";

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private final CapturedLog log = CapturedLog.warningsOf(TokenEndpoint.class);

    @AfterEach
    void stopListening() {
        log.close();
    }

    private TokenEndpoint.Builder by(ClientAuthentication authentication) {
        return TokenEndpoint.builder(uri(server)).clientAuthentication(authentication);
    }

    private void ask(TokenEndpoint endpoint, TokenRequest request) {
        server.enqueue(new MockResponse.Builder()
                .body("{\"access_token\":\"a\",\"expires_in\":60}")
                .build());
        assertThat(answer(endpoint, request)).isInstanceOf(TokenAnswer.Issued.class);
    }

    private String warning(String client, String doubt) {
        return uri(server) + ": client '" + client + "' has a doubtful " + doubt + "; it is sent as it is";
    }

    private static SigningKey key() throws GeneralSecurityException {
        return SigningKey.of(
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate());
    }

    @ParameterizedTest
    @ValueSource(strings = {"post", "basic", "raw"})
    void isFoundInASecretAsSoonAsTheEndpointIsBuilt(String way) {
        by(switch (way) {
                    case "post" -> ClientAuthentication.clientSecretPost("orders", ODD);
                    case "basic" -> ClientAuthentication.clientSecretBasic("orders", ODD);
                    default -> ClientAuthentication.clientSecretBasicRaw("orders", ODD);
                })
                .build();

        assertThat(log.messages())
                .containsExactly(warning(
                        "orders",
                        "client secret: it has a blank of another kind than the keyboard's (U+00A0) at position 3"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"post", "basic", "raw", "jwt", "constant jwt"})
    void isFoundInASecretOfASupplierOnce(String way) {
        Mono<String> supplier = Mono.just(ODD + "\n");
        TokenEndpoint endpoint = by(switch (way) {
                    case "post" -> ClientAuthentication.clientSecretPost("orders", supplier);
                    case "basic" -> ClientAuthentication.clientSecretBasic("orders", supplier);
                    case "raw" -> ClientAuthentication.clientSecretBasicRaw("orders", supplier);
                    case "jwt" ->
                        ClientAuthentication.clientSecretJwt("orders", supplier, AssertionSettings.defaults());
                    default -> ClientAuthentication.clientSecretJwt("orders", ODD, AssertionSettings.defaults());
                })
                .build();

        ask(endpoint, CLIENT);
        ask(endpoint, CLIENT);

        assertThat(log.messages())
                .containsExactly(warning(
                        "orders",
                        "client secret: it has a blank of another kind than the keyboard's (U+00A0) at position 3"));
    }

    @Test
    void isToldOnceForEachKindWhereverItIs() {
        AtomicReference<String> secret = new AtomicReference<>("a\u200bb");
        TokenEndpoint endpoint = by(ClientAuthentication.clientSecretPost("orders", Mono.fromSupplier(secret::get)))
                .build();
        ask(endpoint, CLIENT);
        secret.set("another\u200dsecret");
        ask(endpoint, CLIENT);
        secret.set(" another");
        ask(endpoint, CLIENT);

        assertThat(log.messages())
                .containsExactly(
                        warning("orders", "client secret: it has an invisible character (U+200B) at position 2"),
                        warning("orders", "client secret: it begins with a blank or line end, at position 1"));
    }

    @Test
    void isFoundInAClientId() {
        by(ClientAuthentication.none("'orders'")).build();

        assertThat(log.messages())
                .containsExactly(warning(
                        "'orders'",
                        "client id: it has quotes around it, at its first and last position, which are sent too"));
    }

    @Test
    void isFoundInConstantCredentialsAsSoonAsTheSourceIsBuilt() {
        TokenSource.builder(
                        by(ClientAuthentication.none("orders")).build(),
                        new PasswordGrant("\ufeffann", "P4ssw0rd ", List.of()))
                .build()
                .close();

        assertThat(log.messages())
                .containsExactly(
                        warning("orders", "user name: it has a byte order mark (U+FEFF) at position 1"),
                        warning("orders", "password: it ends with a blank or line end, at its last position"));
    }

    @Test
    void isFoundInCredentialsOfASupplier() {
        server.enqueue(new MockResponse.Builder()
                .body("{\"access_token\":\"a\",\"expires_in\":60}")
                .build());
        TokenSource source = TokenSource.builder(
                        by(ClientAuthentication.none("orders")).build(),
                        new PasswordGrant(Mono.just(new Credentials("ann", "P\ufffdss")), List.of()))
                .build();

        assertThat(source.token().block(Exchanges.BOUND)).isNotNull();

        source.close();
        assertThat(log.messages())
                .containsExactly(warning(
                        "orders",
                        "password: it has a replacement character, which stands for one that was lost as with LANG=C,"
                                + " (U+FFFD) at position 2"));
    }

    @Test
    void isFoundInAKeyIdAndAnAudience() throws GeneralSecurityException {
        TokenEndpoint endpoint = by(ClientAuthentication.privateKeyJwt(
                        "orders",
                        Mono.just(key().withKeyId("${KEY_ID}")),
                        AssertionSettings.defaults().withAudience("https://idp.example\u200b")))
                .build();

        ask(endpoint, CLIENT);
        ask(endpoint, CLIENT);

        assertThat(log.messages())
                .containsExactly(
                        warning("orders", "key id: it has a reference ${...}, which nothing resolved, at position 1"),
                        warning("orders", "audience: it has an invisible character (U+200B) at position 20"));
    }

    @Test
    void isFoundInTheAssertionOfAGrant() throws GeneralSecurityException {
        try (CapturedLog ofTheGrant = CapturedLog.warningsOf(JwtBearerGrant.class)) {
            new JwtBearerGrant(
                    key().withKeyId("k1 "),
                    AssertionSettings.defaults().withAudience("\"https://idp.example\""),
                    "orders",
                    "ann\u00a0smith",
                    List.of());

            assertThat(ofTheGrant.messages())
                    .containsExactly(
                            "The audience in the assertion of a grant has quotes around it, at its first and last position,"
                                    + " which are sent too; it is sent as it is",
                            "The subject in the assertion of a grant has a blank of another kind than the keyboard's (U+00A0)"
                                    + " at position 4; it is sent as it is",
                            "The key id in the assertion of a grant ends with a blank or line end, at its last position; it is"
                                    + " sent as it is");
        }
    }

    @Test
    void isNotToldOfTextsThatSomebodyHasLookedAt() {
        TokenEndpoint endpoint = by(ClientAuthentication.clientSecretPost("orders", ODD))
                .knownTexts(List.of(ODD))
                .build();
        ask(endpoint, TokenRequest.of("password").with("username", "ann").with("password", ODD));

        assertThat(log.messages()).isEmpty();
    }

    @Test
    void isNotFoundInWhatPeopleMean() {
        TokenEndpoint endpoint = by(ClientAuthentication.clientSecretPost(
                        "orders", Mono.just("s\u00fc\u00df \u20ac\r\n")))
                .build();
        ask(endpoint, TokenRequest.of("password").with("username", "ann").with("password", "it's fine"));

        assertThat(log.messages()).isEmpty();
    }

    /** A key that cannot be read says which character it is for, and never any of the key. */
    @Nested
    class InKeys {

        private String pem() throws GeneralSecurityException {
            byte[] pkcs8 = KeyPairGenerator.getInstance("Ed25519")
                    .generateKeyPair()
                    .getPrivate()
                    .getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(pkcs8)
                    + "\n-----END PRIVATE KEY-----\n";
        }

        @Test
        void isNamedWhereItStandsInTheWay() throws GeneralSecurityException {
            String pem = pem();

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SigningKey.ofPem(pem.substring(0, 40) + "\u200b" + pem.substring(40)))
                    .withMessageEndingWith(
                            "are its line ends gone?; it has an invisible character (U+200B) at position 41");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SigningKey.ofPem(pem.replace("BEGIN PRIVATE", "BEGIN\u00a0PRIVATE")))
                    .withMessageEndingWith(
                            "; it has a blank of another kind than the keyboard's (U+00A0) at position 11");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SigningKey.ofPem("${ORDERS_KEY}"))
                    .withMessageEndingWith("; it has a reference ${...}, which nothing resolved, at position 1");
        }

        @Test
        void isLeftOutWhereItDoesNotMatter() throws GeneralSecurityException {
            assertThat(SigningKey.ofPem("\ufeff" + pem()).algorithm()).isEqualTo("EdDSA");
        }

        @Test
        void isNamedInAJsonWebKey() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SigningKey.ofJwk("\u201c{\"kty\":\"OKP\"}\u201d"))
                    .withMessage(
                            "the key is no JSON; it has quotes around it, at its first and last position, which are"
                                    + " sent too");
        }

        @Test
        void isNamedInAnAssertionFile(@TempDir Path directory) throws IOException {
            Path file = Files.writeString(directory.resolve("token"), "\ufeffa.b.c\n");

            TokenAnswer.Failed failed = (TokenAnswer.Failed) answer(
                    by(ClientAuthentication.assertionFile("orders", file)).build(), CLIENT);

            assertThat(failed.message()).endsWith("; it has a byte order mark (U+FEFF) at position 1");
        }
    }

    @Test
    void saysNothingOfTheText() {
        for (String text : List.of("\u200bS3CRET", "S3CRET ", "\"S3CRET\"", "${S3CRET}", "ENC(S3CRET)")) {
            assertThat(DoubtfulText.in(text)).isNotEmpty().noneMatch(doubt -> doubt.contains("S3CRET"));
        }
        assertThat(DoubtfulText.in("")).isEmpty();
    }
}
