package io.monotoken.spring.autoconfigure;

import io.monotoken.SigningKey;
import io.monotoken.spring.autoconfigure.ClientBundles.CertifiedKey;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Assertion;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.core.io.Resource;
import reactor.core.publisher.Mono;

/** Reads the key that the properties below {@code assertion} name, and says in their words why it cannot sign. */
final class ConfiguredKey {

    private static final String TO_WRITE_A_KEY =
            "Write the location of a private key in PKCS #8 or a JSON Web Key, such as"
                    + " file:/run/secrets/orders.pem, or its text";

    private final ConfiguredClient client;
    private final Assertion properties;
    private final ClientValidation validation;
    private final ClientBundles bundles;
    private @Nullable String keyPassword;
    private @Nullable String algorithm;
    private @Nullable String keyId;

    ConfiguredKey(ConfiguredClient client, ClientValidation validation, ClientBundles bundles) {
        this.client = client;
        this.properties = client.properties().assertion();
        this.validation = validation;
        this.bundles = bundles;
    }

    /** {@return the key of each moment; null where it cannot sign, which is reported} */
    @Nullable
    Mono<SigningKey> read() {
        String bundle = validation.optional("assertion.bundle", properties.bundle());
        String key = validation.optional("assertion.key", properties.key());
        keyPassword = validation.optional("assertion.key-password", properties.keyPassword());
        algorithm = validation.optional("assertion.algorithm", properties.algorithm());
        keyId = validation.optional("assertion.key-id", properties.keyId());
        boolean unresolved = Stream.of(bundle, key, keyPassword, algorithm, keyId)
                .anyMatch(value -> value != null && Placeholders.whole(value) != null);
        if (unresolved) {
            return null; // which is reported
        }
        if (bundle != null) {
            return key == null ? ofBundle(bundle) : null; // which is reported
        }
        if (key == null) {
            validation.report(
                    client.property("assertion.key") + " and " + client.property("assertion.bundle") + " are missing",
                    "Set " + client.property("assertion.key") + " to where the private key is, such as"
                            + " file:/run/secrets/orders.pem, or " + client.property("assertion.bundle")
                            + " to the name of an SSL bundle that has it");
            return null;
        }
        return usable(() -> {
            if (KeyText.isKey(key)) {
                return Mono.just(ofText(key, ""));
            }
            Resource file = located(() -> KeyText.resource(key), "");
            String shown = KeyText.shown(key);
            return new AssertionKey<>(
                            client.property("assertion.key"),
                            () -> located(() -> KeyText.read(file), shown),
                            text -> ofText(text, shown))
                    .now();
        });
    }

    private <T> T located(Supplier<T> part, String shown) {
        try {
            return part.get();
        } catch (IllegalArgumentException e) {
            throw unusable("assertion.key", shown + ": " + e.getMessage(), TO_WRITE_A_KEY);
        }
    }

    private @Nullable Mono<SigningKey> ofBundle(String name) {
        String property = client.property("assertion.bundle");
        AtomicReference<SslBundle> current = new AtomicReference<>(bundles.bundle(property, name));
        bundles.onReload(name, current::set);
        return usable(() -> new AssertionKey<>(property, current::get, bundle -> ofBundle(name, bundle)).now());
    }

    private SigningKey ofBundle(String name, SslBundle bundle) {
        String action = "Correct it below spring.ssl.bundle.pem." + name + " or spring.ssl.bundle.jks." + name
                + ", or name another bundle";
        CertifiedKey key;
        try {
            key = ClientBundles.key(bundle);
        } catch (IllegalArgumentException e) {
            throw unusable("assertion.bundle", " names '" + name + "', which " + e.getMessage(), action);
        }
        SigningKey signing;
        try {
            SigningKey uncertified = SigningKey.of(key.key());
            signing = key.certificate() == null ? uncertified : uncertified.withCertificate(key.certificate());
        } catch (IllegalArgumentException e) {
            throw unusable(
                    "assertion.bundle",
                    " names '" + name + "', whose key is none to sign with: " + e.getMessage(),
                    action);
        }
        return finished(signing);
    }

    private SigningKey ofText(String text, String shown) {
        String password = keyPassword;
        boolean encrypted = KeyText.isEncrypted(text);
        if (encrypted && password == null) {
            throw unusable(
                    "assertion.key-password",
                    " is missing, and the key" + shown + " is encrypted",
                    "Set " + client.property("assertion.key-password") + " or the environment variable "
                            + ClientNames.variable(client.name(), "assertion.key-password"));
        }
        SigningKey key;
        try {
            key = KeyText.key(text, password);
        } catch (IllegalArgumentException e) {
            boolean wrong = encrypted && String.valueOf(e.getMessage()).startsWith("the key does not decrypt");
            throw wrong
                    ? unusable(
                            "assertion.key-password",
                            " does not open the key" + shown,
                            "Correct it, or encrypt the key with it anew")
                    : unusable("assertion.key", shown + ": " + e.getMessage(), TO_WRITE_A_KEY);
        }
        return finished(key);
    }

    private SigningKey finished(SigningKey key) {
        SigningKey named = keyId == null ? key : key.withKeyId(keyId);
        try {
            return algorithm == null ? named : named.withAlgorithm(algorithm);
        } catch (IllegalArgumentException e) {
            throw unusable(
                    "assertion.algorithm",
                    ": " + e.getMessage(),
                    "Remove it for " + key.algorithm() + ", which is usual for this key, or give the other key");
        }
    }

    private <T> @Nullable T usable(Supplier<T> part) {
        try {
            return part.get();
        } catch (UnusableException e) {
            validation.report(String.valueOf(e.getMessage()), e.action);
            return null;
        }
    }

    private UnusableException unusable(String property, String what, String action) {
        return new UnusableException(client.property(property) + what, action);
    }

    /** A key that cannot sign. */
    private static final class UnusableException extends IllegalArgumentException {

        private final String action;

        UnusableException(String what, String action) {
            super(what);
            this.action = action;
        }
    }
}
