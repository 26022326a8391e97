package io.monotoken.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Signed assertions of clients, each taken once.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7523#section-3">RFC 7523, section 3</a>
 */
final class ClientAssertions {

    static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private static final int CLOCK_TOLERANCE_SECONDS = 15;
    private static final int REMEMBERED = 100_000;
    private static final Map<String, String> SIGNATURES = Map.of(
            "RS256", "SHA256withRSA",
            "PS256", "RSASSA-PSS",
            "ES256", "SHA256withECDSAinP1363Format",
            "ES384", "SHA384withECDSAinP1363Format",
            "EdDSA", "Ed25519");

    private final Clients clients;
    private final InstantSource clock;
    private final Set<String> seen = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    }));

    ClientAssertions(Clients clients, InstantSource clock) {
        this.clients = clients;
        this.clock = clock;
    }

    /**
     * Returns the client that signed.
     *
     * @param claimed the field {@code client_id}, which may be missing
     * @throws OAuthRefusal if no client did, or it says something wrong, or was shown before
     */
    String signedBy(String assertion, @Nullable String claimed) {
        String[] parts = assertion.split("\\.", -1);
        if (parts.length != 3) {
            throw OAuthRefusal.invalidClient("client_assertion is no JWT");
        }
        JsonNode header = json(parts[0]);
        JsonNode claims = json(parts[1]);
        String clientId = claims.path("sub").asString("");
        if (!clients.isKnown(clientId)) {
            throw OAuthRefusal.invalidClient("sub is that of no registered client");
        }
        if (claimed != null && !claimed.equals(clientId)) {
            throw OAuthRefusal.invalidClient("sub is not the client_id");
        }
        byte[] content = (parts[0] + "." + parts[1]).getBytes(US_ASCII);
        if (!isSigned(clientId, header.path("alg").asString(""), content, decoded(parts[2]))) {
            throw OAuthRefusal.invalidClient("the signature of client_assertion is by no key or secret of the client");
        }
        check(claims, clientId);
        return clientId;
    }

    private void check(JsonNode claims, String clientId) {
        Instant now = clock.instant();
        if (!claims.path("iss").asString("").equals(clientId)) {
            throw OAuthRefusal.invalidClient("iss is not the client_id");
        }
        if (claims.path("aud").asString("").isEmpty()) { // which one, only the real provider knows
            throw OAuthRefusal.invalidClient("aud is not one text");
        }
        if (!claims.path("exp").isIntegralNumber()
                || now.isAfter(Instant.ofEpochSecond(claims.path("exp").asLong() + CLOCK_TOLERANCE_SECONDS))) {
            throw OAuthRefusal.invalidClient("client_assertion has expired, or has no exp");
        }
        if (claims.path("iat").isIntegralNumber()
                && now.isBefore(Instant.ofEpochSecond(claims.path("iat").asLong() - CLOCK_TOLERANCE_SECONDS))) {
            throw OAuthRefusal.invalidClient("client_assertion is of the future");
        }
        String id = claims.path("jti").asString("");
        if (id.isEmpty() || !seen.add(clientId + " " + id)) {
            throw OAuthRefusal.invalidClient("client_assertion was shown before, or has no jti");
        }
    }

    private boolean isSigned(String clientId, String algorithm, byte[] content, byte[] signature) {
        return algorithm.equals("HS256")
                ? clients.secrets(clientId).stream().anyMatch(secret -> isMac(secret, content, signature))
                : clients.keys(clientId).stream().anyMatch(key -> isSignature(algorithm, key, content, signature));
    }

    private static boolean isMac(String secret, byte[] content, byte[] signature) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return MessageDigest.isEqual(mac.doFinal(content), signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static boolean isSignature(String algorithm, PublicKey key, byte[] content, byte[] signature) {
        String name = SIGNATURES.get(algorithm);
        if (name == null) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(name);
            if (algorithm.equals("PS256")) {
                verifier.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
            }
            verifier.initVerify(key);
            verifier.update(content);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // a key of another kind
        }
    }

    private static JsonNode json(String part) {
        try {
            return JsonMapper.shared().readTree(decoded(part));
        } catch (JacksonException e) {
            throw OAuthRefusal.invalidClient("client_assertion is no JWT");
        }
    }

    private static byte[] decoded(String part) {
        try {
            return Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            throw OAuthRefusal.invalidClient("client_assertion is no JWT");
        }
    }
}
