package io.monotoken.endpoint;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tells what a client proved itself with from what it would do it with now, without keeping either: a hash under a key of this
 * process.
 */
record ProofFingerprint(String hash) {

    private static final String ALGORITHM = "HmacSHA256";
    private static final SecretKeySpec KEY = key();

    static ProofFingerprint of(String secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(KEY);
            return new ProofFingerprint(HexFormat.of().formatHex(mac.doFinal(secret.getBytes(StandardCharsets.UTF_8))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /** Makes the key, which may block, where that harms nobody. */
    static void prepare() {
        // loading this class has made it
    }

    private static SecretKeySpec key() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return new SecretKeySpec(key, ALGORITHM);
    }
}
