package io.monotoken.spring.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import io.monotoken.AssertionSettings;
import io.monotoken.Grant;
import io.monotoken.JwtBearerGrant;
import io.monotoken.SigningKey;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Assertion;
import io.monotoken.spring.autoconfigure.MonotokenProperties.AuthenticationMethod;
import java.io.FileNotFoundException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ResourceUtils;
import reactor.core.publisher.Mono;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Makes of the properties below {@code assertion} what proves the client, and the grant that shows an assertion. Both sign with
 * the same key. {@link ProofRules} has reported what contradicts itself.
 */
final class AssertionMapper {

    private static final Logger log = Loggers.getLogger(AssertionMapper.class);

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    /** What each assertion says by itself, and the property that sets it. */
    private static final Map<String, String> OWN_CLAIMS = Map.of(
            "aud", "assertion.audience",
            "iss", "assertion.issuer",
            "sub", "assertion.subject",
            "exp", "assertion.lifetime",
            "iat", "",
            "jti", "");

    private final ConfiguredClient client;
    private final Assertion properties;
    private final ClientValidation validation;
    private final ClientBundles bundles;
    private boolean asked;
    private @Nullable Mono<SigningKey> keys;
    private @Nullable AssertionSettings settings;

    AssertionMapper(ConfiguredClient client, ClientValidation validation, ClientBundles bundles) {
        this.client = client;
        this.properties = client.properties().assertion();
        this.validation = validation;
        this.bundles = bundles;
    }

    @Nullable
    ClientAuthentication privateKeyJwt(String id) {
        Mono<SigningKey> key = keys();
        AssertionSettings typed = ofTheClient();
        return key == null || id.isEmpty() ? null : ClientAuthentication.privateKeyJwt(id, key, typed);
    }

    @Nullable
    ClientAuthentication clientSecretJwt(String id) {
        AssertionSettings typed = ofTheClient();
        Mono<String> changing = client.changingClientSecret();
        String orAny = id.isEmpty() ? "unknown" : id;
        if (changing != null) {
            return ClientAuthentication.clientSecretJwt(orAny, changing, typed);
        }
        String secret = validation.required("client-secret", client.clientSecret(), "");
        return secret.isEmpty()
                ? null
                : validation.accepted(
                        "client-secret",
                        () -> ClientAuthentication.clientSecretJwt(orAny, secret, typed),
                        "Write the secret that the provider has for the client, or another "
                                + client.property("client-authentication"));
    }

    /** Takes the assertion of connection details, or else the one in a file, which may come later. */
    @Nullable
    ClientAuthentication madeElsewhere(String id) {
        String orAny = id.isEmpty() ? "unknown" : id;
        Mono<String> supplied = client.clientAssertion();
        if (supplied != null) {
            return ClientAuthentication.assertion(orAny, supplied);
        }
        String property = "assertion.file";
        String text = validation.required(
                property,
                properties.file(),
                " to where the platform puts the assertion, or declare a MonotokenConnectionDetails bean with a"
                        + " clientAssertion");
        Path file = text.isEmpty() ? null : validation.accepted(property, () -> path(text), "Write the path of a file");
        if (file == null) {
            return null;
        }
        if (!Files.exists(file)) {
            log.warn(
                    "{} is not there, at {}; it is looked for at each token request, and none is sent without it",
                    client.property(property),
                    file.toAbsolutePath());
        }
        return ClientAuthentication.assertionFile(orAny, file);
    }

    private static Path path(String text) {
        try {
            return ResourceUtils.getFile(text.strip()).toPath();
        } catch (FileNotFoundException | InvalidPathException e) {
            throw new IllegalArgumentException("that is no path of a file", e);
        }
    }

    /**
     * The client's own assertions, if it makes some, have the type; those of the grant are {@code JWT} then.
     *
     * @param clientId who says so, unless that is set
     */
    @Nullable
    Grant jwtBearer(@Nullable URI tokenUri, String clientId) {
        Mono<SigningKey> key = keys();
        if (client.hasStandIn()) {
            return grant(key, AssertionSettings.defaults().withType("JWT"), "stand-in", "stand-in", tokenUri);
        }
        String subject = validation.required("assertion.subject", properties.subject(), "");
        String issuer = requireNonNullElse(validation.optional("assertion.issuer", properties.issuer()), clientId);
        String type = validation.optional("assertion.type", properties.type());
        AssertionSettings typed = settings().withType(type == null || clientSigns() ? "JWT" : type);
        return grant(key, typed, issuer, subject, tokenUri);
    }

    private @Nullable Grant grant(
            @Nullable Mono<SigningKey> key,
            AssertionSettings settings,
            String issuer,
            String subject,
            @Nullable URI tokenUri) {
        String audience = String.valueOf(tokenUri).replaceFirst("\\?.*", "");
        return key == null
                ? null
                : new JwtBearerGrant(
                        key.flatMap(signing -> settings.assertion(signing, issuer, subject, audience)),
                        client.properties().scopes(),
                        client.parameters());
    }

    private boolean clientSigns() {
        AuthenticationMethod method = client.authenticationMethod();
        return method == AuthenticationMethod.PRIVATE_KEY_JWT || method == AuthenticationMethod.CLIENT_SECRET_JWT;
    }

    private AssertionSettings ofTheClient() {
        String type = validation.optional("assertion.type", properties.type());
        return type == null ? settings() : settings().withType(type);
    }

    /** {@return what all assertions say} */
    private AssertionSettings settings() {
        if (settings == null) {
            settings = withClaims(audience(lifetime(AssertionSettings.defaults())));
        }
        return settings;
    }

    private AssertionSettings lifetime(AssertionSettings before) {
        Duration lifetime = properties.lifetime();
        boolean tooShort = lifetime.compareTo(SHORTEST) < 0;
        if (!tooShort && lifetime.compareTo(LONGEST) <= 0) {
            return before.withLifetime(lifetime);
        }
        validation.report(
                client.property("assertion.lifetime") + " must be " + (tooShort ? "at least 1 s" : "at most 1 h")
                        + ", was " + ShownDuration.of(lifetime),
                "Write a duration with its unit, such as 60s, or remove it");
        return before;
    }

    private AssertionSettings audience(AssertionSettings before) {
        String audience = validation.optional("assertion.audience", properties.audience());
        String issuer = validation.optional("issuer", client.properties().issuer());
        String either = audience == null ? issuer : audience;
        return either == null ? before : before.withAudience(either);
    }

    private AssertionSettings withClaims(AssertionSettings before) {
        AssertionSettings after = before;
        for (Map.Entry<String, Object> claim : client.claims().entrySet()) {
            String own = OWN_CLAIMS.get(claim.getKey());
            AssertionSettings last = after;
            if (own != null) {
                validation.report(
                        client.property("assertion.claims." + claim.getKey()) + " would be written twice",
                        own.isEmpty()
                                ? "Remove it: each assertion has its own"
                                : "Set " + client.property(own) + " instead");
                continue;
            }
            AssertionSettings with = validation.accepted(
                    "assertion.claims." + claim.getKey(),
                    () -> last.withClaim(claim.getKey(), claim.getValue()),
                    "Write text, numbers, lists and names with values");
            after = with == null ? last : with;
        }
        return after;
    }

    private @Nullable Mono<SigningKey> keys() {
        if (!asked) {
            asked = true;
            keys = client.hasStandIn() ? Mono.just(madeUp()) : new ConfiguredKey(client, validation, bundles).read();
        }
        return keys;
    }

    /** {@return a key of nobody's, since no stand-in may see what the real one signs} */
    private static SigningKey madeUp() {
        try {
            return SigningKey.of(
                    KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }
}
