package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.util.Map;
import java.util.stream.Collectors;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** What the application says at start of keys that cannot sign, and of proofs that contradict each other. */
@ExtendWith(OutputCaptureExtension.class)
class MistakesInAssertionsTests {

    private static final String CLIENT = """
            monotoken:
              clients:
                orders:
                  token-uri: https://idp.example.com/token
                  grant: client-credentials
                  client-id: id
                  base-url: https://api.example.com
            """;

    private static final String WITH_KEY = CLIENT + "      client-authentication: private-key-jwt\n";
    private static final String TO_WRITE_A_KEY =
            "Write the location of a private key in PKCS #8 or a JSON Web Key, such as"
                    + " file:/run/secrets/orders.pem, or its text";

    @TempDir
    private Path folder;

    private static void expect(CapturedOutput output, String yaml, String description, String action) {
        MistakesInYamlTests.start(yaml, Application.class);

        assertThat(output.getAll())
                .contains("Description:\n\n" + description + "\n\nAction:\n\n" + action + "\n")
                .doesNotContain("an-actual-secret", "java.lang", "MonotokenProperties", "UnusableException");
    }

    private static String of(String property) {
        return "monotoken.clients.orders." + property;
    }

    /** {@return a property of several lines, as YAML has it} */
    private static String block(String property, String text) {
        return "      " + property + ": |\n"
                + text.lines().map(line -> "        " + line + "\n").collect(Collectors.joining());
    }

    @Nested
    class Keys {

        private void expectInTextAndFile(CapturedOutput output, String key, String why) throws Exception {
            String text = output.getAll();
            expect(output, WITH_KEY + block("assertion.key", key), of("assertion.key") + ": " + why, TO_WRITE_A_KEY);
            Path file = Files.writeString(folder.resolve("key.pem"), key);
            expect(
                    output,
                    WITH_KEY + "      assertion.key: file:" + file + "\n",
                    of("assertion.key") + " (file:" + file + "): " + why,
                    TO_WRITE_A_KEY);
            assertThat(output.getAll().substring(text.length()))
                    .doesNotContain(key.lines().skip(1).findFirst().orElse(key));
        }

        @Test
        void areTooShort(CapturedOutput output) throws Exception {
            expectInTextAndFile(
                    output,
                    SampleKeys.pem(SampleKeys.pair("RSA", 1024)),
                    "the RSA key has 1024 bits, and RS256 needs 2048 or more (RFC 7518, section 3.3); make another");
        }

        @Test
        void areOnAnotherCurve(CapturedOutput output) throws Exception {
            expectInTextAndFile(
                    output,
                    SampleKeys.pem(SampleKeys.curve("secp521r1")),
                    "no JWS algorithm here signs with the key's curve, which is P-521; use P-256 or P-384");
        }

