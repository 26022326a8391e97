package io.monotoken;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
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
    private final boolean idInForm;
    private final @Nullable String secretInForm;
    private final @Nullable String authorization;

    private ClientAuthentication(
            String method,
            String clientId,
            boolean idInForm,
            @Nullable String secretInForm,
            @Nullable String authorization) {
        this.method = method;
        this.clientId = clientId;
        this.idInForm = idInForm;
        this.secretInForm = secretInForm;
        this.authorization = authorization;
    }

    /**
     * Sends id and secret as form fields, as the Comply One documentation asks; understood by nearly every provider.
     *
     * @param clientId the client's id
     * @param clientSecret the client's secret
     * @return {@code client_secret_post}
     */
    public static ClientAuthentication post(String clientId, String clientSecret) {
        Objects.requireNonNull(clientSecret, "clientSecret");
        return new ClientAuthentication("post", checked(clientId), true, clientSecret, null);
    }

    /**
     * Sends id and secret in an {@code Authorization: Basic} header, each form-encoded first as RFC 6749, section 2.3.1
     * asks.
     *
     * @param clientId the client's id
     * @param clientSecret the client's secret
     * @return {@code client_secret_basic}
     */
    public static ClientAuthentication basic(String clientId, String clientSecret) {
        return basic("basic", formEncoded(checked(clientId)), formEncoded(clientSecret), clientId);
    }

    /**
     * Sends id and secret in an {@code Authorization: Basic} header as they are, for servers that do not decode them,
     * such as IdentityServer 3.
     *
     * @param clientId the client's id; without a colon
     * @param clientSecret the client's secret
     * @return {@code client_secret_basic} without the form encoding
     */
    public static ClientAuthentication basicRaw(String clientId, String clientSecret) {
        if (checked(clientId).indexOf(':') >= 0) {
            throw new IllegalArgumentException("clientId must not contain a colon without form encoding, was '"
                    + clientId + "'; use basic or post");
        }
        return basic("basic-raw", clientId, clientSecret, clientId);
    }

    /**
     * Sends the id alone, for public clients.
     *
     * @param clientId the client's id
     * @return no authentication
     */
    public static ClientAuthentication none(String clientId) {
        return new ClientAuthentication("none", checked(clientId), true, null, null);
    }

    private static ClientAuthentication basic(String method, String user, String secret, String clientId) {
        byte[] pair = (user + ":" + secret).getBytes(StandardCharsets.UTF_8);
        return new ClientAuthentication(
                method, clientId, false, null, "Basic " + Base64.getEncoder().encodeToString(pair));
    }

    private static String checked(String clientId) {
        if (Objects.requireNonNull(clientId, "clientId").isBlank()) {
            throw new IllegalArgumentException("clientId must not be blank");
        }
        return clientId;
    }

    private static String formEncoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** {@return the client's id} */
    public String clientId() {
        return clientId;
    }

    TokenRequest writeTo(TokenRequest request) {
        TokenRequest named = idInForm ? request.with("client_id", clientId) : request;
        return secretInForm == null ? named : named.with("client_secret", secretInForm);
    }

    /** {@return the value of the {@code Authorization} header, if this way has one} */
    @Nullable
    String authorization() {
        return authorization;
    }

    @Override
    public String toString() {
        return "ClientAuthentication[method=" + method + ", clientId=" + clientId
                + (secretInForm == null && authorization == null ? "]" : ", secret=REDACTED]");
    }
}
