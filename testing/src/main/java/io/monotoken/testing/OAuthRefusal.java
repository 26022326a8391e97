package io.monotoken.testing;

import org.jspecify.annotations.Nullable;

/** An error of RFC 6749, section 5.2: how a rule says no. It has no stack trace, it is an answer and not an accident. */
final class OAuthRefusal extends RuntimeException {

    private final String error;

    private OAuthRefusal(String error, @Nullable String description) {
        super(description, null, false, false);
        this.error = error;
    }

    static OAuthRefusal of(String error) {
        return new OAuthRefusal(error, null);
    }

    /** A description goes to developers only: it names a field and never shows what is in it. */
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
