package io.monotoken.spring.autoconfigure;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import okhttp3.tls.HeldCertificate;

/** Keys that are made for a test, and whether they signed something. */
final class SampleKeys {

    static final KeyPair RSA = pair("RSA", 2048);
    static final KeyPair P256 = curve("secp256r1");
    static final KeyPair P384 = curve("secp384r1");
    static final KeyPair ED25519 = pair("Ed25519", 0);

    private SampleKeys() {}

    static KeyPair named(String name) {
        return switch (name) {
            case "RS256", "PS256" -> RSA;
            case "ES256" -> P256;
            case "ES384" -> P384;
            default -> ED25519;
        };
    }

    static KeyPair pair(String algorithm, int size) {
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

    static KeyPair curve(String name) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(name));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String pem(KeyPair pair) {
        return pem("private key", pair.getPrivate().getEncoded());
    }

    static String pem(String label, byte[] der) {
        String upper = label.toUpperCase(Locale.ROOT);
        return "-----BEGIN " + upper + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + upper + "-----\n";
    }

    static String encryptedPem(KeyPair pair, String password) {
        String algorithm = "PBEWithHmacSHA256AndAES_256";
        try {
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.toCharArray())));
            byte[] encrypted = cipher.doFinal(pair.getPrivate().getEncoded());
            AlgorithmParameters named = AlgorithmParameters.getInstance("PBES2");
            named.init(cipher.getParameters().getEncoded());
            return pem("encrypted private key", new EncryptedPrivateKeyInfo(named, encrypted).getEncoded());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return the location of a new key store} */
    static Path keyStore(
            Path folder, String type, String password, String keyPassword, Map<String, HeldCertificate> entries)
            throws Exception {
        KeyStore store = KeyStore.getInstance(type);
        store.load(null, null);
        for (Map.Entry<String, HeldCertificate> entry : entries.entrySet()) {
            HeldCertificate held = entry.getValue();
            store.setKeyEntry(
                    entry.getKey(), held.keyPair().getPrivate(), keyPassword.toCharArray(), new Certificate[] {
                        held.certificate()
                    });
        }
        Path file = folder.resolve("store." + type);
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, password.toCharArray());
        }
        return file;
    }

    static boolean signed(SignedJWT jwt, KeyPair pair) throws Exception {
        if (pair.getPublic() instanceof RSAPublicKey rsa) {
            return jwt.verify(new RSASSAVerifier(rsa));
        }
        if (pair.getPublic() instanceof ECPublicKey ec) {
            return jwt.verify(new ECDSAVerifier(ec));
        }
        Signature signature = Signature.getInstance("Ed25519"); // for which nimbus needs Tink
        signature.initVerify(pair.getPublic());
        signature.update(jwt.getSigningInput());
        return signature.verify(jwt.getSignature().decode());
    }
}
