package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import io.monotoken.TokenSource;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Clients whose properties say that an assertion proves who they are, and what the token endpoint then gets. */
class ClientAssertionTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
    private static final String SECRET = "a-client-secret-of-32-characters";
    private static final String JWT = "eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJl";

    @StartStop
    private final MockWebServer provider = new MockWebServer();

    @TempDir
    private Path folder;

    private final List<Map<String, String>> forms = new ArrayList<>();

    private ApplicationContextRunner client(String... properties) {
        ApplicationContextRunner runner = new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(
                        "monotoken.clients.orders.token-uri=" + provider.url("/token"),
                        "monotoken.clients.orders.grant=client-credentials",
                        "monotoken.clients.orders.client-id=orders");
        for (String property : properties) {
            runner = runner.withPropertyValues(
                    property.startsWith("spring.") ? property : "monotoken.clients.orders." + property);
        }
        return runner;
    }

    /** Lets the client ask for a token that it does not get, so that it asks each time, and reads the form that it sent. */
    private Map<String, String> login(ApplicationContext context) {
        provider.enqueue(new MockResponse.Builder()
                .code(400)
                .body("{\"error\":\"invalid_scope\"}")
                .build());
        TokenSource tokens = context.getBean(TokenSource.class);
        tokens.reset();
        StepVerifier.create(tokens.token())
                .expectErrorSatisfies(error -> assertThat(error).hasMessageContaining("invalid_scope"))
                .verify(FIVE_SECONDS);
        return takeForm();
    }

    private Map<String, String> takeForm() {
        RecordedRequest request;
        try {
            request = Objects.requireNonNull(provider.takeRequest(5, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        assertThat(request.getHeaders().get("Authorization")).isNull();
        Map<String, String> form = Arrays.stream(
                        Objects.requireNonNull(request.getBody()).utf8().split("&", -1))
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(
                        field -> field[0], field -> URLDecoder.decode(field[1], StandardCharsets.UTF_8)));
        forms.add(form);
        return form;
    }

    private Map<String, String> form(String... properties) {
        client(properties).run(context -> {
            assertThat(context).hasNotFailed();
            login(context);
        });
        return forms.get(forms.size() - 1);
    }

    private static SignedJWT assertion(Map<String, String> form) throws Exception {
        assertThat(form)
                .containsEntry("client_id", "orders")
                .containsEntry("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .doesNotContainKey("client_secret");
        return SignedJWT.parse(form.get("client_assertion"));
    }

    private String file(String text) throws Exception {
        return Files.writeString(folder.resolve("orders.pem"), text).toString();
    }

    @Nested
    class AKey {

        @ParameterizedTest
        @ValueSource(strings = {"RS256", "ES256", "ES384", "EdDSA"})
        void isAFileWhoseKindChoosesTheAlgorithm(String algorithm) throws Exception {
            KeyPair pair = SampleKeys.named(algorithm);

            SignedJWT assertion = assertion(form(
                    "client-authentication=private-key-jwt",
                    "assertion.key=file:" + file(SampleKeys.pem(pair)),
                    "assertion.key-id=k1"));

            assertThat(SampleKeys.signed(assertion, pair)).isTrue();
            assertThat(assertion.getHeader().toJSONObject())
                    .containsOnly(
                            Map.entry("alg", algorithm),
                            Map.entry("kid", "k1"),
                            Map.entry("typ", "client-authentication+jwt"));
            assertThat(assertion.getPayload().toJSONObject())
                    .containsOnlyKeys("iss", "sub", "aud", "jti", "iat", "exp")
                    .containsEntry("iss", "orders")
                    .containsEntry("sub", "orders")
                    .containsEntry("aud", provider.url("/token").toString());
        }

        @Test
        void isAPathWithoutAScheme() throws Exception {
            assertThat(SampleKeys.signed(
                            assertion(form(
                                    "client-authentication=private_key_jwt",
                                    "assertion.key=" + file(SampleKeys.pem(SampleKeys.P256)))),
                            SampleKeys.P256))
                    .isTrue();
        }

        @Test
        void isEncodedAsSpringBootHasItsResources() throws Exception {
            String encoded = Base64.getEncoder()
                    .encodeToString(SampleKeys.pem(SampleKeys.P256).getBytes(StandardCharsets.UTF_8));

            assertThat(SampleKeys.signed(
                            assertion(form("client-authentication=private-key-jwt", "assertion.key=base64:" + encoded)),
                            SampleKeys.P256))
                    .isTrue();
        }

        @Test
        void isTextOnSeveralLinesOrOne() throws Exception {
            String pem = SampleKeys.pem(SampleKeys.P256);
            for (String text : List.of(pem, pem.replace('\n', ' '), "Bag Attributes\n  x: y\n" + pem)) {
                SignedJWT assertion = assertion(form("client-authentication=private-key-jwt", "assertion.key=" + text));

                assertThat(SampleKeys.signed(assertion, SampleKeys.P256)).isTrue();
            }
        }

        @Test
        void isEncrypted() throws Exception {
            SignedJWT assertion = assertion(form(
                    "client-authentication=private-key-jwt",
                    "assertion.key=" + file(SampleKeys.encryptedPem(SampleKeys.RSA, "sample-password")),
                    "assertion.key-password=sample-password"));

            assertThat(SampleKeys.signed(assertion, SampleKeys.RSA)).isTrue();
        }

        @Test
        void isAJsonWebKeyWithItsIdAndAlgorithm() throws Exception {
            String jwk = new RSAKey.Builder((RSAPublicKey) SampleKeys.RSA.getPublic())
                    .privateKey(SampleKeys.RSA.getPrivate())
                    .keyID("of-the-key")
                    .algorithm(JWSAlgorithm.PS256)
                    .build()
                    .toJSONString();

            for (String key : List.of(jwk, file(jwk))) {
                SignedJWT assertion = assertion(form("client-authentication=private-key-jwt", "assertion.key=" + key));

                assertThat(SampleKeys.signed(assertion, SampleKeys.RSA)).isTrue();
                assertThat(assertion.getHeader().getAlgorithm().getName()).isEqualTo("PS256");
                assertThat(assertion.getHeader().getKeyID()).isEqualTo("of-the-key");
            }
        }

        @Test
        void mayHaveAnotherIdAndAlgorithmThanItsOwn() throws Exception {
            String jwk = new RSAKey.Builder((RSAPublicKey) SampleKeys.RSA.getPublic())
                    .privateKey(SampleKeys.RSA.getPrivate())
                    .keyID("of-the-key")
                    .build()
                    .toJSONString();

            SignedJWT assertion = assertion(form(
                    "client-authentication=private-key-jwt",
                    "assertion.key=" + jwk,
                    "assertion.algorithm=PS256",
                    "assertion.key-id=mine"));

            assertThat(SampleKeys.signed(assertion, SampleKeys.RSA)).isTrue();
            assertThat(assertion.getHeader().getAlgorithm().getName()).isEqualTo("PS256");
            assertThat(assertion.getHeader().getKeyID()).isEqualTo("mine");
        }

        @Test
        void isThatOfABundle() throws Exception {
            HeldCertificate held = new HeldCertificate.Builder().ecdsa256().build();

            SignedJWT assertion = assertion(form(
                    "client-authentication=private-key-jwt",
                    "assertion.bundle=sign",
                    "assertion.key-id=k1",
                    "spring.ssl.bundle.pem.sign.keystore.certificate=" + held.certificatePem(),
                    "spring.ssl.bundle.pem.sign.keystore.private-key=" + held.privateKeyPkcs8Pem()));

            assertThat(SampleKeys.signed(assertion, held.keyPair())).isTrue();
            assertThat(assertion.getHeader().getKeyID()).isEqualTo("k1");
            assertThat(assertion.getHeader().getX509CertSHA256Thumbprint())
                    .isEqualTo(Base64URL.encode(MessageDigest.getInstance("SHA-256")
                            .digest(held.certificate().getEncoded())));
        }

        @Test
        void isTheOneThatAKeyStoreNames() throws Exception {
            HeldCertificate one = new HeldCertificate.Builder().ecdsa256().build();
            HeldCertificate other = new HeldCertificate.Builder().rsa2048().build();

            SignedJWT assertion = assertion(form(
                    "client-authentication=private-key-jwt",
                    "assertion.bundle=sign",
                    "spring.ssl.bundle.jks.sign.key.alias=other",
                    "spring.ssl.bundle.jks.sign.key.password=key-password",
                    "spring.ssl.bundle.jks.sign.keystore.password=store-password",
                    "spring.ssl.bundle.jks.sign.keystore.location="
                            + SampleKeys.keyStore(
                                    folder,
                                    "JKS",
                                    "store-password",
                                    "key-password",
                                    Map.of("one", one, "other", other))));

            assertThat(SampleKeys.signed(assertion, other.keyPair())).isTrue();
        }

        @Test
        void opensWithThePasswordOfTheKeyStore() throws Exception {
            HeldCertificate one = new HeldCertificate.Builder().ecdsa256().build();

            SignedJWT assertion = assertion(form(
                    "client-authentication=private-key-jwt",
                    "assertion.bundle=sign",
                    "spring.ssl.bundle.jks.sign.keystore.password=store-password",
                    "spring.ssl.bundle.jks.sign.keystore.type=PKCS12",
                    "spring.ssl.bundle.jks.sign.keystore.location="
                            + SampleKeys.keyStore(
                                    folder, "PKCS12", "store-password", "store-password", Map.of("one", one))));

            assertThat(SampleKeys.signed(assertion, one.keyPair())).isTrue();
        }
    }

    @Nested
    class WhatItSays {

        private static final String CLAIMS = "monotoken.clients.orders.assertion.claims.";

        private SignedJWT of(String... properties) throws Exception {
            String[] all = Arrays.copyOf(properties, properties.length + 2);
            all[properties.length] = "client-authentication=private-key-jwt";
            all[properties.length + 1] = "assertion.key=" + SampleKeys.pem(SampleKeys.P256);
            return assertion(form(all));
        }

        @Test
        void isForTheIssuer() throws Exception {
            assertThat(of("issuer=https://idp.example/realms/x").getPayload().toJSONObject())
                    .containsEntry("aud", "https://idp.example/realms/x");
        }

        @Test
        void isForTheAudienceBeforeTheIssuer() throws Exception {
            assertThat(of("issuer=https://idp.example/realms/x", "assertion.audience=urn:idp")
                            .getPayload()
                            .toJSONObject())
                    .containsEntry("aud", "urn:idp");
        }

        @Test
        void hasTypeAndLifetime() throws Exception {
            SignedJWT assertion = of("assertion.type=JWT", "assertion.lifetime=90s");

            assertThat(assertion.getHeader().getType().getType()).isEqualTo("JWT");
            assertThat(assertion.getJWTClaimsSet().getExpirationTime())
                    .isEqualTo(assertion
                            .getJWTClaimsSet()
                            .getIssueTime()
                            .toInstant()
                            .plusSeconds(90));
        }

        @Test
        void hasFurtherClaims() {
            client("client-authentication=private-key-jwt", "assertion.key=" + SampleKeys.pem(SampleKeys.P256))
                    .withInitializer(context -> context.getEnvironment()
                            .getPropertySources()
                            .addFirst(new MapPropertySource(
                                    "claims",
                                    Map.of(
                                            "tenant",
                                            "t1",
                                            CLAIMS + "tenant_id",
                                            "${tenant}",
                                            CLAIMS + "[https://x.example/level]",
                                            4,
                                            CLAIMS + "mfa",
                                            true,
                                            CLAIMS + "roles[0]",
                                            "a",
                                            CLAIMS + "roles[1]",
                                            "b",
                                            CLAIMS + "act.sub",
                                            "batch"))))
                    .run(context -> assertThat(
                                    assertion(login(context)).getPayload().toJSONObject())
                            .containsEntry("tenant_id", "t1")
                            .containsEntry("https://x.example/level", 4L)
                            .containsEntry("mfa", true)
                            .containsEntry("roles", List.of("a", "b"))
                            .containsEntry("act", Map.of("sub", "batch")));
        }

        @Test
        void hasClaimsOfEnvironmentVariables() throws Exception {
            client(
                            "client-authentication=private-key-jwt",
                            "assertion.key=" + SampleKeys.pem(SampleKeys.P256),
                            "assertion.claims.user_Id=7")
                    .withInitializer(context -> context.getEnvironment()
                            .getPropertySources()
                            .addFirst(new SystemEnvironmentPropertySource(
                                    StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                    Map.of(
                                            "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_CLAIMS_TENANT_ID", "t1",
                                            "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_CLAIMS_ROLES_0", "a",
                                            "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_CLAIMS_USER_ID", "8",
                                            "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_KEYID", "k1",
                                            "MONOTOKEN_CLIENTS_ORDERS_ASSERTION_AUDIENCE", "urn:idp"))))
                    .run(context -> {
                        SignedJWT assertion = assertion(login(context));

                        assertThat(assertion.getHeader().getKeyID()).isEqualTo("k1");
                        assertThat(assertion.getPayload().toJSONObject())
                                .containsOnlyKeys(
                                        "iss", "sub", "aud", "jti", "iat", "exp", "tenant_id", "roles", "user_Id")
                                .containsEntry("aud", "urn:idp")
                                .containsEntry("tenant_id", "t1")
                                .containsEntry("user_Id", "8")
                                .containsEntry("roles", List.of("a"));
                    });
        }

        @ParameterizedTest
        @ValueSource(strings = {"userId", "user_id", "[user_id]", "user-id", "userid"})
        void hasTheClaimOfAVariableByTheNameThatAFileHas(String written) {
            client("client-authentication=private-key-jwt", "assertion.key=" + SampleKeys.pem(SampleKeys.P256))
                    .withInitializer(context -> context.getEnvironment()
                            .getPropertySources()
                            .addFirst(new SystemEnvironmentPropertySource(
                                    StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                    Map.of("MONOTOKEN_CLIENTS_ORDERS_ASSERTION_CLAIMS_USER_ID", "8"))))
                    .withInitializer(context -> context.getEnvironment()
                            .getPropertySources()
                            .addLast(new MapPropertySource("file", Map.of(CLAIMS + written, 7))))
                    .run(context -> assertThat(
                                    assertion(login(context)).getPayload().toJSONObject())
                            .containsOnlyKeys(
                                    "iss", "sub", "aud", "jti", "iat", "exp", written.replaceAll("[\\[\\]]", ""))
                            .containsValue("8"));
        }

        @Test
        void isAnotherForEachRequest() {
            client("client-authentication=private-key-jwt", "assertion.key=" + SampleKeys.pem(SampleKeys.P256))
                    .run(context -> {
                        String first =
                                assertion(login(context)).getJWTClaimsSet().getJWTID();

                        assertThat(assertion(login(context))
                                        .getPayload()
                                        .toJSONObject()
                                        .get("jti"))
                                .isNotEqualTo(first);
                    });
        }
    }

    @Test
    void aSecretSigns() throws Exception {
        Map<String, String> form =
                form("client-authentication=client-secret-jwt", "client-secret=" + SECRET, "assertion.algorithm=HS256");

        assertThat(assertion(form).verify(new MACVerifier(SECRET))).isTrue();
        assertThat(form.values()).noneMatch(value -> value.contains(SECRET));
    }

    @Nested
    class MadeElsewhere {

        @ParameterizedTest
        @ValueSource(strings = {"", "file:"})
        void isInAFileThatIsReadForEachRequest(String scheme) {
            Path file = folder.resolve("token");
            try (LogLines lines = new LogLines(AssertionMapper.class, Level.WARN)) {
                client("client-authentication=assertion", "assertion.file=" + scheme + file)
                        .run(context -> {
                            assertThat(lines.all())
                                    .containsExactly("WARN monotoken.clients.orders.assertion.file is not there, at "
                                            + file + "; it is looked for at each token request, and none is sent"
                                            + " without it");
                            Files.writeString(file, JWT + "\n");
                            assertThat(login(context)).containsEntry("client_assertion", JWT);
                            Files.writeString(file, JWT + "x");
                            assertThat(login(context)).containsEntry("client_assertion", JWT + "x");
                        });
            }
        }

        @Test
        void isNotWarnedOfWhereTheFileIsThere() throws Exception {
            try (LogLines lines = new LogLines(AssertionMapper.class, Level.WARN)) {
                form("client-authentication=assertion", "assertion.file=" + file(JWT));

                assertThat(lines.all()).isEmpty();
            }
        }

        @Test
        void comesFromConnectionDetails() {
            AtomicInteger n = new AtomicInteger();
            client("client-authentication=assertion")
                    .withBean(MonotokenConnectionDetails.class, () -> new MonotokenConnectionDetails() {
                        @Override
                        public Mono<String> clientAssertion(String client) {
                            return Mono.fromSupplier(() -> "e30.e30." + client + n.incrementAndGet());
                        }
                    })
                    .run(context -> {
                        assertThat(login(context)).containsEntry("client_assertion", "e30.e30.orders1");
                        assertThat(login(context)).containsEntry("client_assertion", "e30.e30.orders2");
                    });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "client-secret-post, false",
        "client-secret-basic, true",
        "client-secret-basic-raw, true",
        "client-secret-jwt, false"
    })
    void aSecretOfConnectionDetailsMayChange(String method, boolean inTheHeader) {
        AtomicInteger n = new AtomicInteger();
        client("client-authentication=" + method, "client-secret=not-that-one")
                .withBean(MonotokenConnectionDetails.class, () -> new MonotokenConnectionDetails() {
                    @Override
                    public Mono<String> changingClientSecret(String client) {
                        return Mono.fromSupplier(() -> SECRET + n.incrementAndGet());
                    }
                })
                .run(context -> {
                    provider.enqueue(new MockResponse.Builder()
                            .body("{\"access_token\":\"abc\",\"expires_in\":1800}")
                            .build());
                    assertThat(context.getBean(TokenSource.class).token().block(FIVE_SECONDS))
                            .isNotNull();
                    RecordedRequest request = Objects.requireNonNull(provider.takeRequest(5, TimeUnit.SECONDS));
                    String form = Objects.requireNonNull(request.getBody()).utf8();

                    if (inTheHeader) {
                        assertThat(request.getHeaders().get("Authorization"))
                                .isEqualTo("Basic "
                                        + Base64.getEncoder()
                                                .encodeToString(
                                                        ("orders:" + SECRET + "1").getBytes(StandardCharsets.UTF_8)));
                    } else if (method.equals("client-secret-jwt")) {
                        String jwt = form.replaceFirst(".*client_assertion=([^&]*).*", "$1");
                        assertThat(SignedJWT.parse(jwt).verify(new MACVerifier(SECRET + "1")))
                                .isTrue();
                    } else {
                        assertThat(form).contains("client_secret=" + SECRET + "1");
                    }
                });
    }

    @Nested
    class TheJwtBearerGrant {

        private static final String GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

        @Test
        void standsForTheSubjectBesideASecret() throws Exception {
            Map<String, String> form = form(
                    "grant=jwt-bearer",
                    "client-secret=" + SECRET,
                    "scopes=read,write",
                    "parameters.resource=api",
                    "assertion.subject=ann@example.com",
                    "assertion.key=" + SampleKeys.pem(SampleKeys.RSA));

            assertThat(form)
                    .containsEntry("grant_type", GRANT)
                    .containsEntry("scope", "read write")
                    .containsEntry("resource", "api")
                    .containsEntry("client_secret", SECRET)
                    .doesNotContainKey("client_assertion");
            SignedJWT assertion = SignedJWT.parse(form.get("assertion"));
            assertThat(SampleKeys.signed(assertion, SampleKeys.RSA)).isTrue();
            assertThat(assertion.getHeader().getType().getType()).isEqualTo("JWT");
            assertThat(assertion.getPayload().toJSONObject())
                    .containsEntry("iss", "orders")
                    .containsEntry("sub", "ann@example.com")
                    .containsEntry("aud", provider.url("/token").toString());
        }

        @Test
        void hasItsOwnIssuerTypeAndAudience() throws Exception {
            SignedJWT assertion = SignedJWT.parse(form(
                            "grant=jwt-bearer",
                            "client-authentication=none",
                            "issuer=https://idp.example",
                            "assertion.subject=ann",
                            "assertion.issuer=https://sts.example",
                            "assertion.type=at+jwt",
                            "assertion.key=" + SampleKeys.pem(SampleKeys.P256))
                    .get("assertion"));

            assertThat(assertion.getHeader().getType().getType()).isEqualTo("at+jwt");
            assertThat(assertion.getPayload().toJSONObject())
                    .containsEntry("iss", "https://sts.example")
                    .containsEntry("aud", "https://idp.example");
        }

        @Test
        void signsWithTheKeyThatTheClientSignsWith() throws Exception {
            Map<String, String> form = form(
                    "grant=jwt-bearer",
                    "client-authentication=private-key-jwt",
                    "assertion.subject=ann",
                    "assertion.audience=https://idp.example",
                    "assertion.type=client-authentication+jwt",
                    "assertion.lifetime=30s",
                    "assertion.claims.tenant=t1",
                    "assertion.key=" + SampleKeys.pem(SampleKeys.P256));

            SignedJWT ofTheClient = assertion(form);
            SignedJWT ofTheGrant = SignedJWT.parse(form.get("assertion"));
            for (SignedJWT each : List.of(ofTheClient, ofTheGrant)) {
                assertThat(SampleKeys.signed(each, SampleKeys.P256)).isTrue();
                assertThat(each.getPayload().toJSONObject())
                        .containsEntry("aud", "https://idp.example")
                        .containsEntry("tenant", "t1");
            }
            assertThat(ofTheClient.getHeader().getType().getType()).isEqualTo("client-authentication+jwt");
            assertThat(ofTheGrant.getHeader().getType().getType()).isEqualTo("JWT");
            assertThat(ofTheClient.getPayload().toJSONObject()).containsEntry("sub", "orders");
            assertThat(ofTheGrant.getPayload().toJSONObject()).containsEntry("sub", "ann");
            assertThat(ofTheGrant.getPayload().toJSONObject().get("jti"))
                    .isNotEqualTo(ofTheClient.getPayload().toJSONObject().get("jti"));
        }

        @Test
        void goesBesideAnAssertionThatIsMadeElsewhere() throws Exception {
            Map<String, String> form = form(
                    "grant=jwt-bearer",
                    "client-authentication=assertion",
                    "assertion.file=" + file(JWT),
                    "assertion.subject=ann",
                    "assertion.key=" + SampleKeys.pem(SampleKeys.P256));

            assertThat(form).containsEntry("client_assertion", JWT);
            assertThat(SampleKeys.signed(SignedJWT.parse(form.get("assertion")), SampleKeys.P256))
                    .isTrue();
        }
    }

    @Nested
    class AnotherKey {

        private final ECKey first = ecKey(SampleKeys.P256, "k1");
        private final ECKey second = ecKey(SampleKeys.curve("secp256r1"), "k2");

        private static ECKey ecKey(KeyPair pair, String id) {
            return new ECKey.Builder(Curve.P_256, (ECPublicKey) pair.getPublic())
                    .privateKey(pair.getPrivate())
                    .keyID(id)
                    .build();
        }

        private void expectKey(ApplicationContext context, ECKey key) throws Exception {
            SignedJWT assertion = assertion(login(context));

            assertThat(assertion.getHeader().getKeyID()).isEqualTo(key.getKeyID());
            assertThat(SampleKeys.signed(assertion, key.toKeyPair())).isTrue();
        }

        @Test
        void ofTheFileSignsTheNextAssertion() throws Exception {
            String file = file(first.toJSONString());
            client("client-authentication=private-key-jwt", "assertion.key=" + file)
                    .run(context -> {
                        expectKey(context, first);
                        file(second.toJSONString());
                        expectKey(context, second);
                    });
        }

        @Test
        void goesOnWhereTheFileHasNoneAnyMore() throws Exception {
            String file = file(first.toJSONString());
            try (LogLines lines = new LogLines(AssertionKey.class, Level.INFO)) {
                client("client-authentication=private-key-jwt", "assertion.key=file:" + file)
                        .run(context -> {
                            expectKey(context, first);
                            Files.delete(Path.of(file));
                            expectKey(context, first);
                            expectKey(context, first);
                            file("{\"kty\":");
                            expectKey(context, first);
                            file(second.toJSONString());
                            expectKey(context, second);
                        });

                String property = "monotoken.clients.orders.assertion.key";
                String start = "WARN " + property + " has no usable key any more, and the last one goes on: " + property
                        + " (file:" + file + "): ";
                assertThat(lines.all())
                        .containsExactly(
                                start + "there is no such file",
                                start + "the key is no JSON",
                                "INFO " + property + " has another key, which signs from now on");
            }
        }

        @Test
        void ofTheBundleSignsTheNextAssertion() {
            HeldCertificate before = new HeldCertificate.Builder().ecdsa256().build();
            HeldCertificate after = new HeldCertificate.Builder().rsa2048().build();
            client(
                            "client-authentication=private-key-jwt",
                            "assertion.bundle=sign",
                            "spring.ssl.bundle.pem.sign.keystore.certificate=" + before.certificatePem(),
                            "spring.ssl.bundle.pem.sign.keystore.private-key=" + before.privateKeyPkcs8Pem(),
                            "spring.ssl.bundle.pem.next.keystore.certificate=" + after.certificatePem(),
                            "spring.ssl.bundle.pem.next.keystore.private-key=" + after.privateKeyPkcs8Pem(),
                            "spring.ssl.bundle.pem.none.truststore.certificate=" + after.certificatePem())
                    .run(context -> {
                        SslBundleRegistry registry = context.getBean(SslBundleRegistry.class);
                        SslBundles bundles = context.getBean(SslBundles.class);
                        assertThat(SampleKeys.signed(assertion(login(context)), before.keyPair()))
                                .isTrue();

                        registry.updateBundle("sign", bundles.getBundle("next"));
                        assertThat(SampleKeys.signed(assertion(login(context)), after.keyPair()))
                                .isTrue();

                        try (LogLines lines = new LogLines(AssertionKey.class, Level.WARN)) {
                            registry.updateBundle("sign", bundles.getBundle("none"));
                            assertThat(SampleKeys.signed(assertion(login(context)), after.keyPair()))
                                    .isTrue();
                            assertThat(lines.all())
                                    .singleElement()
                                    .asString()
                                    .endsWith("the last one goes on: monotoken.clients.orders.assertion.bundle names"
                                            + " 'sign', which has no private key");
                        }
                    });
        }
    }
}
