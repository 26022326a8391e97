package io.monotoken;

import io.monotoken.CredentialGuard.Account;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a store keeps what: a hash of all that tells one token from another, so that two clients never meet in one record and
 * two instances of one client always do. What the application calls the client plays no part.
 */
final class RecordKey {

    /** Form fields that change while the token's owner stays the same. */
    private static final Set<String> CHANGING =
            Set.of("password", "client_secret", "client_assertion", "client_assertion_type", "assertion");

    /** Form fields that say whose the token is and change at the same time: a subject has to say it in their place. */
    private static final Set<String> CHANGING_WITH_SUBJECT = Set.of(
            "refresh_token",
            "code",
            "code_verifier",
            "device_code",
            "auth_req_id",
            "subject_token",
            "actor_token",
            "otp");

    private RecordKey() {}

    /**
     * @param refresh further form fields of the refresh grant
     * @param subject whose tokens they are, where the request does not say it; null where it does
     */
    static String ofToken(
            URI tokenUri,
            String clientId,
            TokenRequest request,
            Map<String, List<String>> refresh,
            @Nullable String subject) {
        List<String> parts = new ArrayList<>(List.of(tokenUri.toString(), clientId, request.grantType()));
        parts.add(String.join(" ", request.scopes().stream().sorted().toList()));
        request.fields().stream()
                .filter(field -> !field.getKey().equals("scope")
                        && !CHANGING.contains(field.getKey())
                        && (subject == null || !CHANGING_WITH_SUBJECT.contains(field.getKey())))
                .map(field -> field.getKey() + "=" + folded(tokenUri, field))
                .sorted()
                .forEach(parts::add);
        if (subject != null) {
            parts.add("subject " + subject);
        }
        refresh.forEach((name, values) -> parts.add("refresh " + name + "=" + values));
        return "token:" + hash(parts);
    }

    static String ofAccount(Account account) {
        return "account:" + hash(List.of(account.tokenUri().toString(), account.username()));
    }

    private static String folded(URI tokenUri, Map.Entry<String, String> field) {
        return field.getKey().equals("username")
                ? Account.of(tokenUri, field.getValue()).username()
                : field.getValue();
    }

    private static String hash(List<String> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
                digest.update(bytes);
            }
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
