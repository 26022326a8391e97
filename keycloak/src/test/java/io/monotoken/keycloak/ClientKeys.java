package io.monotoken.keycloak;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import io.monotoken.SigningKey;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A key for each algorithm, named like it, and what a server is told of them. Made anew for each run. */
final class ClientKeys {

    private static final int ED25519_BYTES = 32;

    private final Map<String, KeyPair> pairs = new TreeMap<>();

    ClientKeys() {
        for (String algorithm : List.of("RS256", "PS256", "ES256", "ES384", "EdDSA")) {
            pairs.put(algorithm, pair(algorithm));
        }
    }

    SigningKey signing(String algorithm) {
        return SigningKey.of(Objects.requireNonNull(pairs.get(algorithm)).getPrivate())
                .withAlgorithm(algorithm)
                .withKeyId(algorithm);
    }

    /** {@return a key of that name which no server was told of} */
    static SigningKey forged(String algorithm) {
        return SigningKey.of(pair(algorithm).getPrivate())
                .withAlgorithm(algorithm)
                .withKeyId(algorithm);
    }

    /** {@return a JSON Web Key Set with the public keys} */
    String published() {
        return new JWKSet(pairs.entrySet().stream()
                        .map(entry -> jwk(entry.getKey(), entry.getValue().getPublic()))
                        .toList())
                .toString();
    }

    private static JWK jwk(String name, PublicKey key) {
        JWSAlgorithm algorithm = JWSAlgorithm.parse(name);
        if (key instanceof RSAPublicKey rsa) {
            return new RSAKey.Builder(rsa)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(algorithm)
                    .keyID(name)
                    .build();
        }
        if (key instanceof ECPublicKey ec) {
            return new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(algorithm)
                    .keyID(name)
                    .build();
        }
        byte[] encoded = key.getEncoded();
        byte[] x = Arrays.copyOfRange(encoded, encoded.length - ED25519_BYTES, encoded.length);
        return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x))
                .keyUse(KeyUse.SIGNATURE)
                .algorithm(algorithm)
                .keyID(name)
                .build();
    }

    private static KeyPair pair(String algorithm) {
        try {
            return switch (algorithm) {
                case "RS256", "PS256" -> generated("RSA");
                case "ES256" -> onCurve("secp256r1");
                case "ES384" -> onCurve("secp384r1");
                default -> generated("Ed25519");
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair generated(String kind) throws GeneralSecurityException {
        return KeyPairGenerator.getInstance(kind).generateKeyPair();
    }

    private static KeyPair onCurve(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }
}