        @Test
        void areDirectories(CapturedOutput output) {
            for (String location : new String[] {"file:" + folder, folder.toString()}) {
                expect(
                        output,
                        WITH_KEY + "      assertion.key: " + location + "\n",
                        of("assertion.key") + " (" + location
                                + "): it is a directory; name the file in it that has the key",
                        TO_WRITE_A_KEY);
            }
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                RSA PRIVATE KEY | RSA PRIVATE KEY; 'openssl pkcs8 -topk8 -nocrypt -in key.pem' converts it
                EC PRIVATE KEY  | EC PRIVATE KEY; 'openssl pkcs8 -topk8 -nocrypt -in key.pem' converts it
                PUBLIC KEY      | PUBLIC KEY; the private key is needed, which usually is in a file of its own
                CERTIFICATE     | CERTIFICATE; the private key is needed, which usually is in a file of its own
                """)
        void areOtherThings(String label, String why, CapturedOutput output) throws Exception {
            expectInTextAndFile(
                    output,
                    SampleKeys.pem(label, SampleKeys.P256.getPublic().getEncoded()),
                    "there is no private key in PKCS #8 in the text, but: " + why);
        }

        @Test
        void areSetsOrPublic(CapturedOutput output) throws Exception {
            ECKey jwk = new ECKey.Builder(Curve.P_256, (ECPublicKey) SampleKeys.P256.getPublic()).build();

            expectInTextAndFile(
                    output,
                    jwk.toJSONString(),
                    "the JSON Web Key has no member 'd': it is the public key, and the private one is needed");
            expectInTextAndFile(
                    output,
                    "{\"keys\":[" + jwk.toJSONString() + "]}",
                    "one JSON Web Key is needed, not a set of them; take one out of 'keys'");
        }

        @Test
        void lackTheirPassword(CapturedOutput output) throws Exception {
            String pem = SampleKeys.encryptedPem(SampleKeys.P256, "an-actual-secret");
            String action = "Set " + of("assertion.key-password")
                    + " or the environment variable MONOTOKEN_CLIENTS_ORDERS_ASSERTION_KEYPASSWORD";
            Path file = Files.writeString(folder.resolve("key.pem"), pem);

            expect(
                    output,
                    WITH_KEY + block("assertion.key", pem),
                    of("assertion.key-password") + " is missing, and the key is encrypted",
                    action);
            expect(
                    output,
                    WITH_KEY + "      assertion.key: file:" + file,
                    of("assertion.key-password") + " is missing, and the key (file:" + file + ") is encrypted",
                    action);
            expect(
                    output,
                    WITH_KEY + block("assertion.key", pem) + "      assertion.key-password: ${KEY_PASSWORD}\n",
                    of("assertion.key-password") + " is ${KEY_PASSWORD}, which nothing resolves",
                    "Define KEY_PASSWORD, for instance as an environment variable");
        }

        @Test
        void haveAnotherPassword(CapturedOutput output) {
            expect(
                    output,
                    WITH_KEY
                            + block("assertion.key", SampleKeys.encryptedPem(SampleKeys.P256, "an-actual-secret"))
                            + "      assertion.key-password: another\n",
                    of("assertion.key-password") + " does not open the key",
                    "Correct it, or encrypt the key with it anew");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                file:/nowhere/key.pem          | ` (file:/nowhere/key.pem): there is no such file`
                classpath:nowhere.pem          | ` (classpath:nowhere.pem): there is no such file`
                /nowhere/key.pem               | ` (/nowhere/key.pem): there is no such file`
                an-actual-secret               | `: there is no such file`
                https://idp.example.com/key    | `: a key is read from a file, and not over the network`
                MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCAn-actual-secret | `: there is no such file`
                MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCAnactualsecret== | `: it has a key without its first and last line`
                -----BEGIN PRIVATE KEY-----    | `: there is no '-----BEGIN PRIVATE KEY-----' with its end in the text; was only a part of the file copied, or are its line ends gone?`
                """)
        void areNotThere(String value, String why, CapturedOutput output) {
            expect(
                    output,
                    WITH_KEY + "      assertion.key: '" + value + "'\n",
                    of("assertion.key") + why,
                    TO_WRITE_A_KEY);
            assertThat(output).doesNotContain("actualsecret");
        }

