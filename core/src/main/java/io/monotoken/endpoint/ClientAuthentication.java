package io.monotoken.endpoint;

import io.monotoken.TokenRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a client proves to the token endpoint who it is; exactly one way for each request. {@link #toString()} shows the
 * client's id and never its secret.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-2.3">RFC 6749, section 2.3</a>
 */
public final class ClientAuthentication {

    private final String method;
    private final String clientId;
    private final @Nullable String secret;
    private final @Nullable String authorization;

    private ClientAuthentication(
            String method, String clientId, @Nullable String secret, @Nullable String authorization) {
        this.method = method;
        this.clientId = clientId;
        this.secret = secret;
        this.authorization = authorization;
    }

    /**
     * Sends id and secret as form fields, as the Comply One documentation asks; understood by nearly every provider.
     *
     * @param clientId the client's id
     * @param clientSecret the client's secret
     * @return {@code client_secret_post}
     */
    public static ClientAuthentication clientSecretPost(String clientId, String clientSecret) {
        return new ClientAuthentication("client_secret_post", checked(clientId), checkedSecret(clientSecret), null);
    }

    /**
     * Sends id and secret in an {@code Authorization: Basic} header, each form-encoded first as RFC 6749, section 2.3.1
     * asks.
     *
     * @param clientId the client's id
     * @param clientSecret the client's secret
     * @return {@code client_secret_basic}
     */
    public static ClientAuthentication clientSecretBasic(String clientId, String clientSecret) {
        String pair = FormBody.encoded(checked(clientId)) + ":" + FormBody.encoded(checkedSecret(clientSecret));
        return new ClientAuthentication("client_secret_basic", clientId, clientSecret, "Basic " + base64(pair));
    }

    /**
     * Sends id and secret in an {@code Authorization: Basic} header as they are, for servers that do not decode them,
     * such as IdentityServer 3.
     *
     * @param clientId the client's id; without a colon
     * @param clientSecret the client's secret
     * @return {@code client_secret_basic} without the form encoding
     */
    public static ClientAuthentication clientSecretBasicRaw(String clientId, String clientSecret) {
        if (checked(clientId).indexOf(':') >= 0) {
            throw new IllegalArgumentException("clientId must not contain a colon without form encoding, was '"
                    + clientId + "'; use clientSecretBasic or clientSecretPost");
        }
        return new ClientAuthentication(
                "client_secret_basic_raw",
                clientId,
                clientSecret,
                "Basic " + base64(clientId + ":" + checkedSecret(clientSecret)));
    }

    /**
     * Sends the id alone, for public clients.
     *
     * @param clientId the client's id
     * @return no authentication
     */
    public static ClientAuthentication none(String clientId) {
        return new ClientAuthentication("none", checked(clientId), null, null);
    }

    private static String base64(String pair) {
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static String checked(String clientId) {
        if (Objects.requireNonNull(clientId, "clientId").isBlank()) {
            throw new IllegalArgumentException("clientId must not be blank");
        }
        return withoutControls("clientId", clientId);
    }

    private static String checkedSecret(String clientSecret) {
        return withoutControls("clientSecret", Objects.requireNonNull(clientSecret, "clientSecret"));
    }

    private static String withoutControls(String name, String value) {
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    name + " must not contain control characters; was it read from a file with its last line end?");
        }
        return value;
    }

    /** {@return the client's id} */
    public String clientId() {
        return clientId;
    }

    TokenRequest writeTo(TokenRequest request) {
        if (secret != null && request.first("client_secret") != null) {
            throw twice("client_secret");
        }
        if (authorization != null) {
            return request;
        }
        if (request.first("client_id") != null) {
            throw twice("client_id");
        }
        TokenRequest named = request.with("client_id", clientId);
        return secret == null ? named : named.with("client_secret", secret);
    }

    private static IllegalArgumentException twice(String field) {
        return new IllegalArgumentException("the grant must not write " + field
                + ", which the endpoint's clientAuthentication writes; keep one of them");
    }

    /** {@return whether a text repeats the secret, or id and secret as a header would have them} */
    boolean isEchoedIn(String text) {
        return secret != null
                && Stream.of(
                                secret,
                                base64(clientId + ":" + secret),
                                base64(FormBody.encoded(clientId) + ":" + FormBody.encoded(secret)))
                        .anyMatch(form -> FormBody.repeats(text, form));
    }

    @Nullable
    String secret() {
        return secret;
    }

    /** {@return the value of the {@code Authorization} header, if this way has one} */
    @Nullable
    String authorization() {
        return authorization;
    }

    @Override
    public String toString() {
        return "ClientAuthentication[method=" + method + ", clientId=" + clientId
                + (secret == null ? "]" : ", secret=REDACTED]");
    }
}
