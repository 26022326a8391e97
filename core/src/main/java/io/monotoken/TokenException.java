package io.monotoken;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Why there is no token. The type answers "shall I try again?"; no message, field or cause holds a secret.
 *
 * <p>Every caller gets an instance of its own; its cause is the failure that all of them share.
 */
public abstract sealed class TokenException extends RuntimeException {

    /**
     * The error codes that the IANA registry of OAuth extension errors and RFC 6749 have for token endpoints. Any other code
     * is a server's own word.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-5.2">RFC 6749, section 5.2</a>
     */
    public static final Set<String> REGISTERED_ERRORS = Set.of(
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope",
            "invalid_target",
            "access_denied",
            "temporarily_unavailable",
            "server_error",
            "slow_down");

    private final transient Failure failure;

    private TokenException(String message, @Nullable Throwable cause, Failure failure, boolean ownStackTrace) {
        super(message, cause, true, ownStackTrace);
        this.failure = failure;
    }

    /** {@return the HTTP status of the answer, if there was one} */
    public OptionalInt status() {
        return failure.status() == 0 ? OptionalInt.empty() : OptionalInt.of(failure.status());
    }

    /** {@return the OAuth error code of the answer, if it had one (RFC 6749, section 5.2)} */
    public Optional<String> error() {
        return Optional.ofNullable(failure.error());
    }

    /** {@return how long the server asked clients to wait, if it did} */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(failure.retryAfter());
    }

    Failure failure() {
        return failure;
    }

    /** {@return the same failure for one more caller, without a stack trace: the cause has the one that matters} */
    TokenException copy() {
        return copy(text());
    }

    /** {@return the same failure with other words} */
    abstract TokenException copy(String text);

    String text() {
        return Objects.requireNonNull(getMessage());
    }

    Throwable original() {
        return getCause() instanceof TokenException shared ? shared : this;
    }

    /** The facts of a failure that are fields of its exception. */
    record Failure(
            int status, @Nullable String error, @Nullable Duration retryAfter) {

        static final Failure NO_ANSWER = new Failure(0, null, null);
    }

    /**
     * The server said no, and asking again the same way gets the same answer: wrong credentials, a client or scope that
     * is not set up.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-5.2">RFC 6749, section 5.2</a>
     */
    public static final class Rejected extends TokenException {

        Rejected(String message, @Nullable Throwable cause, Failure failure) {
            super(message, cause, failure, true);
        }

        private Rejected(Rejected shared, String text) {
            super(text, shared.original(), shared.failure(), false);
        }

        @Override
        TokenException copy(String text) {
            return new Rejected(this, text);
        }
    }

    /** No usable answer came: not connected, timed out, overloaded, closed. Trying again later may work. */
    public static final class Unavailable extends TokenException {

        Unavailable(String message, @Nullable Throwable cause, Failure failure) {
            super(message, cause, failure, true);
        }

        Unavailable(String message, @Nullable Throwable cause) {
            this(message, cause, Failure.NO_ANSWER);
        }

        private Unavailable(Unavailable shared, String text) {
            super(text, shared.original(), shared.failure(), false);
        }

        @Override
        TokenException copy(String text) {
            return new Unavailable(this, text);
        }
    }

    /** An answer came that is no token response: something other than a token endpoint, or a broken one, answered. */
    public static final class Malformed extends TokenException {

        Malformed(String message, @Nullable Throwable cause, Failure failure) {
            super(message, cause, failure, true);
        }

        private Malformed(Malformed shared, String text) {
            super(text, shared.original(), shared.failure(), false);
        }

        @Override
        TokenException copy(String text) {
            return new Malformed(this, text);
        }
    }
}
