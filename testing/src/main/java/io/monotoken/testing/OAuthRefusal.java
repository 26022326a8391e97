package io.monotoken.testing;

import org.jspecify.annotations.Nullable;

/** An error of RFC 6749, section 5.2, with which a rule refuses a request. It is expected and has no stack trace. */
final class OAuthRefusal extends RuntimeException {

    private final String error;

    private OAuthRefusal(String error, @Nullable String description) {
        super(description, null, false, false);
        this.error = error;
    }

    static OAuthRefusal of(String error) {
        return new OAuthRefusal(error, null);
    }

    /** Returns a refusal with a description for developers, which names a field and never shows its value. */
    static OAuthRefusal invalidRequest(String description) {
        return new OAuthRefusal("invalid_request", description);
    }

    String error() {
        return error;
    }

    String json() {
        return getMessage() == null
                ? "{\"error\":\"" + error + "\"}"
                : "{\"error\":\"" + error + "\",\"error_description\":\"" + getMessage() + "\"}";
    }
}
