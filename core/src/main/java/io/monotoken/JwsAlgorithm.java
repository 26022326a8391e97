package io.monotoken;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.ECParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/** How a JSON Web Signature is made, by the algorithms of the JDK or of a provider that stands before them. */
enum JwsAlgorithm {
    RS256("RSA", "SHA256withRSA", null),
    PS256("RSA", "RSASSA-PSS", null),
    ES256("EC", "SHA256withECDSAinP1363Format", NamedCurve.P_256),
    ES384("EC", "SHA384withECDSAinP1363Format", NamedCurve.P_384),
    EDDSA("EdDSA", "Ed25519", null),
    HS256("HMAC", "HmacSHA256", null);

    private static final int PSS_SALT_BYTES = 32;
    private static final int SHORTEST_RSA = 2048;

    /** A kind of RSA key that makes no other signatures. */
    private static final String PSS_ONLY = "RSASSA-PSS";

    private final String family;
    private final String name;
    private final @Nullable NamedCurve curve;

    JwsAlgorithm(String family, String name, @Nullable NamedCurve curve) {
        this.family = family;
        this.name = name;
        this.curve = curve;
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
            case "RSA" -> (key.getAlgorithm().equals(PSS_ONLY) ? PS256 : RS256).checkedFor(key);
            case "EC" -> fittingCurve(key);
            case "EdDSA" -> EDDSA.checkedFor(key);
            default ->
                throw new IllegalArgumentException("no JWS algorithm signs with a key of the kind " + key.getAlgorithm()
                        + "; use RSA, EC (P-256 or P-384) or Ed25519");
        };
    }

    private static JwsAlgorithm fittingCurve(PrivateKey key) {
        ECParameterSpec spec = curve(key);
        if (spec == null) {
            return ES256;
        }
        return Stream.of(ES256, ES384)
                .filter(algorithm -> algorithm.hasCurve(spec))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("no JWS algorithm here signs with the key's curve, which is "
                                + NamedCurve.shown(spec) + "; use P-256 or P-384"));
    }

    JwsAlgorithm checkedFor(Key key) {
        if (!family(key).equals(family)) {
            throw new IllegalArgumentException(
                    headerName() + " needs a key of the kind " + family + ", and this one is " + key.getAlgorithm());
        }
        switch (family) {
            case "RSA" -> checkRsa(key);
            case "EC" -> checkCurve(key);
            case "EdDSA" -> checkEdwards(key);
            default -> {}
        }
        return this;
    }

    private void checkRsa(Key key) {
        if (key.getAlgorithm().equals(PSS_ONLY) && (this == RS256 || !allowsSha256(key))) {
            throw new IllegalArgumentException(
                    this == RS256
                            ? "the RSA key is for RSASSA-PSS alone; use PS256, or make another key"
                            : "the RSA key is for RSASSA-PSS with another hash or a longer salt than PS256 has; make another");
        }
        BigInteger modulus = key instanceof RSAKey rsa ? rsa.getModulus() : null;
        if (modulus != null && modulus.bitLength() < SHORTEST_RSA) {
            throw new IllegalArgumentException("the RSA key has " + modulus.bitLength() + " bits, and " + headerName()
                    + " needs " + SHORTEST_RSA + " or more (RFC 7518, section 3.3); make another");
        }
    }

    /** A key for RSASSA-PSS may say which hash it is for, and how long the salt is at least. */
    private static boolean allowsSha256(Key key) {
        return !(key instanceof RSAKey rsa && rsa.getParams() instanceof PSSParameterSpec only)
                || (only.getDigestAlgorithm().equals("SHA-256") && only.getSaltLength() <= PSS_SALT_BYTES);
    }

    private void checkCurve(Key key) {
        ECParameterSpec spec = curve(key);
        if (curve != null && spec != null && !hasCurve(spec)) {
            throw new IllegalArgumentException(
                    headerName() + " needs " + curve.jwkName() + ", and the key's curve is " + NamedCurve.shown(spec));
        }
    }

    private boolean hasCurve(ECParameterSpec spec) {
        return NamedCurve.of(spec).filter(named -> named == curve).isPresent();
    }

    private void checkEdwards(Key key) {
        NamedParameterSpec spec = key instanceof EdECKey edwards ? edwards.getParams() : null;
        String name = spec == null ? key.getAlgorithm() : spec.getName();
        if (name.equalsIgnoreCase(NamedParameterSpec.ED448.getName())) {
            throw new IllegalArgumentException(headerName() + " needs Ed25519 here, and the key's curve is Ed448");
        }
    }

    /** {@return the key's curve; null for a key that keeps it to itself, as those of hardware may} */
    private static @Nullable ECParameterSpec curve(Key key) {
        return key instanceof ECKey ec ? ec.getParams() : null;
    }

    private static String family(Key key) {
        String name = key.getAlgorithm();
        return name.toLowerCase(Locale.ROOT).startsWith("ed")
                ? "EdDSA"
                : name.equals(PSS_ONLY) ? "RSA" : name.equals("ECDSA") ? "EC" : name;
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
            return signed(Signature.getInstance(name), pss(), (PrivateKey) key, content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "a " + headerName() + " signature could not be made: "
                            + e.getClass().getSimpleName(),
                    e);
        }
    }

    /** {@return whether what the private key signs is good by the public one} */
    boolean isPair(PrivateKey key, PublicKey other) {
        byte[] content = headerName().getBytes(StandardCharsets.US_ASCII);
        try {
            Signature verifier = Signature.getInstance(name);
            verifier.initVerify(other);
            PSSParameterSpec pss = pss();
            if (pss != null) {
                verifier.setParameter(pss);
            }
            verifier.update(content);
            return verifier.verify(sign(key, content));
        } catch (GeneralSecurityException | IllegalStateException e) {
            return false;
        }
    }

    private @Nullable PSSParameterSpec pss() {
        return this == PS256
                ? new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSS_SALT_BYTES, 1)
                : null;
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
