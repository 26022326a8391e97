package io.monotoken;

import java.io.IOException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads private keys from text. No message has any of it but the names of what is there. */
final class KeyReader {

    private static final Pattern BLOCK = Pattern.compile(
            "-----BEGIN ([A-Z0-9 ]+)-----(?:\\s*[A-Z][A-Za-z-]+: [^\\n]*\\n)*([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final List<String> KINDS = List.of("RSA", "EC", "Ed25519");
    private static final List<String> KEY_FACTORIES = List.of("RSA", "EC", "Ed25519", "RSASSA-PSS");
    private static final List<NamedCurve> CURVES = List.of(NamedCurve.P_256, NamedCurve.P_384);

    /** What an EC key says it is (RFC 5480, section 2.1.1), and how far from the beginning at most. */
    private static final String EC_KEY = "06072a8648ce3d0201";

    private static final int EC_KEY_WITHIN = 24;
    private static final int ED25519_BYTES = 32;

    private KeyReader() {}

    /** A private JSON Web Key. */
    record Jwk(
            PrivateKey key,
            @Nullable String keyId,
            @Nullable String algorithm) {}

    static PrivateKey ofPem(String pem, @Nullable String password) {
        Matcher block = BLOCK.matcher(Objects.requireNonNull(pem, "pem"));
        String seen = "";
        while (block.find()) {
            String label = block.group(1);
            if (label.equals("PRIVATE KEY")) {
                return key(decoded(block.group(2)));
            }
            if (label.equals("ENCRYPTED PRIVATE KEY")) {
                if (password == null) {
                    throw new IllegalArgumentException("the key is encrypted; give the password as well");
                }
                return key(decrypted(decoded(block.group(2)), password));
            }
            seen = seen + (seen.isEmpty() ? "" : ", ") + label;
        }
        if (isBinary(pem)) {
            throw new IllegalArgumentException("the key is not text but binary, as DER is;"
                    + " 'openssl pkey -inform DER -in key.der -out key.pem' converts it");
        }
        throw new IllegalArgumentException(
                seen.isEmpty()
                        ? "there is no '-----BEGIN PRIVATE KEY-----' with its end in the text; was only a part of the file"
                                + " copied, or are its line ends gone?" + DoubtfulText.amongLines(pem)
                        : "there is no private key in PKCS #8 in the text, but: " + seen + adviceFor(seen));
    }

    private static boolean isBinary(String text) {
        return !text.contains("-----")
                && text.chars().anyMatch(c -> Character.isISOControl(c) && !Character.isWhitespace(c));
    }

    private static String adviceFor(String labels) {
        if (labels.contains("OPENSSH PRIVATE KEY")) {
            return ", which is for SSH; 'openssl genpkey' makes one, and the provider needs its public key then";
        }
        return labels.matches(".*\\b(RSA|EC|DSA) PRIVATE KEY.*")
                ? "; 'openssl pkcs8 -topk8 -nocrypt -in key.pem' converts it"
                : "; the private key is needed, which usually is in a file of its own";
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the text between BEGIN and END is not Base64");
        }
    }

