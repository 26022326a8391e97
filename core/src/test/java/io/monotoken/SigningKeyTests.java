package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys in every form, what they sign, and which are refused. */
class SigningKeyTests {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.9Z");
    private static final KeyPair RSA = pair("RSA", 2048);
    private static final KeyPair P256 = curve("secp256r1");
    private static final KeyPair P384 = curve("secp384r1");
    private static final KeyPair ED25519 = pair("Ed25519", 0);

    private static KeyPair pair(String algorithm, int size) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (size > 0) {
                generator.initialize(size);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair curve(String name) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(name));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair of(String algorithm) {
        return switch (algorithm) {
            case "RS256", "PS256" -> RSA;
            case "ES256" -> P256;
            case "ES384" -> P384;
            default -> ED25519;
        };
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static SignedJWT assertion(SigningKey key, AssertionSettings settings) throws Exception {
        return SignedJWT.parse(Objects.requireNonNull(settings.withClock(() -> NOW)
                .assertion(key, "orders", "orders", "https://idp.example/token")
                .block(Duration.ofSeconds(10))));
    }

    private static boolean verifies(SignedJWT jwt, PublicKey key) throws Exception {
        if (key instanceof RSAPublicKey rsa) {
            return jwt.verify(new RSASSAVerifier(rsa));
        }
        if (key instanceof ECPublicKey ec) {
            return jwt.verify(new ECDSAVerifier(ec));
        }
        Signature signature = Signature.getInstance("Ed25519");
        signature.initVerify(key);
        signature.update(jwt.getSigningInput());
        return signature.verify(jwt.getSignature().decode());
    }

    @Nested
    class Signing {

        @ParameterizedTest
        @ValueSource(strings = {"RS256", "PS256", "ES256", "ES384", "EdDSA"})
        void isWhatAServerVerifies(String algorithm) throws Exception {
            SigningKey key = SigningKey.of(of(algorithm).getPrivate())
                    .withAlgorithm(algorithm)
                    .withKeyId("k1");

            SignedJWT jwt = assertion(key, AssertionSettings.defaults());

            assertThat(verifies(jwt, of(algorithm).getPublic())).isTrue();
            assertThat(jwt.getHeader().toJSONObject())
                    .isEqualTo(Map.of("alg", algorithm, "typ", "client-authentication+jwt", "kid", "k1"));
        }

        @Test
        void withASecretIsHs256() throws Exception {
            String secret = "a-client-secret-of-32-characters";

            SignedJWT jwt = assertion(SigningKey.ofSecret(secret), AssertionSettings.defaults());

            JWSVerifier verifier = new MACVerifier(secret);
            assertThat(jwt.verify(verifier)).isTrue();
            assertThat(jwt.getHeader().getAlgorithm().getName()).isEqualTo("HS256");
        }

        @Test
        void saysWhoOfWhomForWhomAndForHowLong() throws Exception {
            AssertionSettings settings = AssertionSettings.defaults()
                    .withAudience("https://idp.example")
                    .withType("JWT")
                    .withLifetime(Duration.ofSeconds(90))
                    .withClaim("tenant", Map.of("id", 7))
                    .withClaim("roles", List.of("a", "b"));

            SignedJWT jwt = assertion(SigningKey.of(P256.getPrivate()), settings);

            Map<String, Object> claims = jwt.getPayload().toJSONObject();
            assertThat(claims)
                    .containsEntry("iss", "orders")
                    .containsEntry("sub", "orders")
                    .containsEntry("aud", "https://idp.example")
                    .containsEntry("iat", NOW.getEpochSecond())
                    .containsEntry("exp", NOW.getEpochSecond() + 90)
                    .containsEntry("tenant", Map.of("id", 7L))
                    .containsEntry("roles", List.of("a", "b"))
                    .containsKey("jti")
                    .hasSize(8);
            assertThat(jwt.getHeader().getType().getType()).isEqualTo("JWT");
        }

        @Test
        void hasTheTokenEndpointAsAudienceUnlessSet() throws Exception {
            assertThat(assertion(SigningKey.of(P256.getPrivate()), AssertionSettings.defaults())
                            .getPayload()
                            .toJSONObject())
                    .containsEntry("aud", "https://idp.example/token");
        }

        @Test
        void neverRepeatsAnId() throws Exception {
            Set<Object> ids = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                ids.add(assertion(SigningKey.ofSecret("a-client-secret-of-32-characters"), AssertionSettings.defaults())
                        .getPayload()
                        .toJSONObject()
                        .get("jti"));
            }

            assertThat(ids).hasSize(100);
        }

        @ParameterizedTest
        @ValueSource(strings = {"iss", "sub", "aud", "jti", "iat", "exp"})
        void leavesNoClaimOfItsOwnToOthers(String claim) {
            assertThatThrownBy(() -> AssertionSettings.defaults().withClaim(claim, "x"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + claim + "'");
        }

        /** RFC 8037, appendix A: an Ed25519 signature is the same every time. */
        @Test
        void agreesWithRfc8037() {
            SigningKey key = SigningKey.ofJwk("{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                    + "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
                    + "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");

            byte[] signature = key.sign(
                    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".getBytes(StandardCharsets.US_ASCII));

            assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(signature))
                    .isEqualTo("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt"
                            + "9g7sVvpAr_MuM0KAg");
        }
    }

    @Nested
    class Reading {

        @ParameterizedTest
        @ValueSource(strings = {"RS256", "ES256", "ES384", "EdDSA"})
        void takesPkcs8(String algorithm) throws Exception {
            String text = "Bag Attributes\n  friendlyName: orders\n"
                    + pem("PRIVATE KEY", of(algorithm).getPrivate().getEncoded());

            for (String pem : List.of(text, text.replace("\n", "\r\n"))) {
                SigningKey key = SigningKey.ofPem(pem);

                assertThat(key.algorithm()).isEqualTo(algorithm);
                assertThat(verifies(
                                assertion(key, AssertionSettings.defaults()),
                                of(algorithm).getPublic()))
                        .isTrue();
            }
        }

        @Test
        void takesEncryptedPkcs8WithItsPasswordOnly() throws Exception {
            String pem = pem("ENCRYPTED PRIVATE KEY", encrypted(P256, "sample-password"));

            assertThat(verifies(
                            assertion(SigningKey.ofPem(pem, "sample-password"), AssertionSettings.defaults()),
                            P256.getPublic()))
                    .isTrue();
            assertThatThrownBy(() -> SigningKey.ofPem(pem, "another"))
                    .hasMessage("the key does not decrypt; check its password");
            assertThatThrownBy(() -> SigningKey.ofPem(pem))
                    .hasMessage("the key is encrypted; give the password as well");
        }

        private static byte[] encrypted(KeyPair pair, String password) throws Exception {
            String name = "PBEWithHmacSHA256AndAES_256";
            Cipher cipher = Cipher.getInstance(name);
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    SecretKeyFactory.getInstance(name).generateSecret(new PBEKeySpec(password.toCharArray())));
            AlgorithmParameters parameters = cipher.getParameters();
            AlgorithmParameters named = AlgorithmParameters.getInstance("PBES2");
            named.init(parameters.getEncoded());
            return new EncryptedPrivateKeyInfo(
                            named, cipher.doFinal(pair.getPrivate().getEncoded()))
                    .getEncoded();
        }

        @ParameterizedTest
        @CsvSource({
            "RSA PRIVATE KEY, openssl pkcs8 -topk8",
            "EC PRIVATE KEY, openssl pkcs8 -topk8",
            "PUBLIC KEY, the private key is needed",
            "CERTIFICATE, the private key is needed"
        })
        void saysWhatElseIsThere(String label, String advice) {
            assertThatThrownBy(() -> SigningKey.ofPem(pem(label, new byte[] {1, 2, 3})))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(label)
                    .hasMessageContaining(advice);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "key",
                    "-----BEGIN PRIVATE KEY-----\nMIIEvQ",
                    "-----BEGIN PRIVATE KEY----- -----END X-----"
                })
        void saysThatThereIsNone(String text) {
            assertThatThrownBy(() -> SigningKey.ofPem(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("BEGIN PRIVATE KEY");
        }

        @Test
        void refusesADamagedKeyWithoutShowingIt() {
            byte[] damaged = RSA.getPrivate().getEncoded().clone();
            damaged[5] ^= 1;

            assertThatThrownBy(() -> SigningKey.ofPem(pem("PRIVATE KEY", damaged)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the key is none of [RSA, EC, Ed25519], or damaged");
        }

        @Test
        void takesJwksWithIdAndAlgorithm() throws Exception {
            String rsa = new RSAKey.Builder((RSAPublicKey) RSA.getPublic())
                    .privateKey(RSA.getPrivate())
                    .keyID("r1")
                    .algorithm(com.nimbusds.jose.JWSAlgorithm.PS256)
                    .build()
                    .toJSONString();
            String ec = new ECKey.Builder(Curve.P_384, (ECPublicKey) P384.getPublic())
                    .privateKey(P384.getPrivate())
                    .build()
                    .toJSONString();

            SigningKey key = SigningKey.ofJwk(rsa);

            assertThat(key.algorithm()).isEqualTo("PS256");
            assertThat(key.keyId()).contains("r1");
            assertThat(verifies(assertion(key, AssertionSettings.defaults()), RSA.getPublic()))
                    .isTrue();
            assertThat(verifies(assertion(SigningKey.ofJwk(ec), AssertionSettings.defaults()), P384.getPublic()))
                    .isTrue();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "nonsense | no JSON",
                    "[] | not a JSON ARRAY",
                    "{\"keys\":[]} | set of them",
                    "{} | no member 'kty'",
                    "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"} | no member 'd'",
                    "{\"kty\":\"EC\",\"crv\":\"P-521\",\"d\":\"AQAB\"} | 'P-521'",
                    "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"d\":\"AQAB\"} | 'X25519'",
                    "{\"kty\":\"oct\",\"k\":\"AQAB\"} | 'oct'",
                    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"!!\"} | 'd' of the JSON Web Key is not Base64url"
                })
        void saysWhatIsWrongWithAJwk(String json, String reason) {
            assertThatThrownBy(() -> SigningKey.ofJwk(json))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(reason);
        }
    }

    @Nested
    class Refusals {

        @Test
        void ofAShortRsaKey() {
            assertThatThrownBy(() -> SigningKey.of(pair("RSA", 1024).getPrivate()))
                    .hasMessageContaining("1024 bits")
                    .hasMessageContaining("2048");
        }

        @ParameterizedTest
        @CsvSource({"ES256, ES384", "ES384, ES256", "RS256, ES256", "ES256, PS256", "EdDSA, ES256", "ES256, EdDSA"})
        void ofAnAlgorithmThatDoesNotFit(String key, String algorithm) {
            assertThatThrownBy(() -> SigningKey.of(of(key).getPrivate()).withAlgorithm(algorithm))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(algorithm);
        }

        @ParameterizedTest
        @ValueSource(strings = {"rs256", "RS512", "none", "HS256", ""})
        void ofAnAlgorithmThatIsNone(String algorithm) {
            assertThatThrownBy(() -> SigningKey.of(RSA.getPrivate()).withAlgorithm(algorithm))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + algorithm + "'")
                    .hasMessageContaining("RS256, PS256, ES256, ES384, EdDSA");
        }

        @ParameterizedTest
        @ValueSource(strings = {"secp521r1"})
        void ofAnotherCurve(String name) {
            assertThatThrownBy(() -> SigningKey.of(curve(name).getPrivate()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("P-521");
        }

        @ParameterizedTest
        @ValueSource(strings = {"DSA", "X25519", "Ed448"})
        void ofAnotherKind(String kind) {
            assertThatThrownBy(() -> SigningKey.of(pair(kind, 0).getPrivate()))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void ofAShortSecret() {
            assertThatThrownBy(() -> SigningKey.ofSecret("a-client-secret-of-31-character"))
                    .hasMessageContaining("31 bytes")
                    .hasMessageContaining("32");
        }
    }

    @Test
    void isShownWithoutTheKey() {
        assertThat(SigningKey.of(P256.getPrivate()).withKeyId("k1"))
                .hasToString("SigningKey[algorithm=ES256, keyId=k1]");
        assertThat(SigningKey.ofSecret("a-client-secret-of-32-characters")).hasToString("SigningKey[algorithm=HS256]");
    }
}
