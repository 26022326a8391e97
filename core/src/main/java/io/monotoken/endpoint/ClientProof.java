package io.monotoken.endpoint;

import io.monotoken.TokenRequest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one request shows of who the client is: form fields or a header.
 *
 * @param fields names with values
 * @param authorization the value of the {@code Authorization} header; null when the fields say it
 * @param secrets what nobody may see: the secret as it is and as the header has it
 * @param advice what to check when the server does not know the client; null for what applies to a secret
 * @param madeOf tells what it was made of from what may be in its place later; null when that never changes, or nobody knows
 * @param texts what it was made of and a person may have mistyped, by what it is
 */
record ClientProof(
        Map<String, String> fields,
        @Nullable String authorization,
        List<String> secrets,
        @Nullable String advice,
        @Nullable ProofFingerprint madeOf,
        Map<String, String> texts) {

    ClientProof(Map<String, String> fields, @Nullable String authorization, List<String> secrets) {
        this(fields, authorization, secrets, null);
    }

    ClientProof(
            Map<String, String> fields, @Nullable String authorization, List<String> secrets, @Nullable String advice) {
        this(fields, authorization, secrets, advice, null, Map.of());
    }

    ClientProof withTexts(Map<String, String> all) {
        return new ClientProof(fields, authorization, secrets, advice, madeOf, all);
    }

    ClientProof madeOf(ProofFingerprint material) {
        return new ClientProof(fields, authorization, secrets, advice, material, texts);
    }

    /** A secret or assertion that cannot be sent. Its message shows nothing of it. */
    static final class UnusableException extends IllegalArgumentException {

        UnusableException(String message) {
            super(message);
        }
    }

    /** Fields of which a grant must not write one when the endpoint's authentication proves the client. */
    private static final List<String> ONE_OF = List.of("client_id", "client_secret", "client_assertion");

    TokenRequest writeTo(TokenRequest request) {
        for (String name : ONE_OF) {
            boolean written = fields.containsKey(name) || (authorization != null && name.equals("client_secret"));
            if (written && request.first(name) != null) {
                throw new IllegalArgumentException("the grant must not write " + name
                        + ", which the endpoint's clientAuthentication writes; keep one of them");
            }
        }
        TokenRequest all = request;
        for (Map.Entry<String, String> field : fields.entrySet()) {
            all = all.with(field.getKey(), field.getValue());
        }
        return all;
    }

    /** {@return whether it says when it was made, so that clocks matter} */
    boolean isDated() {
        return fields.containsKey("client_assertion");
    }

    /** {@return whether a text repeats a secret} */
    boolean isEchoedIn(String text) {
        return secrets.stream().anyMatch(secret -> FormBody.repeats(text, secret));
    }

    @Override
    public String toString() {
        return "ClientProof[fields=" + fields.keySet() + (authorization == null ? "]" : ", authorization=REDACTED]");
    }
}
