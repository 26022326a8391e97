package io.monotoken;

import org.jspecify.annotations.Nullable;

/** How one token request ended. */
sealed interface Answer {

    /**
     * A token came.
     *
     * @param sentAt when the request was sent, by the clock of the source
     */
    record Issued(TokenResponse response, long sentAt) implements Answer {}

    /** No token came. */
    record Failed(TokenException exception, Delivery delivery) implements Answer {

        boolean isInvalidClient() {
            return hasError("invalid_client");
        }

        /** Client or server were not ready, so that the refresh token or the password was not looked at. */
        boolean leavesSecretUnused() {
            if (delivery == Delivery.NOT_SENT || isInvalidClient()) {
                return true;
            }
            int status = status();
            return status == 429
                    || status == 503
                    || (status == 401 && hasError("unauthorized_client"))
                    || (status < 500 && (hasError("temporarily_unavailable") || hasError("slow_down")));
        }

        boolean isRejected() {
            return exception instanceof TokenException.Rejected;
        }

        private int status() {
            return exception.status().orElse(0);
        }

        private boolean hasError(String code) {
            @Nullable String error = exception.error().orElse(null);
            return code.equals(error);
        }
    }

    /** What is known about a request that got no token. */
    enum Delivery {
        /** Nothing was written: no address, no connection, no TLS. */
        NOT_SENT,
        /** It may have been written, and no complete answer came. */
        UNANSWERED,
        /** A complete answer came. */
        ANSWERED,
        /** A successful answer without a body came. */
        ANSWERED_EMPTY
    }
}
