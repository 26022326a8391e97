package io.monotoken;

import io.monotoken.TokenException.Failure;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** How one token request ended: with a token, or with the facts of a failure. No {@code toString} shows a secret. */
public sealed interface TokenAnswer {

    /**
     * A token came.
     *
     * @param response what came with it
     */
    record Issued(TokenResponse response) implements TokenAnswer {

        /**
         * Wraps a response.
         *
         * @param response what came
         */
        public Issued {
            Objects.requireNonNull(response, "response");
        }
    }

    /**
     * The server said no, and the same request would get the same answer.
     *
     * @param message one line that says what, why and what to do, without a secret
     * @return an answer that becomes a {@link TokenException.Rejected}
     */
    static Failed rejected(String message) {
        return new Failed(Failed.Kind.REJECTED, message, Delivery.ANSWERED, Failure.NO_ANSWER, null, null);
    }

    /**
     * No usable answer came, and trying again later may work.
     *
     * @param delivery what is known about the request
     * @param message one line that says what, why and what to do, without a secret
     * @return an answer that becomes a {@link TokenException.Unavailable}
     */
    static Failed unavailable(Delivery delivery, String message) {
        return new Failed(Failed.Kind.UNAVAILABLE, message, delivery, Failure.NO_ANSWER, null, null);
    }

    /**
     * An answer came that is no token response.
     *
     * @param delivery {@link Delivery#ANSWERED}, unless it may not have been the whole answer
     * @param message one line that says what, why and what to do, without a secret
     * @return an answer that becomes a {@link TokenException.Malformed}
     */
    static Failed malformed(Delivery delivery, String message) {
        return new Failed(Failed.Kind.MALFORMED, message, delivery, Failure.NO_ANSWER, null, null);
    }

    /** What is known about a request that got no token. */
    enum Delivery {
        /** Surely nothing was written: no address, no connection, no TLS. */
        NOT_SENT,
        /** It may have been written, and no complete answer came. */
        UNANSWERED,
        /** A complete answer came. */
        ANSWERED,
        /** A successful answer without a body came. */
        ANSWERED_EMPTY
    }

    /** No token came: the facts, from which a source makes the exception that callers get. Immutable. */
    final class Failed implements TokenAnswer {

        private static final Set<String> BEFORE_THE_PASSWORD =
                Set.of("invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope");
        private static final Set<Integer> WRONG_ADDRESS = Set.of(404, 405, 410, 415);

        private enum Kind {
            REJECTED,
            UNAVAILABLE,
            MALFORMED
        }

        private final Kind kind;
        private final String message;
        private final Delivery delivery;
        private final Failure facts;
        private final @Nullable Throwable cause;
        private final @Nullable Mono<Boolean> proofChanged;
        private volatile @Nullable TokenException exception;

        private Failed(
                Kind kind,
                String message,
                Delivery delivery,
                Failure facts,
                @Nullable Throwable cause,
                @Nullable Mono<Boolean> proofChanged) {
            this.proofChanged = proofChanged;
            this.kind = kind;
            this.message = Objects.requireNonNull(message, "message");
            this.delivery = Objects.requireNonNull(delivery, "delivery");
            this.facts = facts;
            this.cause = cause;
        }

        /**
         * Adds the status of the answer.
         *
         * @param status the HTTP status, which says what became of a refresh token or password that was sent
         * @return a copy
         */
        public Failed withStatus(int status) {
            return with(new Failure(status, facts.error(), facts.retryAfter()));
        }

        /**
         * Adds the error code of the answer.
         *
         * @param error as RFC 6749, section 5.2 has them; without a secret
         * @return a copy
         */
        public Failed withError(String error) {
            return with(new Failure(facts.status(), Objects.requireNonNull(error, "error"), facts.retryAfter()));
        }

        /**
         * Adds how long the server asked clients to wait.
         *
         * @param retryAfter the wait, null when it asked for none
         * @return a copy
         */
        public Failed withRetryAfter(@Nullable Duration retryAfter) {
            return with(new Failure(facts.status(), facts.error(), retryAfter));
        }

        /**
         * Adds what went wrong below.
         *
         * @param cause the cause of the exception, which no message of ours repeats
         * @return a copy
         */
        public Failed withCause(Throwable cause) {
            return new Failed(kind, message, delivery, facts, cause, proofChanged);
        }

        /**
         * Adds how to find out whether the client would prove itself otherwise by now, as after its secret, key or certificate was
         * replaced. Where the server did not know the client, a source subscribes while callers meet the pause, every five
         * seconds at most, and asks for a token again once that is true.
         *
         * @param changed cold; must not block; whether the next request shows something else than this one did; an error or
         *     nothing counts as no
         * @return a copy
         */
        public Failed withProofChanged(Mono<Boolean> changed) {
            return new Failed(kind, message, delivery, facts, cause, Objects.requireNonNull(changed, "changed"));
        }

        private Failed with(Failure more) {
            return new Failed(kind, message, delivery, more, cause, proofChanged);
        }

        /** {@return what is known about the request} */
        public Delivery delivery() {
            return delivery;
        }

        /** {@return what went wrong} */
        public String message() {
            return message;
        }

        /** {@return an exception with these facts, made at the first call} */
        public TokenException exception() {
            TokenException made = exception;
            if (made == null) {
                made = switch (kind) {
                    case REJECTED -> new TokenException.Rejected(message, cause, facts);
                    case UNAVAILABLE -> new TokenException.Unavailable(message, cause, Backoff.throttled(facts));
                    case MALFORMED -> new TokenException.Malformed(message, cause, facts);
                };
                exception = made;
            }
            return made;
        }

        @Nullable
        Mono<Boolean> proofChanged() {
            return proofChanged;
        }

        boolean isRejected() {
            return kind == Kind.REJECTED;
        }

        boolean isInvalidClient() {
            return hasError("invalid_client");
        }

        /** The server does not know the client, or not by what it was shown. */
        boolean isUnknownClient() {
            return isInvalidClient() || (facts.status() == 401 && hasError("unauthorized_client"));
        }

        /** Client or server were not ready, so that the refresh token or the password was not looked at. */
        boolean leavesSecretUnused() {
            int status = facts.status();
            return delivery == Delivery.NOT_SENT
                    || isUnknownClient()
                    || status == 429
                    || status == 503
                    || (status < 500 && (hasError("temporarily_unavailable") || hasError("slow_down")));
        }

        /** A password was not looked at: servers check all of this first. */
        boolean isRefusedBeforeThePassword() {
            return isRejected()
                    && (facts.error() == null
                            ? WRONG_ADDRESS.contains(facts.status())
                            : BEFORE_THE_PASSWORD.contains(facts.error()));
        }

        /** The server judged what was shown to it, in the words of OAuth. */
        boolean isOAuthRefusal() {
            return isRejected() && facts.error() != null;
        }

        private boolean hasError(String code) {
            return code.equals(facts.error());
        }

        @Override
        public String toString() {
            return "Failed[" + kind + ", " + delivery + ", " + message + "]";
        }
    }
}