        @Test
        void areNoFile(CapturedOutput output) throws Exception {
            expect(
                    output,
                    WITH_KEY + "      assertion.key: '" + folder + "'\n",
                    of("assertion.key") + " (" + folder + "): it is a directory; name the file in it that has the key",
                    TO_WRITE_A_KEY);
            Path large = Files.write(folder.resolve("large.pem"), new byte[65537]);
            expect(
                    output,
                    WITH_KEY + "      assertion.key: '" + large + "'\n",
                    of("assertion.key") + " (" + large + "): the file is longer than a key can be: 65536 bytes",
                    TO_WRITE_A_KEY);
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                ES256 | ES384 | ES384 needs P-384, and the key's curve is P-256
                ES384 | ES256 | ES256 needs P-256, and the key's curve is P-384
                ES256 | RS256 | RS256 needs a key of the kind RSA, and this one is EC
                RS256 | ES256 | ES256 needs a key of the kind EC, and this one is RSA
                RS256 | EdDSA | EdDSA needs a key of the kind EdDSA, and this one is RSA
                ES256 | es256 | algorithm 'es256' is none of RS256, PS256, ES256, ES384, EdDSA; names are case-sensitive
                ES256 | HS256 | algorithm 'HS256' is none of RS256, PS256, ES256, ES384, EdDSA; names are case-sensitive
                ES256 | none  | algorithm 'none' is none of RS256, PS256, ES256, ES384, EdDSA; names are case-sensitive
                """)
        void doNotFitTheAlgorithm(String key, String algorithm, String why, CapturedOutput output) {
            expect(
                    output,
                    WITH_KEY
                            + block("assertion.key", SampleKeys.pem(SampleKeys.named(key)))
                            + "      assertion.algorithm: " + algorithm + "\n",
                    of("assertion.algorithm") + ": " + why,
                    "Remove it for " + key + ", which is usual for this key, or give the other key");
        }

        @Test
        void areMissing(CapturedOutput output) {
            expect(
                    output,
                    WITH_KEY,
                    of("assertion.key") + " and " + of("assertion.bundle") + " are missing",
                    "Set " + of("assertion.key")
                            + " to where the private key is, such as file:/run/secrets/orders.pem, or "
                            + of("assertion.bundle") + " to the name of an SSL bundle that has it");
        }

        @Test
        void areNotResolved(CapturedOutput output) {
            expect(
                    output,
                    WITH_KEY + "      assertion.key: ${ORDERS_KEY}\n",
                    of("assertion.key") + " is ${ORDERS_KEY}, which nothing resolves",
                    "Define ORDERS_KEY, for instance as an environment variable");
        }
    }

    @Nested
    class Bundles {

        private static final String ACTION =
                "Correct it below spring.ssl.bundle.pem.sign or spring.ssl.bundle.jks.sign, or"
                        + " name another bundle";

        private String pem(HeldCertificate held) {
            return "spring.ssl.bundle.pem.sign:\n"
                    + block("keystore.certificate", held.certificatePem())
                    + block("keystore.private-key", held.privateKeyPkcs8Pem());
        }

        @Test
        void areUnknown(CapturedOutput output) {
            expect(
                    output,
                    WITH_KEY + "      assertion.bundle: sign\n",
                    of("assertion.bundle") + " names 'sign', which is no SSL bundle",
                    "Describe it below spring.ssl.bundle.pem.sign or spring.ssl.bundle.jks.sign");
        }

        @Test
        void haveTheCertificateOfAnotherKey(CapturedOutput output) {
            expect(
                    output,
                    WITH_KEY + "      assertion.bundle: sign\n" + "spring.ssl.bundle.pem.sign:\n"
                            + block(
                                    "keystore.certificate",
                                    new HeldCertificate.Builder()
                                            .ecdsa256()
                                            .build()
                                            .certificatePem())
                            + block("keystore.private-key", SampleKeys.pem(SampleKeys.P256)),
                    of("assertion.bundle")
                            + " names 'sign', whose key is none to sign with: the certificate is of another key",
                    ACTION);
        }

        @Test
        void haveFilesThatAreNotThere(CapturedOutput output) {
            String missing = folder.resolve("missing.pem").toString();
            expect(
                    output,
                    WITH_KEY + "      assertion.bundle: sign\nspring.ssl.bundle.pem.sign:\n"
                            + "  keystore.certificate: " + missing + "\n  keystore.private-key: " + missing + "\n",
                    of("assertion.bundle") + " names 'sign', whose stores cannot be loaded: there is no such file ("
                            + missing + ")",
                    "Correct it below spring.ssl.bundle.pem.sign or spring.ssl.bundle.jks.sign");
            expect(
                    output,
                    CLIENT + "      client-authentication: tls-client-auth\n      ssl.bundle: sign\n"
                            + "spring.ssl.bundle.pem.sign:\n  truststore.certificate: an-actual-secret\n",
                    of("ssl.bundle") + " names 'sign', whose stores cannot be loaded: there is no such file",
                    "Correct it below spring.ssl.bundle.pem.sign or spring.ssl.bundle.jks.sign");
        }

        @Test
        void haveNoKey(CapturedOutput output) {
            expect(
                    output,
                    WITH_KEY + "      assertion.bundle: sign\nspring.ssl.bundle.pem.sign:\n"
                            + block(
                                    "truststore.certificate",
                                    new HeldCertificate.Builder().build().certificatePem()),
                    of("assertion.bundle") + " names 'sign', which has no private key",
                    ACTION);
        }

        @Test
        void haveAKeyThatIsTooShort(CapturedOutput output) {
            KeyPair pair = SampleKeys.pair("RSA", 1024);
            expect(
                    output,
                    WITH_KEY + "      assertion.bundle: sign\n"
                            + pem(new HeldCertificate.Builder().keyPair(pair).build()),
                    of("assertion.bundle")
                            + " names 'sign', whose key is none to sign with: the RSA key has 1024 bits, and"
                            + " RS256 needs 2048 or more (RFC 7518, section 3.3); make another",
                    ACTION);
        }

        @Test
        void doNotFitTheAlgorithm(CapturedOutput output) {
            expect(
                    output,
                    WITH_KEY + "      assertion.bundle: sign\n      assertion.algorithm: PS256\n"
                            + pem(new HeldCertificate.Builder().ecdsa256().build()),
                    of("assertion.algorithm") + ": PS256 needs a key of the kind RSA, and this one is EC",
                    "Remove it for ES256, which is usual for this key, or give the other key");
        }

        @Test
        void haveSeveralKeysOrAnotherOneThanTheyName(CapturedOutput output) throws Exception {
            HeldCertificate held = new HeldCertificate.Builder().ecdsa256().build();
            Path store = SampleKeys.keyStore(folder, "JKS", "store-password", "key-password", Map.of("one", held));
            String bundle = WITH_KEY + "      assertion.bundle: sign\nspring.ssl.bundle.jks.sign:\n  keystore:\n"
                    + "    location: file:" + store + "\n    password: store-password\n";

            expect(
                    output,
                    bundle + "  key.password: another\n",
                    of("assertion.bundle")
                            + " names 'sign', which does not open its key 'one': key.password is missing or" + " wrong",
                    ACTION);
            SampleKeys.keyStore(folder, "JKS", "store-password", "key-password", Map.of("one", held, "other", held));
            MistakesInYamlTests.start(bundle, Application.class);
            assertThat(output.getAll())
                    .containsPattern(
                            "names 'sign', which has several private keys, (one and other|other and one), and its"
                                    + " key.alias names none of them\n");
        }
    }

    @Nested
    class Contradictions {

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                private-key-jwt   | client-secret: an-actual-secret     | client-secret would not be used: %sclient-authentication is private_key_jwt | Remove it, or write %sclient-authentication: client_secret_post
                private-key-jwt   | assertion.bundle: sign              | assertion.key and %sassertion.bundle each name a key | Keep one of them
                private-key-jwt   | assertion.file: /var/token          | assertion.file would not be used: %sclient-authentication is private_key_jwt | Write %sclient-authentication: assertion, or remove it
                private-key-jwt   | assertion.subject: ann              | assertion.subject would not be used: it is for the grant jwt-bearer alone | Write %sgrant: jwt-bearer, or remove it
                private-key-jwt   | assertion.issuer: x                 | assertion.issuer would not be used: it is for the grant jwt-bearer alone | Write %sgrant: jwt-bearer, or remove it
                private-key-jwt   | assertion.lifetime: 2h              | assertion.lifetime must be at most 1 h, was 2 h | Write a duration with its unit, such as 60s, or remove it
                private-key-jwt   | assertion.lifetime: 999ms           | assertion.lifetime must be at least 1 s, was 999 ms | Write a duration with its unit, such as 60s, or remove it
                private-key-jwt   | assertion.claims.aud: x             | assertion.claims.aud would be written twice | Set %sassertion.audience instead
                private-key-jwt   | assertion.claims.exp: 1             | assertion.claims.exp would be written twice | Set %sassertion.lifetime instead
                private-key-jwt   | assertion.claims.jti: x             | assertion.claims.jti would be written twice | Remove it: each assertion has its own
                private-key-jwt   | assertion.audience: ${IDP_ISSUER}   | assertion.audience is ${IDP_ISSUER}, which nothing resolves | Define IDP_ISSUER, for instance as an environment variable
                private-key-jwt   | parameters.client_assertion: x      | parameters.client_assertion would be sent twice | Remove it; the client writes client_assertion from its other properties
                private-key-jwt   | refresh.parameters.client_assertion_type: x | refresh.parameters.client_assertion_type would be sent twice | Remove it; the client writes client_assertion_type from its other properties
                """)
        void ofAClientWithAKey(String method, String line, String what, String action, CapturedOutput output) {
            expect(
                    output,
                    CLIENT + "      client-authentication: " + method + "\n"
                            + block("assertion.key", SampleKeys.pem(SampleKeys.P256)) + "      " + line + "\n",
                    of(what.replace("%s", of(""))),
                    action.replace("%s", of("")));
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                client-secret-post | assertion.key: file:/x       | assertion.key
                client-secret-post | assertion.key-password: an-actual-secret | assertion.key-password
                client-secret-post | assertion.bundle: sign       | assertion.bundle
                client-secret-post | assertion.key-id: k1         | assertion.key-id
                client-secret-post | assertion.algorithm: ES256   | assertion.algorithm
                client-secret-post | assertion.audience: x        | assertion.audience
                client-secret-post | assertion.type: JWT          | assertion.type
                client-secret-post | assertion.lifetime: 30s      | assertion.lifetime
                client-secret-post | assertion.claims.x: y        | assertion.claims
                client-secret-basic | assertion.key: file:/x      | assertion.key
                client-secret-basic-raw | assertion.audience: x   | assertion.audience
                client-secret-jwt  | assertion.key: file:/x       | assertion.key
                client-secret-jwt  | assertion.key-id: k1         | assertion.key-id
                none               | assertion.bundle: sign       | assertion.bundle
                """)
        void ofAClientWithoutAKey(String method, String line, String property, CapturedOutput output) {
            expect(
                    output,
                    CLIENT + "      client-authentication: " + method + "\n      " + line + "\n"
                            + (method.equals("none") ? "" : "      client-secret: an-actual-secret-of-32-characters\n"),
                    of(property) + " would not be used: " + of("client-authentication") + " is "
                            + (method.endsWith("raw") ? method : method.replace('-', '_')),
                    "Write " + of("client-authentication") + ": private_key_jwt, or remove it");
        }

        @Test
        void ofAnAlgorithmThatASecretDoesNotSignWith(CapturedOutput output) {
            expect(
                    output,
                    CLIENT + "      client-authentication: client-secret-jwt\n      assertion.algorithm: RS256\n"
                            + "      client-secret: an-actual-secret-of-32-characters\n",
                    of("assertion.algorithm") + " cannot be RS256: client_secret_jwt signs with HS256",
                    "Remove it, or write " + of("client-authentication") + ": private_key_jwt with a key");
        }

        @Test
        void ofASecretThatIsTooShortToSign(CapturedOutput output) {
            expect(
                    output,
                    CLIENT + "      client-authentication: client-secret-jwt\n      client-secret: an-actual-secret\n",
                    of("client-secret")
                            + ": the secret has 16 bytes, and HS256 needs 32 or more (RFC 7518, section 3.2); ask"
                            + " the provider for a longer one",
                    "Write the secret that the provider has for the client, or another " + of("client-authentication"));
        }

        @Test
        void ofAPasswordThatTheBundleHas(CapturedOutput output) {
            HeldCertificate held = new HeldCertificate.Builder().ecdsa256().build();
            expect(
                    output,
                    WITH_KEY + "      assertion.bundle: sign\n      assertion.key-password: an-actual-secret\n"
                            + "spring.ssl.bundle.pem.sign:\n"
                            + block("keystore.certificate", held.certificatePem())
                            + block("keystore.private-key", held.privateKeyPkcs8Pem()),
                    of("assertion.key-password") + " would not be used: the SSL bundle 'sign' opens its key itself",
                    "Write it at key.password below spring.ssl.bundle.pem.sign or spring.ssl.bundle.jks.sign, or remove it");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                client-secret: an-actual-secret | client-secret would not be used: %sclient-authentication is assertion | Remove it, or write %sclient-authentication: client_secret_post
                assertion.key: file:/x          | assertion.key would not be used: %sclient-authentication is assertion | Write %sclient-authentication: private_key_jwt, or remove it
                assertion.audience: x           | assertion.audience would not be used: %sclient-authentication is assertion | Write %sclient-authentication: private_key_jwt, or remove it
                """)
        void ofAnAssertionThatIsMadeElsewhere(String line, String what, String action, CapturedOutput output) {
            expect(
                    output,
                    CLIENT + "      client-authentication: assertion\n      assertion.file: /var/token\n      " + line
                            + "\n",
                    of(what.replace("%s", of(""))),
                    action.replace("%s", of("")));
        }

