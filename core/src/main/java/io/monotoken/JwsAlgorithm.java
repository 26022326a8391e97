package io.monotoken;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/** How a JSON Web Signature is made, by the algorithms of the JDK or of a provider that stands before them. */
enum JwsAlgorithm {
    RS256("RSA", "SHA256withRSA", 2048),
    PS256("RSA", "RSASSA-PSS", 2048),
    ES256("EC", "SHA256withECDSAinP1363Format", 256),
    ES384("EC", "SHA384withECDSAinP1363Format", 384),
    EDDSA("EdDSA", "Ed25519", 255),
    HS256("HMAC", "HmacSHA256", 256);

    private static final int PSS_SALT_BYTES = 32;

    private final String family;
    private final String name;
    private final int bits;

    JwsAlgorithm(String family, String name, int bits) {
        this.family = family;
        this.name = name;
        this.bits = bits;
    }

    String headerName() {
        return this == EDDSA ? "EdDSA" : name();
    }

    static JwsAlgorithm named(String text) {
        return Arrays.stream(values())
                .filter(algorithm ->
                        algorithm != HS256 && algorithm.headerName().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("algorithm '" + text + "' is none of "
                        + Arrays.stream(values())
                                .filter(algorithm -> algorithm != HS256)
                                .map(JwsAlgorithm::headerName)
                                .collect(Collectors.joining(", "))
                        + "; names are case-sensitive"));
    }

    static JwsAlgorithm fitting(PrivateKey key) {
        return switch (family(key)) {
            case "RSA" -> RS256.checkedFor(key);
            case "EC" -> size(key) == ES384.bits ? ES384 : ES256.checkedFor(key);
            case "EdDSA" -> EDDSA.checkedFor(key);
            default ->
                throw new IllegalArgumentException("no JWS algorithm signs with a key of the kind " + key.getAlgorithm()
                        + "; use RSA, EC (P-256 or P-384) or Ed25519");
        };
    }

    JwsAlgorithm checkedFor(Key key) {
        if (!family(key).equals(family)) {
            throw new IllegalArgumentException(
                    headerName() + " needs a key of the kind " + family + ", and this one is " + key.getAlgorithm());
        }
        int size = size(key);
        boolean fits = size == 0 || (family.equals("RSA") ? size >= bits : size == bits);
        if (!fits) {
            throw new IllegalArgumentException(
                    family.equals("RSA")
                            ? "the RSA key has " + size + " bits, and " + headerName() + " needs " + bits
                                    + " or more (RFC 7518, section 3.3); make another"
                            : headerName() + " needs " + curve(bits) + ", and the key's curve is " + curve(size));
        }
        return this;
    }

    private static String curve(int bits) {
        return switch (bits) {
            case 255 -> "Ed25519";
            case 448 -> "Ed448";
            default -> "P-" + bits;
        };
    }

    private static String family(Key key) {
        String name = key.getAlgorithm();
        return name.toLowerCase(Locale.ROOT).startsWith("ed")
                ? "EdDSA"
                : name.equals("RSASSA-PSS") ? "RSA" : name.equals("ECDSA") ? "EC" : name;
    }

    /** {@return bits of the modulus or the curve; zero for a key that keeps it to itself} */
    private static int size(Key key) {
        if (key instanceof RSAKey rsa) {
            return rsa.getModulus().bitLength();
        }
        if (key instanceof ECKey ec) {
            return ec.getParams().getOrder().bitLength();
        }
        return key instanceof EdECKey edwards
                ? edwards.getParams().getName().equals(NamedParameterSpec.ED25519.getName()) ? EDDSA.bits : 448
                : 0;
    }

    /** {@return whether it takes so long that it does not belong on an event loop} */
    boolean isSlow() {
        return this != HS256;
    }

    byte[] sign(Key key, byte[] content) {
        try {
            if (this == HS256) {
                Mac mac = Mac.getInstance(name);
                mac.init(key);
                return mac.doFinal(content);
            }
            Signature signature = Signature.getInstance(name);
            PSSParameterSpec pss = this == PS256
                    ? new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSS_SALT_BYTES, 1)
                    : null;
            return signed(signature, pss, (PrivateKey) key, content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "a " + headerName() + " signature could not be made: "
                            + e.getClass().getSimpleName(),
                    e);
        }
    }

    private static byte[] signed(Signature signature, @Nullable PSSParameterSpec pss, PrivateKey key, byte[] content)
            throws GeneralSecurityException {
        if (pss != null) {
            signature.setParameter(pss);
        }
        signature.initSign(key, SeededRandom.shared());
        signature.update(content);
        return signature.sign();
    }
}
