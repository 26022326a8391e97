package io.monotoken;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** How a flight ended, before the state takes it in. */
sealed interface Outcome {

    /** {@return the refresh token to hold from now on} */
    @Nullable
    RefreshToken refreshToken();

    /** {@return whether a password was written on the way} */
    boolean passwordSent();

    /** {@return the same outcome, its refresh token left to whoever keeps it for all instances} */
    Outcome withoutRefreshToken();

    /**
     * Returns the outcome of a login after a refresh that the server refused since it does not know the client: where it does
     * not know it by the login either, the refresh token was not looked at and is kept.
     */
    default Outcome heldByUnknownClient(RefreshToken held) {
        return this instanceof Failed failed
                        && failed.exception
                                .error()
                                .filter("invalid_client"::equals)
                                .isPresent()
                ? new Failed(
                        failed.exception,
                        failed.cause,
                        failed.permit,
                        held,
                        failed.passwordSent,
                        false,
                        null,
                        failed.proofChanged)
                : this;
    }

    /**
     * A token was obtained.
     *
     * @param sentAt when the request that got it was handed to the transport
     * @param scopes those of the answer, else those asked for
     * @param rotated whether the refresh token is another than the one presented
     * @param accepted fingerprint of the credentials that were accepted; zero when none were sent
     */
    record Obtained(
            TokenResponse response,
            long sentAt,
            Set<String> scopes,
            @Nullable RefreshToken refreshToken,
            boolean rotated,
            int accepted)
            implements Outcome {

        @Override
        public boolean passwordSent() {
            return accepted != 0;
        }

        /** {@return the token to hold, renewed at an instant that is drawn now} */
        HeldToken held(SourceSetup setup, Disposable expiryTask) {
            double draw = setup.random().getAsDouble();
            Lifetime life = Lifetime.of(sentAt, response.expiresIn(), setup.settings(), draw);
            Instant issuedAt = setup.clock().instant(sentAt);
            Token obtained = new Token(
                    response.accessToken(), scopes, issuedAt, issuedAt.plusNanos(life.length()), response.attributes());
            return new HeldToken(obtained, life, expiryTask);
        }

        /** {@return the outcome of a flight whose token was the current one} */
        Failed repeated(TokenException why) {
            return new Failed(why, FailureCause.TRANSIENT, null, refreshToken, passwordSent(), true, null);
        }

        @Override
        public Obtained withoutRefreshToken() {
            return new Obtained(response, sentAt, scopes, null, false, accepted);
        }
    }

    /**
     * No token was obtained.
     *
     * @param permit what the credential guard gave for a password on the way, null when none was to be sent
     * @param sameToken whether the provider gave the current token again
     * @param pause until when nothing is sent; null when the state of the source decides
     * @param proofChanged whether the client would prove itself otherwise by now; null when that would not help, or nobody knows
     */
    record Failed(
            TokenException exception,
            FailureCause cause,
            @Nullable LoginPermit permit,
            @Nullable RefreshToken refreshToken,
            boolean passwordSent,
            boolean sameToken,
            @Nullable Pause pause,
            @Nullable Mono<Boolean> proofChanged)
            implements Outcome {

        Failed(
                TokenException exception,
                FailureCause cause,
                @Nullable LoginPermit permit,
                @Nullable RefreshToken refreshToken,
                boolean passwordSent,
                boolean sameToken,
                @Nullable Pause pause) {
            this(exception, cause, permit, refreshToken, passwordSent, sameToken, pause, null);
        }

        @Override
        public Failed withoutRefreshToken() {
            return new Failed(exception, cause, permit, null, passwordSent, sameToken, pause, proofChanged);
        }

        Failed withPause(Pause decided) {
            return new Failed(exception, cause, permit, refreshToken, passwordSent, sameToken, decided, proofChanged);
        }

        /** {@return what the server refused the credentials with, just now or when another source sent them; else null} */
        TokenException.@Nullable Rejected refusedLogin() {
            return (cause == FailureCause.CREDENTIALS || cause == FailureCause.GUARDED)
                            && exception instanceof TokenException.Rejected refusal
                    ? refusal
                    : null;
        }
    }
}