        @Test
        void ofAnAssertionFromNowhere(CapturedOutput output) {
            expect(
                    output,
                    CLIENT + "      client-authentication: assertion\n",
                    of("assertion.file") + " is missing",
                    "Set " + of("assertion.file")
                            + " or the environment variable MONOTOKEN_CLIENTS_ORDERS_ASSERTION_FILE to"
                            + " where the platform puts the assertion, or declare a MonotokenConnectionDetails bean with a"
                            + " clientAssertion");
        }

        @Test
        void ofAnIssuerThatNobodyIsTold(CapturedOutput output) {
            expect(
                    output,
                    CLIENT + "      client-secret: an-actual-secret\n      issuer: https://idp.example.com\n",
                    of("issuer") + " would not be used: it is the audience of assertions, and this client has none",
                    "Remove it: Monotoken asks no issuer where its token endpoint is; set " + of("token-uri")
                            + " to the token_endpoint that the issuer's address followed by"
                            + " /.well-known/openid-configuration shows");
        }

        @Test
        void ofAGrantWithoutASubject(CapturedOutput output) {
            expect(
                    output,
                    CLIENT.replace("client-credentials", "jwt-bearer") + "      client-authentication: none\n",
                    of("assertion.key") + " and " + of("assertion.bundle") + " are missing\n" + of("assertion.subject")
                            + " is missing",
                    "Set " + of("assertion.key")
                            + " to where the private key is, such as file:/run/secrets/orders.pem, or "
                            + of("assertion.bundle") + " to the name of an SSL bundle that has it\n" + "Set "
                            + of("assertion.subject")
                            + " or the environment variable MONOTOKEN_CLIENTS_ORDERS_ASSERTION_SUBJECT");
        }

