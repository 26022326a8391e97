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
import com.nimbusds.jose.util.X509CertUtils;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.EllipticCurve;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
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
import okhttp3.tls.HeldCertificate;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;
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
    private static final Provider FOREIGN = new BouncyCastleProvider();

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
        void mayNameTheKeyByItsCertificate() throws Exception {
            HeldCertificate certificate =
                    new HeldCertificate.Builder().rsa2048().build();
            SigningKey key = SigningKey.of(certificate.keyPair().getPrivate())
                    .withCertificate(certificate.certificate())
                    .withAlgorithm("PS256")
                    .withKeyId("k1");

            SignedJWT jwt = assertion(key, AssertionSettings.defaults().withType("JWT"));

            assertThat(jwt.getHeader().toJSONObject())
                    .isEqualTo(Map.of(
                            "alg", "PS256",
                            "typ", "JWT",
                            "kid", "k1",
                            "x5t#S256",
                                    X509CertUtils.computeSHA256Thumbprint(certificate.certificate())
                                            .toString()));
        }

        @Test
        void withAKeyForPssAloneIsPs256() throws Exception {
            KeyPair pair = pair("RSASSA-PSS", 2048);

            for (SigningKey key : List.of(
                    SigningKey.of(pair.getPrivate()),
                    SigningKey.ofPem(pem("PRIVATE KEY", pair.getPrivate().getEncoded())))) {
                SignedJWT jwt = assertion(key, AssertionSettings.defaults());

                assertThat(jwt.getHeader().getAlgorithm().getName()).isEqualTo("PS256");
                assertThat(verifies(jwt, pair.getPublic())).isTrue();
            }
            assertThatThrownBy(() -> SigningKey.of(pair.getPrivate()).withAlgorithm("RS256"))
                    .hasMessageContaining("use PS256");
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

        @Test
        void readsPastTheHeadersOfAKeyThatOpensslEncryptedTheOldWay() {
            String pem = pem("RSA PRIVATE KEY", new byte[] {1, 2, 3})
                    .replaceFirst("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00FF\n\n");

            assertThatThrownBy(() -> SigningKey.ofPem(pem))
                    .hasMessage(
                            "there is no private key in PKCS #8 in the text, but: RSA PRIVATE KEY; 'openssl pkcs8 -topk8"
                                    + " -nocrypt -in key.pem' converts it");
        }

        /** Keys that openssl encrypted with des3, and with scrypt. The password is right. */
        @ParameterizedTest
        @ValueSource(strings = {"""
                -----BEGIN ENCRYPTED PRIVATE KEY-----
                MIHjME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3DQEFDDAcBAhNhSXp6mWV6AICCAAw
                DAYIKoZIhvcNAgkFADAUBggqhkiG9w0DBwQI3yX2SBr+CWkEgZC12ZRoGs5E4WjH
                WCxWwZTxRcMYXQwJ471cB+JKmx1uB8rOcznLyCDJCfI++ICMfBnUx308Vftrl4cV
                ExGgzFom3EP/GJHqYjWefLLQQAt4Ak2FzNtaRBKyuKmcyZ741r0va5Kzv90YK/k3
                blnYAYVZotovB6faU4Cb9fqL5eT5AtCDkii6oLDv5qox9IVC1Zg=
                -----END ENCRYPTED PRIVATE KEY-----
                """, """
                -----BEGIN ENCRYPTED PRIVATE KEY-----
                MIHkME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAjdTb6JY+rCdgICQAAC
                AQgCAQEwHQYJYIZIAWUDBAEqBBCR5Dttiac+X1eMzk/ZJrdjBIGQrBnnEy16PNzW
                AIkv8dHEesEpq47l8bHqXEld2gGJMNl70Bv2hNgrIvPr1y+L5I9ISY63sK5FTaqo
                F2ESHNirCFW6Wr/PieSfj0ghjn3zPtQmNUrhjOxJpXDhx8YMIMRXciHsf71EXGwc
                Yc4iPOHRUTTdNfH0zlH++m6L3e4dc8I+ibGkl2Xz+6f4SGonY0Bd
                -----END ENCRYPTED PRIVATE KEY-----
                """})
        void thatAnotherCipherEncryptsDoNotBlameThePassword(String pem) {
            assertThatThrownBy(() -> SigningKey.ofPem(pem, "sample-password"))
                    .hasMessage(
                            "the key is damaged, or encrypted in a way that this JDK does not know; 'openssl pkcs8 -topk8"
                                    + " -v2 aes-256-cbc' writes one that it does");
        }

        @Test
        void haveAPasswordThatTheJdkTakes() throws Exception {
            String pem = pem("ENCRYPTED PRIVATE KEY", encrypted(P256, "sample-password"));

            assertThatThrownBy(() -> SigningKey.ofPem(pem, "gr\u00fc\u00dfe"))
                    .hasMessage(
                            "the password of the key has characters beyond ASCII, of which the JDK takes none; encrypt the"
                                    + " key with another one");
        }

        @Test
        void ofSshAreNone() {
            assertThatThrownBy(() -> SigningKey.ofPem(pem("OPENSSH PRIVATE KEY", new byte[40])))
                    .hasMessage(
                            "there is no private key in PKCS #8 in the text, but: OPENSSH PRIVATE KEY, which is for SSH;"
                                    + " 'openssl genpkey' makes one, and the provider needs its public key then");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "AA", "___________________________________________"})
        void haveANumberOnTheCurve(String number) {
            assertThatThrownBy(() -> SigningKey.ofJwk("{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"" + number + "\"}"))
                    .hasMessage("the members of the JSON Web Key make no key; was it damaged?");
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

        private static final String RFC_8037 = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                + "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
                + "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"";

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                "use":"enc"                      | the JSON Web Key is not for signing, by its member 'use'; take another one
                "key_ops":["verify","deriveKey"] | the JSON Web Key is not for signing, by its member 'key_ops'; take another one
                "key_ops":[]                     | the JSON Web Key is not for signing, by its member 'key_ops'; take another one
                "kid":7                          | the member 'kid' of the JSON Web Key is no text
                "alg":["EdDSA"]                  | the member 'alg' of the JSON Web Key is no text
                """)
        void ofJwkOfAnotherUseAreRefused(String member, String message) {
            assertThatThrownBy(() -> SigningKey.ofJwk(RFC_8037 + "," + member + "}"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }

        @ParameterizedTest
        @ValueSource(strings = {"\"use\":\"sig\"", "\"key_ops\":[\"verify\",\"sign\"]", "\"kid\":null"})
        void ofJwkThatSign(String member) {
            assertThat(SigningKey.ofJwk(RFC_8037 + "," + member + "}").algorithm())
                    .isEqualTo("EdDSA");
        }

        @Test
        void ofJwkWithPublicMembersOfAnotherKeyAreRefused() {
            KeyPair otherRsa = pair("RSA", 2048);
            List<String> mixed = List.of(
                    RFC_8037.replace("11qYAYKx", "22qYAYKx") + "}",
                    new ECKey.Builder(Curve.P_256, (ECPublicKey)
                                    curve("secp256r1").getPublic())
                            .privateKey((ECPrivateKey) curve("secp256r1").getPrivate())
                            .build()
                            .toJSONString(),
                    new RSAKey.Builder((RSAPublicKey) otherRsa.getPublic())
                            .privateKey((RSAPrivateCrtKey) pair("RSA", 2048).getPrivate())
                            .build()
                            .toJSONString());

            assertThat(mixed)
                    .allSatisfy(jwk -> assertThatThrownBy(() -> SigningKey.ofJwk(jwk))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageEndingWith("was it damaged?"));
        }
    }

    @Test
    void theCertificateMustBeOfTheKey() {
        HeldCertificate own = new HeldCertificate.Builder().ecdsa256().build();
        HeldCertificate other = new HeldCertificate.Builder().ecdsa256().build();
        HeldCertificate ofAnotherKind = new HeldCertificate.Builder().rsa2048().build();
        SigningKey key = SigningKey.of(own.keyPair().getPrivate());

        assertThat(List.of(other, ofAnotherKind))
                .allSatisfy(wrong -> assertThatThrownBy(() -> key.withCertificate(wrong.certificate()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("the certificate is of another key"));
        assertThatThrownBy(() -> SigningKey.ofSecret("a".repeat(32)).withCertificate(own.certificate()))
                .hasMessage("the certificate is of another key");
    }

    @Nested
    class OtherProviders {

        @ParameterizedTest
        @CsvSource({"secp256r1, ES256", "secp384r1, ES384"})
        void haveTheSameCurvesByAnotherName(String curve, String algorithm) throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", FOREIGN);
            generator.initialize(new ECGenParameterSpec(curve));
            KeyPair pair = generator.generateKeyPair();

            SigningKey key = SigningKey.of(pair.getPrivate());

            assertThat(key.algorithm()).isEqualTo(algorithm);
            assertThat(verifies(assertion(key, AssertionSettings.defaults()), pair.getPublic()))
                    .isTrue();
        }

        @Test
        void mayWriteTheCurveAsNumbers() throws Exception {
            ECParameterSpec named = NamedCurve.P_256.parameters();
            ECParameterSpec numbers = new ECParameterSpec(
                    new EllipticCurve(
                            named.getCurve().getField(),
                            named.getCurve().getA(),
                            named.getCurve().getB()),
                    named.getGenerator(),
                    named.getOrder(),
                    named.getCofactor());
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", FOREIGN);
            generator.initialize(numbers);
            KeyPair pair = generator.generateKeyPair();

            SigningKey key = SigningKey.of(pair.getPrivate());

            assertThat(key.algorithm()).isEqualTo("ES256");
            assertThat(verifies(assertion(key, AssertionSettings.defaults()), pair.getPublic()))
                    .isTrue();
        }

        /** A hardware module gives a handle away and neither modulus nor curve. */
        @ParameterizedTest
        @CsvSource({
            "EC, ES256, ES384",
            "ECDSA, ES256, ES384",
            "RSA, RS256, PS256",
            "RSASSA-PSS, PS256, PS256",
            "EdDSA, EdDSA, EdDSA",
            "Ed25519, EdDSA, EdDSA"
        })
        void mayKeepTheKeyAndItsSizeToThemselves(String kind, String algorithm, String another) {
            for (PrivateKey handle : List.of(new Handle(kind), new ForeignKey(kind, null))) {
                assertThat(SigningKey.of(handle).algorithm()).isEqualTo(algorithm);
                assertThat(SigningKey.of(handle).withAlgorithm(another).algorithm())
                        .isEqualTo(another);
            }
        }

        @Test
        void ofAHandleSign() throws Exception {
            Handle handle = new Handle("EC");
            Security.insertProviderAt(new HandleProvider(), 1);
            try {
                assertThat(verifies(assertion(SigningKey.of(handle), AssertionSettings.defaults()), P256.getPublic()))
                        .isTrue();
            } finally {
                Security.removeProvider("Handles");
            }
        }
    }

    private static PrivateKey foreign(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", FOREIGN);
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair().getPrivate();
    }

    private static void withProvider(Runnable test) {
        Security.addProvider(FOREIGN);
        try {
            test.run();
        } finally {
            Security.removeProvider(FOREIGN.getName());
        }
    }

    /** A key that says what kind it is and nothing else. */
    private record Handle(String kind) implements PrivateKey {

        @Override
        public String getAlgorithm() {
            return kind;
        }

        @Override
        public @Nullable String getFormat() {
            return null;
        }

        @Override
        public byte @Nullable [] getEncoded() {
            return null;
        }
    }

    /** A key that implements all interfaces and tells its curve at most. */
    private record ForeignKey(String kind, @Nullable ECParameterSpec spec)
            implements PrivateKey, java.security.interfaces.ECKey {

        @Override
        public String getAlgorithm() {
            return kind;
        }

        @Override
        public @Nullable String getFormat() {
            return null;
        }

        @Override
        public byte @Nullable [] getEncoded() {
            return null;
        }

        @Override
        public @Nullable ECParameterSpec getParams() {
            return spec;
        }
    }

    /** Signs for handles, as a provider of hardware does. */
    private static final class HandleProvider extends Provider {

        HandleProvider() {
            super("Handles", "1", "signs for handles");
            put("Signature.SHA256withECDSAinP1363Format", HandleSignature.class.getName());
            put("Signature.SHA256withECDSAinP1363Format SupportedKeyClasses", Handle.class.getName());
        }
    }

    /** Instantiated by the JDK. */
    public static final class HandleSignature extends SignatureSpi {

        private final Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format", "SunEC");

        public HandleSignature() throws GeneralSecurityException {}

        @Override
        protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
            signature.initSign(P256.getPrivate());
        }

        @Override
        protected void engineInitVerify(PublicKey key) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineUpdate(byte b) throws SignatureException {
            signature.update(b);
        }

        @Override
        protected void engineUpdate(byte[] bytes, int from, int length) throws SignatureException {
            signature.update(bytes, from, length);
        }

        @Override
        protected byte[] engineSign() throws SignatureException {
            return signature.sign();
        }

        @Override
        protected boolean engineVerify(byte[] bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        @Deprecated
        protected void engineSetParameter(String name, Object value) {
            throw new UnsupportedOperationException();
        }

        @Override
        @Deprecated
        protected Object engineGetParameter(String name) {
            throw new UnsupportedOperationException();
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

        @Test
        void ofALongerCurve() {
            assertThatThrownBy(() -> SigningKey.of(curve("secp521r1").getPrivate()))
                    .hasMessage("no JWS algorithm here signs with the key's curve, which is P-521; use P-256 or P-384");
        }

        /** All of them have the size of P-256 or P-384. */
        @ParameterizedTest
        @CsvSource({
            "secp256k1, 256",
            "brainpoolP256r1, 256",
            "brainpoolP256t1, 256",
            "FRP256v1, 256",
            "brainpoolP384r1, 384",
            "brainpoolP384t1, 384"
        })
        void ofAnotherCurveOfTheSameSize(String name, int bits) throws Exception {
            PrivateKey key = foreign(name);

            assertThatThrownBy(() -> SigningKey.of(key))
                    .hasMessage("no JWS algorithm here signs with the key's curve, which is another one of " + bits
                            + " bits; use P-256 or P-384");
            assertThatThrownBy(() -> JwsAlgorithm.named("ES" + bits).checkedFor(key))
                    .hasMessage("ES" + bits + " needs P-" + bits + ", and the key's curve is another one of " + bits
                            + " bits");
            assertThatThrownBy(() -> SigningKey.ofPem(pem("PRIVATE KEY", key.getEncoded())))
                    .as("without the provider, where the JDK may know the curve or not")
                    .hasMessageFindingMatch("the key's curve, which is another one|a curve that this JDK does not know")
                    .hasMessageContaining("use P-256 or P-384");
            withProvider(() -> assertThatThrownBy(() -> SigningKey.ofPem(pem("PRIVATE KEY", key.getEncoded())))
                    .as("with the provider")
                    .hasMessageContaining("the key's curve, which is another one of " + bits + " bits"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"secp256k1", "brainpoolP256r1", "P-521", "p-256"})
        void ofAnotherCurveInAJwk(String name) {
            assertThatThrownBy(() -> SigningKey.ofJwk("{\"kty\":\"EC\",\"crv\":\"" + name + "\",\"d\":\"AQAB\"}"))
                    .hasMessage("the curve '" + name + "' is none of [P-256, P-384]");
        }

        /** What makes P-256 is all of its numbers: here another point generates the same group. */
        @Test
        void ofACurveThatDiffersInItsGeneratorOnly() {
            ECParameterSpec named = NamedCurve.P_256.parameters();
            ECPoint other = ((ECPublicKey) P256.getPublic()).getW();
            ECParameterSpec spec = new ECParameterSpec(named.getCurve(), other, named.getOrder(), named.getCofactor());

            assertThatThrownBy(() -> SigningKey.of(new ForeignKey("EC", spec))).hasMessageContaining("256 bits");
        }

        @Test
        void ofAnRsaKeyThatIsForAnotherHash() throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSASSA-PSS");
            generator.initialize(new RSAKeyGenParameterSpec(
                    2048,
                    RSAKeyGenParameterSpec.F4,
                    new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1)));

            assertThatThrownBy(() -> SigningKey.of(generator.generateKeyPair().getPrivate()))
                    .hasMessageContaining("another hash");
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
