package io.monotoken;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts what a store keeps: AES-256-GCM, bound to the record's key and tag, so that nobody can put a value into another
 * record or an old value under a new tag. A value names the key that encrypted it.
 *
 * @see <a href="https://doi.org/10.6028/NIST.SP.800-38D">NIST SP 800-38D</a>
 */
final class StoreCipher {

    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int SEAL_BITS = 128;
    private static final int TAG_SEAL_BYTES = 8;

    private final String keyId;
    private final Map<String, Keys> keys = new LinkedHashMap<>();

    private record Keys(SecretKeySpec encryption, SecretKeySpec fingerprint, SecretKeySpec seal) {}

    /** A value that this instance cannot read, or that is not what was written. */
    static final class UnreadableException extends Exception {

        UnreadableException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * @param keys 32 bytes each by name, the one that encrypts first
     */
    StoreCipher(Map<String, byte[]> keys) {
        this.keyId = keys.keySet().iterator().next();
        keys.forEach((id, key) -> this.keys.put(
                id,
                new Keys(
                        new SecretKeySpec(key, "AES"),
                        new SecretKeySpec(hmac(key, "monotoken fingerprint"), "HmacSHA256"),
                        new SecretKeySpec(hmac(key, "monotoken seal"), "HmacSHA256"))));
    }

    byte[] encrypt(String recordKey, String tag, byte[] plain) {
        byte[] nonce = new byte[NONCE_BYTES];
        SeededRandom.shared().nextBytes(nonce);
        byte[] id = ascii(keyId);
        try {
            byte[] sealed =
                    cipher(Cipher.ENCRYPT_MODE, keyId, nonce, recordKey, tag).doFinal(plain);
            return ByteBuffer.allocate(2 + id.length + NONCE_BYTES + sealed.length)
                    .put(VERSION)
                    .put((byte) id.length)
                    .put(id)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-256-GCM", e);
        }
    }

    byte[] decrypt(String recordKey, String tag, byte[] value) throws UnreadableException {
        ByteBuffer in = ByteBuffer.wrap(value);
        if (in.remaining() < 2
                || in.get() != VERSION
                || in.remaining() < 1 + in.get(1) + NONCE_BYTES
                || in.get(1) < 1) {
            throw new UnreadableException("it was not written by this version of Monotoken");
        }
        byte[] id = new byte[in.get()];
        byte[] nonce = new byte[NONCE_BYTES];
        in.get(id).get(nonce);
        String name = new String(id, StandardCharsets.US_ASCII);
        if (!keys.containsKey(name)) {
            throw new UnreadableException("it was encrypted with a key that this instance does not have; it has "
                    + keys.keySet() + "; give every instance all keys while they change");
        }
        byte[] sealed = new byte[in.remaining()];
        in.get(sealed);
        try {
            return cipher(Cipher.DECRYPT_MODE, name, nonce, recordKey, tag).doFinal(sealed);
        } catch (AEADBadTagException e) {
            throw new UnreadableException("it does not decrypt with key '" + name
                    + "': the instances have different keys" + " under that name, or somebody changed or moved it");
        } catch (GeneralSecurityException e) {
            throw new UnreadableException("it does not decrypt with key '" + name + "'");
        }
    }

    private Cipher cipher(int mode, String id, byte[] nonce, String recordKey, String tag)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, Objects.requireNonNull(keys.get(id)).encryption, new GCMParameterSpec(SEAL_BITS, nonce));
        cipher.updateAAD(ascii(id + "\0" + recordKey + "\0" + tag));
        return cipher;
    }

    /** {@return what shows that an instance wrote this tag for the record, under each key; the one that encrypts first} */
    List<String> seals(String recordKey, String tag) {
        return keys.values().stream()
                .map(key -> hmac(key.seal.getEncoded(), recordKey + "\0" + tag))
                .map(seal -> HexFormat.of().formatHex(seal, 0, TAG_SEAL_BYTES))
                .toList();
    }

    /** {@return what these secrets are called in a store, under each key; the one that encrypts first} */
    List<Fingerprint> fingerprints(String... secrets) {
        List<Fingerprint> all = new ArrayList<>();
        for (Keys key : keys.values()) {
            all.add(new Fingerprint(ByteBuffer.wrap(hmac(key.fingerprint.getEncoded(), String.join("\0", secrets)))));
        }
        return all;
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "StoreCipher" + keys.keySet();
    }
}
