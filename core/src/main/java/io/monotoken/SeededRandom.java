package io.monotoken;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/** Random numbers for event loops: the JDK's usual source reads a file for each value on Linux. */
final class SeededRandom {

    private static final SecureRandom SHARED = seeded();

    private SeededRandom() {}

    /** Seeds them, which may block, where that harms nobody. */
    static void prepare() {
        // loading this class has done it
    }

    static SecureRandom shared() {
        return SHARED;
    }

    private static SecureRandom seeded() {
        try {
            SecureRandom random = SecureRandom.getInstance("DRBG");
            random.nextBytes(new byte[1]);
            return random;
        } catch (NoSuchAlgorithmException e) {
            return new SecureRandom();
        }
    }
}
