package io.monotoken.testing;

/** An error of RFC 6749, section 5.2, with which a rule refuses a request. It is expected and has no stack trace. */
final class OAuthRefusal extends RuntimeException {

    private final String error;
    private final String reason;

    /**
     * Makes a refusal.
     *
     * @param error the code
     * @param reason for developers; names a field, shows no value that was sent, needs no escaping in JSON
     */
    OAuthRefusal(String error, String reason) {
        super(reason, null, false, false);
        this.error = error;
        this.reason = reason;
    }

    static OAuthRefusal invalidRequest(String reason) {
        return new OAuthRefusal("invalid_request", reason);
    }

    static OAuthRefusal invalidClient(String reason) {
        return new OAuthRefusal("invalid_client", reason);
    }

    static OAuthRefusal invalidGrant(String reason) {
        return new OAuthRefusal("invalid_grant", reason);
    }

    String error() {
        return error;
    }

    String reason() {
        return reason;
    }

    String json(boolean described) {
        return described
                ? "{\"error\":\"" + error + "\",\"error_description\":\"" + reason + "\"}"
                : "{\"error\":\"" + error + "\"}";
    }
}
