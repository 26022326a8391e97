package io.monotoken;

import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A key and the JWS algorithm it signs with. Immutable and safe to share; {@link #toString()} shows algorithm and key id
 * and never the key.
 *
 * <p>The algorithm follows from the key: {@code RS256} for RSA, {@code ES256} and {@code ES384} for the curves P-256 and P-384,
 * {@code EdDSA} for Ed25519; {@link #withAlgorithm} makes {@code PS256} of an RSA key. A key that signs nothing anybody should
 * trust, such as RSA with less than 2048 bits, is refused.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7518#section-3">RFC 7518, section 3</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8037">RFC 8037</a>
 */
public final class SigningKey {

    private static final int SHORTEST_SECRET = 32;

    private final Key key;
    private final JwsAlgorithm algorithm;
    private final @Nullable String keyId;
    private final @Nullable String thumbprint;

    private SigningKey(Key key, JwsAlgorithm algorithm, @Nullable String keyId, @Nullable String thumbprint) {
        this.key = key;
        this.algorithm = algorithm;
        this.keyId = keyId;
        this.thumbprint = thumbprint;
        SeededRandom.prepare();
    }

    /**
     * Takes a key from wherever it is, such as a key store or a module that never gives it away.
     *
     * @param key RSA, EC or Ed25519
     * @return a key without an id
     * @throws IllegalArgumentException if no algorithm fits it
     */
    public static SigningKey of(PrivateKey key) {
        return new SigningKey(Objects.requireNonNull(key, "key"), JwsAlgorithm.fitting(key), null, null);
    }

    /**
     * Reads a PKCS #8 key, as {@code openssl genpkey} writes it.
     *
     * @param pem from {@code -----BEGIN PRIVATE KEY-----} on; what stands before and after is left out
     * @return a key without an id
     * @throws IllegalArgumentException if that is not in it; the message names what is
     */
    public static SigningKey ofPem(String pem) {
        return of(KeyReader.ofPem(pem, null));
    }

    /**
     * Reads an encrypted PKCS #8 key.
     *
     * @param pem from {@code -----BEGIN ENCRYPTED PRIVATE KEY-----} on
     * @param password what it is encrypted with
     * @return a key without an id
     * @throws IllegalArgumentException if that is not in it, or the password is another one
     */
    public static SigningKey ofPem(String pem, String password) {
        return of(KeyReader.ofPem(pem, Objects.requireNonNull(password, "password")));
    }

    /**
     * Reads a private JSON Web Key with its {@code kid} and {@code alg}.
     *
     * @param json one key, not a set of keys
     * @return the key, with its id if it has one
     * @throws IllegalArgumentException if it is none; the message names the member and not its value
     * @see <a href="https://www.rfc-editor.org/rfc/rfc7517">RFC 7517</a>
     */
    public static SigningKey ofJwk(String json) {
        KeyReader.Jwk read = KeyReader.ofJwk(json);
        SigningKey key = of(read.key());
        SigningKey named = read.keyId() == null ? key : key.withKeyId(read.keyId());
        return read.algorithm() == null ? named : named.withAlgorithm(read.algorithm());
    }

    /**
     * Signs with a secret that the server has as well: {@code HS256}, for {@code client_secret_jwt}.
     *
     * @param secret at least 32 bytes in UTF-8 (RFC 7518, section 3.2)
     * @return a key without an id
     * @throws IllegalArgumentException if it is shorter
     */
    public static SigningKey ofSecret(String secret) {
        byte[] bytes = Objects.requireNonNull(secret, "secret").getBytes(StandardCharsets.UTF_8);
        if (bytes.length < SHORTEST_SECRET) {
            throw new IllegalArgumentException("the secret has " + bytes.length + " bytes, and HS256 needs "
                    + SHORTEST_SECRET + " or more (RFC 7518, section 3.2); ask the provider for a longer one");
        }
        return new SigningKey(new SecretKeySpec(bytes, "HMAC"), JwsAlgorithm.HS256, null, null);
    }

    /**
     * Names the key in the header of what it signs, so that a server that knows several finds the right one.
     *
     * @param keyId what the server calls the key; not blank
     * @return a copy
     */
    public SigningKey withKeyId(String keyId) {
        if (Objects.requireNonNull(keyId, "keyId").isBlank()) {
            throw new IllegalArgumentException("keyId must not be blank; leave it out if the server needs none");
        }
        return new SigningKey(key, algorithm, keyId, thumbprint);
    }

    /**
     * Names the key by its certificate, for a server that was given that, such as Microsoft Entra: the header {@code x5t#S256}.
     *
     * @param certificate the one of this very key
     * @return a copy
     * @throws IllegalArgumentException if the certificate is of another key, which a trial signature tells
     * @see <a href="https://www.rfc-editor.org/rfc/rfc7515#section-4.1.8">RFC 7515, section 4.1.8</a>
     */
    public SigningKey withCertificate(X509Certificate certificate) {
        PublicKey certified = Objects.requireNonNull(certificate, "certificate").getPublicKey();
        if (!(key instanceof PrivateKey own) || !algorithm.isPair(own, certified)) {
            throw new IllegalArgumentException("the certificate is of another key");
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return new SigningKey(
                    key,
                    algorithm,
                    keyId,
                    Base64.getUrlEncoder().withoutPadding().encodeToString(hash));
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("the certificate has no encoded form", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Signs with another algorithm than the usual one of the key.
     *
     * @param algorithm {@code RS256}, {@code PS256}, {@code ES256}, {@code ES384} or {@code EdDSA}
     * @return a copy
     * @throws IllegalArgumentException if the key cannot
     */
    public SigningKey withAlgorithm(String algorithm) {
        return new SigningKey(key, JwsAlgorithm.named(algorithm).checkedFor(key), keyId, thumbprint);
    }

    /** {@return the name of the algorithm, as in the header {@code alg}} */
    public String algorithm() {
        return algorithm.headerName();
    }

    /** {@return what the server calls the key} */
    public Optional<String> keyId() {
        return Optional.ofNullable(keyId);
    }

    /**
     * Tells this key from another one without giving anything of it away, as where a supplier of keys is asked whether it has
     * another by now.
     *
     * @return a hash under a key of this process: equal for equal keys with equal algorithm, id and certificate. A key that its module does not
     *     give away is equal to itself alone
     */
    public String fingerprint() {
        byte[] encoded = key.getEncoded();
        return Fingerprint.of(
                        encoded == null
                                ? "object " + System.identityHashCode(key)
                                : Base64.getEncoder().encodeToString(encoded),
                        algorithm(),
                        keyId == null ? "" : keyId,
                        thumbprint == null ? "" : thumbprint)
                .text();
    }

    /** {@return the SHA-256 of the key's certificate, if that names it} */
    Optional<String> thumbprint() {
        return Optional.ofNullable(thumbprint);
    }

    byte[] sign(byte[] content) {
        return algorithm.sign(key, content);
    }

    /** {@return whether signing takes so long that it does not belong on an event loop} */
    boolean isSlow() {
        return algorithm.isSlow();
    }

    @Override
    public String toString() {
        return "SigningKey[algorithm=" + algorithm() + (keyId == null ? "" : ", keyId=" + keyId) + "]";
    }
}
