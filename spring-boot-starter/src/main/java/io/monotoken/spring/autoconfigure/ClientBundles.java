package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** SSL bundles by the properties that name them, and the private keys that they have. */
final class ClientBundles {

    private final @Nullable SslBundles bundles;

    ClientBundles(@Nullable SslBundles bundles) {
        this.bundles = bundles;
    }

    /**
     * Finds a bundle.
     *
     * @param property the full name of the property that names it
     * @throws InvalidClientException if there is none of that name, or one whose stores cannot be loaded
     */
    SslBundle bundle(String property, String name) {
        if (bundles == null) {
            throw new InvalidClientException(new Problem(
                    property + " names '" + name + "', but there are no SSL bundles",
                    "Remove the exclusion of Spring Boot's SslAutoConfiguration"));
        }
        try {
            SslBundle bundle = bundles.getBundle(name);
            load(property, name, bundle);
            return bundle;
        } catch (NoSuchSslBundleException e) {
            throw new InvalidClientException(new Problem(
                    property + " names '" + name + "', which is no SSL bundle",
                    "Describe it below spring.ssl.bundle.pem." + name + " or spring.ssl.bundle.jks." + name));
        }
    }

    /* A bundle reads its files when its stores are first asked for, and has an error of its own for each kind of them. */
    private static void load(String property, String name, SslBundle bundle) {
        try {
            bundle.getStores().getKeyStore();
            bundle.getStores().getTrustStore();
        } catch (RuntimeException e) {
            throw new InvalidClientException(
                    List.of(new Problem(
                            property + " names '" + name + "', whose stores cannot be loaded: " + reason(e),
                            "Correct it below spring.ssl.bundle.pem." + name + " or spring.ssl.bundle.jks." + name)),
                    e);
        }
    }

    /* The messages of Spring Boot have what was written for a file, which may be a key that lost its first line. */
    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof FileNotFoundException || root instanceof NoSuchFileException) {
            return "there is no such file" + KeyText.shown(String.valueOf(root.getMessage()));
        }
        return root instanceof IllegalStateException && root != failure
                ? String.valueOf(root.getMessage())
                : "it failed with " + root.getClass().getSimpleName();
    }

    /** Tells of a bundle that is there each time when it is reloaded. */
    void onReload(String name, Consumer<SslBundle> listener) {
        if (bundles != null) {
            bundles.addBundleUpdateHandler(name, listener);
        }
    }

    /** {@return whether a bundle has a key that a connection can show the certificate of} */
    static boolean hasKey(SslBundle bundle) {
        KeyStore store = bundle.getStores().getKeyStore();
        return store != null && !keys(store).isEmpty();
    }

    /** A private key, and the certificate that the key store has for it. */
    record CertifiedKey(PrivateKey key, @Nullable X509Certificate certificate) {}

    /**
     * Takes the private key out of a bundle: the one that it names, or else its only one.
     *
     * @throws IllegalArgumentException if it has none, or several; the message is the rest of a sentence
     */
    static CertifiedKey key(SslBundle bundle) {
        KeyStore store = bundle.getStores().getKeyStore();
        List<String> keys = store == null ? List.of() : keys(store);
        if (store == null || keys.isEmpty()) {
            throw new IllegalArgumentException("has no private key");
        }
        String alias = bundle.getKey().getAlias();
        if (alias == null && keys.size() > 1) {
            throw new IllegalArgumentException("has several private keys, " + String.join(" and ", keys)
                    + ", and its key.alias names none of them");
        }
        String chosen = alias == null ? keys.get(0) : alias;
        String password = bundle.getKey().getPassword() == null
                ? bundle.getStores().getKeyStorePassword()
                : bundle.getKey().getPassword();
        try {
            Key key = store.getKey(chosen, password == null ? null : password.toCharArray());
            if (key instanceof PrivateKey own) {
                return new CertifiedKey(own, store.getCertificate(chosen) instanceof X509Certificate its ? its : null);
            }
            throw new IllegalArgumentException(
                    "has no private key of the name '" + chosen + "', but " + String.join(" and ", keys));
        } catch (UnrecoverableKeyException e) {
            throw new IllegalArgumentException(
                    "does not open its key '" + chosen + "': key.password is missing or wrong");
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("does not give away its key '" + chosen + "'");
        }
    }

    private static List<String> keys(KeyStore store) {
        List<String> keys = new ArrayList<>();
        try {
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    keys.add(alias);
                }
            }
            return keys;
        } catch (KeyStoreException e) {
            throw new IllegalStateException("a key store of an SSL bundle is loaded", e);
        }
    }
}
