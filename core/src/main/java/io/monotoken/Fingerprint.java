package io.monotoken;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Tells secrets apart without keeping them: a hash with a salt of this process. */
record Fingerprint(ByteBuffer hash) {

    private static final byte[] SALT = salt();

    /** Makes the salt, which may block, where that harms nobody. */
    static void prepare() {
        SeededRandom.prepare(); // and loading this class has made the salt
    }

    static Fingerprint of(String... secrets) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(SALT);
            for (String secret : secrets) {
                digest.update(secret.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return new Fingerprint(ByteBuffer.wrap(digest.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** {@return a few of its bits; never zero} */
    int bits() {
        return hash.getInt(0) | 1;
    }

    /** {@return all of it, as text} */
    String text() {
        byte[] all = new byte[hash.remaining()];
        hash.duplicate().get(all);
        return HexFormat.of().formatHex(all);
    }

    private static byte[] salt() {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        return salt;
    }

    @Override
    public String toString() {
        return "Fingerprint[" + Integer.toHexString(bits()) + "]";
    }
}