    private static PrivateKey key(byte[] pkcs8) {
        for (String kind : KEY_FACTORIES) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                // the next kind may fit
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has " + kind, e);
            }
        }
        throw new IllegalArgumentException(
                isElliptic(pkcs8)
                        ? "the EC key is damaged, or on a curve that this JDK does not know; use P-256 or P-384, by name and"
                                + " without parameters of its own"
                        : "the key is none of " + KINDS + ", or damaged");
    }

    private static boolean isElliptic(byte[] pkcs8) {
        return HexFormat.of()
                .formatHex(pkcs8, 0, Math.min(pkcs8.length, EC_KEY_WITHIN))
                .contains(EC_KEY);
    }

    /** What fails before the password is used is no fault of the password. */
    private static byte[] decrypted(byte[] pkcs8, String password) {
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(pkcs8);
            AlgorithmParameters parameters = info.getAlgParameters();
            String name =
                    parameters != null && info.getAlgName().equals("PBES2") ? parameters.toString() : info.getAlgName();
            SecretKeyFactory secrets = SecretKeyFactory.getInstance(name);
            Cipher cipher = Cipher.getInstance(name);
            return decrypted(info, secrets, cipher, parameters, password);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "the key is damaged, or encrypted in a way that this JDK does not know; 'openssl pkcs8"
                            + " -topk8 -v2 aes-256-cbc' writes one that it does");
        }
    }

    private static byte[] decrypted(
            EncryptedPrivateKeyInfo info,
            SecretKeyFactory secrets,
            Cipher cipher,
            @Nullable AlgorithmParameters parameters,
            String password) {
        try {
            SecretKey secret = secrets.generateSecret(new PBEKeySpec(password.toCharArray()));
            cipher.init(Cipher.DECRYPT_MODE, secret, parameters);
            return info.getKeySpec(cipher).getEncoded();
        } catch (GeneralSecurityException e) {
            boolean taken = password.chars().allMatch(c -> c >= ' ' && c <= '~');
            throw new IllegalArgumentException((taken
                            ? "the key does not decrypt; check its password"
                            : "the password of the key has characters beyond ASCII, of which the JDK takes none; encrypt the"
                                    + " key with another one")
                    + DoubtfulText.in(password).stream()
                            .map(doubt -> ", which " + doubt)
                            .collect(Collectors.joining()));
        }
    }

    static Jwk ofJwk(String json) {
        JsonNode jwk;
        try {
            jwk = JsonMapper.shared().readTree(Objects.requireNonNull(json, "json"));
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the key is no JSON" + DoubtfulText.amongLines(json));
        }
        if (!jwk.isObject() || jwk.has("keys")) {
            throw new IllegalArgumentException("one JSON Web Key is needed, not a "
                    + (jwk.has("keys") ? "set of them; take one out of 'keys'" : "JSON " + jwk.getNodeType()));
        }
        checkUse(jwk);
        try {
            PrivateKey key = key(jwk);
            PublicKey itsOwn = publicKey(jwk);
            if (itsOwn != null && !JwsAlgorithm.fitting(key).isPair(key, itsOwn)) {
                throw new IllegalArgumentException(
                        "the private and the public members of the JSON Web Key are of two keys; was it damaged?");
            }
            return new Jwk(key, optional(jwk, "kid"), optional(jwk, "alg"));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the members of the JSON Web Key make no key; was it damaged?");
        }
    }

    private static void checkUse(JsonNode jwk) {
        String use = optional(jwk, "use");
        JsonNode operations = jwk.get("key_ops");
        boolean signs = operations == null
                || operations
                        .valueStream()
                        .anyMatch(operation ->
                                operation.isString() && operation.asString().equals("sign"));
        if ((use != null && !use.equals("sig")) || !signs) {
            throw new IllegalArgumentException("the JSON Web Key is not for signing, by its member '"
                    + (signs ? "use" : "key_ops") + "'; take another one");
        }
    }

    /** {@return the public part; null where the key does not have it} */
    private static @Nullable PublicKey publicKey(JsonNode jwk) throws GeneralSecurityException {
        if (!jwk.has("x") && !jwk.has("n")) {
            return null;
        }
        return switch (text(jwk, "kty")) {
            case "RSA" ->
                KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e")));
            case "EC" ->
                KeyFactory.getInstance("EC")
                        .generatePublic(new ECPublicKeySpec(
                                new ECPoint(number(jwk, "x"), number(jwk, "y")), curve(text(jwk, "crv"))));
            default ->
                KeyFactory.getInstance("Ed25519")
                        .generatePublic(
                                new EdECPublicKeySpec(NamedParameterSpec.ED25519, edwardsPoint(bytes(jwk, "x"))));
        };
    }

    /** RFC 8032, section 5.1.2: the number backwards, and the sign of the other coordinate in its highest bit. */
    private static EdECPoint edwardsPoint(byte[] encoded) throws GeneralSecurityException {
        if (encoded.length != ED25519_BYTES) {
            throw new InvalidKeySpecException("no point of Ed25519");
        }
        byte[] number = new byte[encoded.length];
        for (int i = 0; i < number.length; i++) {
            number[i] = encoded[number.length - 1 - i];
        }
        boolean isOdd = number[0] < 0;
        number[0] &= 0x7F;
        return new EdECPoint(isOdd, new BigInteger(1, number));
    }

    private static PrivateKey key(JsonNode jwk) throws GeneralSecurityException {
        String type = text(jwk, "kty");
        if (!type.equals("oct") && !jwk.has("d")) {
            throw new IllegalArgumentException(
                    "the JSON Web Key has no member 'd': it is the public key, and the private one" + " is needed");
        }
        return switch (type) {
            case "RSA" ->
                KeyFactory.getInstance("RSA")
                        .generatePrivate(new RSAPrivateCrtKeySpec(
                                number(jwk, "n"),
                                number(jwk, "e"),
                                number(jwk, "d"),
                                number(jwk, "p"),
                                number(jwk, "q"),
                                number(jwk, "dp"),
                                number(jwk, "dq"),
                                number(jwk, "qi")));
            case "EC" -> elliptic(number(jwk, "d"), curve(text(jwk, "crv")));
            case "OKP" -> edwards(jwk);
            default ->
                throw new IllegalArgumentException(
                        "a JSON Web Key of kty '" + type + "' is no private key; RSA, EC and OKP are");
        };
    }

    /** Some JDKs sign with whatever number this is. */
    private static PrivateKey elliptic(BigInteger number, ECParameterSpec curve) throws GeneralSecurityException {
        if (number.signum() == 0 || number.compareTo(curve.getOrder()) >= 0) {
            throw new InvalidKeySpecException("no number of a key on this curve");
        }
        return KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(number, curve));
    }

    private static ECParameterSpec curve(String name) {
        return CURVES.stream()
                .filter(curve -> curve.jwkName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the curve '" + name + "' is none of "
                        + CURVES.stream().map(NamedCurve::jwkName).toList()))
                .parameters();
    }

    private static PrivateKey edwards(JsonNode jwk) throws GeneralSecurityException {
        String curve = text(jwk, "crv");
        if (!curve.equals("Ed25519")) {
            throw new IllegalArgumentException("the curve '" + curve + "' is not Ed25519");
        }
        return KeyFactory.getInstance("Ed25519")
                .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, bytes(jwk, "d")));
    }

    private static BigInteger number(JsonNode jwk, String member) {
        return new BigInteger(1, bytes(jwk, member));
    }

    private static byte[] bytes(JsonNode jwk, String member) {
        try {
            return Base64.getUrlDecoder().decode(text(jwk, member));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the member '" + member + "' of the JSON Web Key is not Base64url");
        }
    }

    private static String text(JsonNode jwk, String member) {
        String value = optional(jwk, member);
        if (value == null) {
            throw new IllegalArgumentException("the JSON Web Key has no member '" + member + "'");
        }
        return value;
    }

    private static @Nullable String optional(JsonNode jwk, String member) {
        JsonNode value = jwk.get(member);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw new IllegalArgumentException("the member '" + member + "' of the JSON Web Key is no text");
        }
        return value.asString();
    }
}