        @Test
        void ofAGrantWhoseAssertionIsAParameterToo(CapturedOutput output) {
            expect(
                    output,
                    CLIENT.replace("client-credentials", "jwt-bearer")
                            + "      client-authentication: none\n      assertion.subject: ann\n      parameters.assertion: x\n"
                            + block("assertion.key", SampleKeys.pem(SampleKeys.P256)),
                    of("parameters.assertion") + " would be sent twice",
                    "Remove it; the client writes assertion from its other properties");
        }

        @Test
        void ofPlainHttp(CapturedOutput output) {
            expect(
                    output,
                    WITH_KEY.replace("https://idp.example.com", "http://idp")
                            + block("assertion.key", SampleKeys.pem(SampleKeys.P256)),
                    of("token-uri") + " is plain http, which is for loopback addresses alone, was http://idp",
                    "Write an https address; " + of("allow-plain-http")
                            + ": true allows http, and whoever reads the network then knows the client's assertions and every"
                            + " token");
        }
    }

    @Test
    void nothingIsShownOfAKeyThatIsNotUtf8(CapturedOutput output) throws Exception {
        Path file = Files.write(
                folder.resolve("key.der"), SampleKeys.P256.getPrivate().getEncoded());
        expect(
                output,
                WITH_KEY + "      assertion.key: " + file + "\n",
                of("assertion.key") + " (" + file
                        + "): the key is not text but binary, as DER is;"
                        + " 'openssl pkey -inform DER -in key.der -out key.pem' converts it",
                TO_WRITE_A_KEY);
        assertThat(output)
                .doesNotContain(
                        new String(SampleKeys.P256.getPrivate().getEncoded(), StandardCharsets.UTF_8).substring(0, 10));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
