package io.monotoken.spring.autoconfigure;

import io.monotoken.AssertionSettings;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Assertion;
import io.monotoken.spring.autoconfigure.MonotokenProperties.AuthenticationMethod;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Client;
import io.monotoken.spring.autoconfigure.MonotokenProperties.GrantType;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reports properties that contradict how a client proves who it is: a key, a secret or a certificate that would be left out, two
 * where one is needed, or none.
 */
final class ProofRules {

    private static final String TO_SIGN = ": private_key_jwt, or remove it";

    private final ConfiguredClient client;
    private final Client properties;
    private final Assertion assertion;
    private final ClientValidation validation;

    ProofRules(ConfiguredClient client, ClientValidation validation) {
        this.client = client;
        this.properties = client.properties();
        this.assertion = properties.assertion();
        this.validation = validation;
    }

    void check(@Nullable URI tokenUri, ClientBundles bundles) {
        AuthenticationMethod method = properties.clientAuthentication();
        boolean forTheGrant = client.grantType() == GrantType.JWT_BEARER;
        boolean withSecret = method == AuthenticationMethod.CLIENT_SECRET_JWT;
        boolean withKey = method == AuthenticationMethod.PRIVATE_KEY_JWT || forTheGrant;
        if (!withKey) {
            unusedKey(withSecret);
        }
        if (!withKey && !withSecret) {
            unusedContent();
        }
        if (method != AuthenticationMethod.ASSERTION && isGiven(assertion.file())) {
            unused("assertion.file", "Write " + authentication() + ": assertion, or remove it");
        }
        if (!forTheGrant) {
            given("assertion.subject", assertion.subject(), "assertion.issuer", assertion.issuer())
                    .forEach(property -> validation.report(
                            client.property(property) + " would not be used: it is for the grant jwt-bearer alone",
                            "Write " + client.property("grant") + ": jwt-bearer, or remove it"));
        }
        oneKey(withKey);
        switch (method) {
            case PRIVATE_KEY_JWT, ASSERTION -> unusedSecret();
            case TLS_CLIENT_AUTH, SELF_SIGNED_TLS_CLIENT_AUTH -> {
                unusedSecret();
                if (!client.hasStandIn()) {
                    certificate(method, tokenUri, bundles);
                }
            }
            case CLIENT_SECRET_POST, CLIENT_SECRET_BASIC, CLIENT_SECRET_BASIC_RAW, CLIENT_SECRET_JWT, NONE -> {}
        }
    }

    /** Checks what the grant's assertions are made of, where a customizer says who the client is. */
    void checkTheGrant() {
        oneKey(client.grantType() == GrantType.JWT_BEARER);
    }

    private void unusedKey(boolean withSecret) {
        given(
                        "assertion.key", assertion.key(),
                        "assertion.key-password", assertion.keyPassword(),
                        "assertion.bundle", assertion.bundle(),
                        "assertion.key-id", assertion.keyId())
                .forEach(property -> unused(property, "Write " + authentication() + TO_SIGN));
        String algorithm = assertion.algorithm();
        if (isGiven(algorithm) && !withSecret) {
            unused("assertion.algorithm", "Write " + authentication() + TO_SIGN);
        } else if (isGiven(algorithm) && !"HS256".equals(algorithm)) {
            validation.report(
                    client.property("assertion.algorithm") + " cannot be " + algorithm
                            + ": client_secret_jwt signs with" + " HS256",
                    "Remove it, or write " + authentication() + ": private_key_jwt with a key");
        }
    }

    private void unusedContent() {
        given("assertion.audience", assertion.audience(), "assertion.type", assertion.type())
                .forEach(property -> unused(property, "Write " + authentication() + TO_SIGN));
        if (!assertion.lifetime().equals(Duration.ofSeconds(AssertionSettings.DEFAULT_LIFETIME_SECONDS))) {
            unused("assertion.lifetime", "Write " + authentication() + TO_SIGN);
        }
        if (!assertion.claims().isEmpty()) {
            unused("assertion.claims", "Write " + authentication() + TO_SIGN);
        }
        if (isGiven(properties.issuer())) {
            validation.report(
                    client.property("issuer")
                            + " would not be used: it is the audience of assertions, and this client has" + " none",
                    "Remove it: Monotoken asks no issuer where its token endpoint is; set "
                            + client.property("token-uri")
                            + " to the token_endpoint that the issuer's address followed by"
                            + " /.well-known/openid-configuration shows");
        }
    }

    private void oneKey(boolean withKey) {
        if (!withKey || !isGiven(assertion.bundle())) {
            return;
        }
        if (isGiven(assertion.key())) {
            validation.report(
                    client.property("assertion.key") + " and " + client.property("assertion.bundle")
                            + " each name a key",
                    "Keep one of them");
        } else if (isGiven(assertion.keyPassword())) {
            validation.report(
                    client.property("assertion.key-password") + " would not be used: the SSL bundle '"
                            + assertion.bundle() + "' opens its key itself",
                    "Write it at key.password below spring.ssl.bundle.pem." + assertion.bundle()
                            + " or spring.ssl.bundle.jks." + assertion.bundle() + ", or remove it");
        }
    }

    private void unusedSecret() {
        if (isGiven(properties.clientSecret())) {
            unused("client-secret", "Remove it, or write " + authentication() + ": client_secret_post");
        }
    }

    private void certificate(AuthenticationMethod method, @Nullable URI tokenUri, ClientBundles bundles) {
        String property = client.property("ssl.bundle");
        String written = UnknownValueFailureAnalyzer.written(method);
        String bundle = properties.ssl().bundle();
        if (bundle == null || bundle.isBlank()) {
            validation.report(
                    property + " is missing: " + written + " needs a certificate to show, and its key",
                    "Set " + property + " to an SSL bundle that has both");
        } else if (!ClientBundles.hasKey(bundles.bundle(property, bundle))) {
            validation.report(
                    property + " names '" + bundle + "', which has no private key: " + written
                            + " needs a certificate to show, and its key",
                    "Set spring.ssl.bundle.pem." + bundle
                            + ".keystore.certificate and .private-key, or spring.ssl.bundle.jks." + bundle
                            + ".keystore.location");
        }
        if (tokenUri != null && "http".equalsIgnoreCase(tokenUri.getScheme())) {
            validation.report(
                    client.property("token-uri") + " is plain http, and " + written
                            + " shows a certificate, which needs" + " https",
                    "Write an https address, or another " + authentication());
        }
    }

    private void unused(String property, String action) {
        validation.report(
                client.property(property) + " would not be used: " + authentication() + " is "
                        + UnknownValueFailureAnalyzer.written(properties.clientAuthentication()),
                action);
    }

    private String authentication() {
        return client.property("client-authentication");
    }

    /** {@return names of the properties that have a value, given by name and value in turns} */
    private static Iterable<String> given(@Nullable String... namesAndValues) {
        Map<String, String> given = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            String value = namesAndValues[i + 1];
            if (isGiven(value)) {
                given.put(String.valueOf(namesAndValues[i]), value);
            }
        }
        return given.keySet();
    }

    private static boolean isGiven(@Nullable String value) {
        return value != null && !value.isBlank();
    }
}
