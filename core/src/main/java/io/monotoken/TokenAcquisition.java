package io.monotoken;

import io.monotoken.TokenAnswer.Delivery;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What one flight sends: the refresh grant if a refresh token is held, else the primary grant; and the primary grant
 * after a refused refresh.
 *
 * <p>It counts a refresh token as spent from the moment of sending until an answer says otherwise, so whatever ends the
 * flight on the way finds it dropped. The same holds for a password.
 */
final class TokenAcquisition {

    private static final Duration LONGEST_STORING = Duration.ofSeconds(2);
    private static final long LONGEST_LEEWAY = Duration.ofMillis(100).toNanos();

    private final SourceSetup setup;
    private final boolean usableToken;
    private final boolean passwordSpent;
    private final int accepted;
    private final LoginLine line;
    private final SecretGate gate;
    private final @Nullable RefreshToken toPresent;
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile @Nullable RefreshToken unused;
    private volatile boolean passwordSent;
    private volatile @Nullable LoginPermit permit;
    private volatile @Nullable Mono<Boolean> proofChanged;

    /**
     * @param usableToken whether a token is usable as the flight starts
     * @param passwordSpent whether the one password that a usable token allows was sent already
     * @param accepted fingerprint of the credentials last accepted; zero for none
     * @param line the flight's time
     * @param toPresent the refresh token that is held; null when there is none
     */
    TokenAcquisition(
            SourceSetup setup,
            LoginLine line,
            SecretGate gate,
            @Nullable RefreshToken toPresent,
            boolean usableToken,
            boolean passwordSpent,
            int accepted) {
        this.setup = setup;
        this.toPresent = toPresent;
        this.usableToken = usableToken;
        this.passwordSpent = passwordSpent;
        this.accepted = accepted;
        this.line = line;
        this.gate = gate;
    }

    /** {@return how it ended; never an error, never later than the flight's time-out and the time for storing} */
    Mono<Outcome> outcome() {
        return Caught.signals(this::refreshOrPrimary)
                .timeout(line.timeIsUp())
                .onErrorResume(error -> {
                    if (begun.compareAndSet(false, true)) {
                        unused = toPresent;
                    }
                    return Mono.just(
                            failed(ended(error), passwordSent ? FailureCause.LOGIN_LOST : FailureCause.TRANSIENT));
                })
                .delayUntil(this::store);
    }

    private TokenException ended(Throwable error) {
        if (error instanceof TokenException known) {
            return known;
        }
        return error instanceof TimeoutException
                ? setup.unavailable(
                        "none came within " + setup.settings().timeout().toMillis() + " ms"
                                + "; if the credentials supplier or the HTTP client of the token endpoint waits for a token of"
                                + " this very source, give it a client without the filter")
                : setup.unavailable(
                        "the token client failed with " + error.getClass().getName(), error);
    }

    private Mono<Outcome> refreshOrPrimary() {
        return Mono.defer(() -> {
            if (!begun.compareAndSet(false, true)) {
                return Mono.never(); // the time was up before, and the refresh token is somebody else's by now
            }
            RefreshToken held = toPresent;
            return held != null && held.isAlive(setup.clock().now()) ? refresh(held, this::primary) : primary(null);
        });
    }

    private Mono<Outcome> refresh(RefreshToken held, Function<TokenAnswer.Failed, Mono<Outcome>> onRefusal) {
        if (setup.grant() instanceof RefreshTokenGrant given) {
            given.present(held.value());
        }
        TokenRequest request = TokenRequest.of(TokenRequest.REFRESH_TOKEN)
                .with("refresh_token", held.value())
                .withAll(setup.settings().parameters());
        return send(request, false).flatMap(sent -> {
            if (sent.answer() instanceof TokenAnswer.Issued issued) {
                return Mono.just(obtained(
                        issued,
                        sent.at(),
                        request.first("scope") == null ? held.scopes() : request.scopes(),
                        held.provenByGrant(),
                        held));
            }
            TokenAnswer.Failed failed = (TokenAnswer.Failed) sent.answer();
            if (held.provenByGrant() && failed.isUnknownClient()) {
                return onRefusal.apply(failed).map(outcome -> outcome.heldByUnknownClient(held));
            }
            if (failed.leavesSecretUnused()) {
                unused = held;
            } else if (failed.isRejected()) {
                return onRefusal.apply(failed);
            }
            return Mono.just(failed(failed.exception(), causeOf(failed)));
        });
    }

    /**
     * @param refusal of the refresh token that was held; null when none was presented
     */
    private Mono<Outcome> primary(TokenAnswer.@Nullable Failed refusal) {
        return request()
                .flatMap(request -> setup.grant() instanceof RefreshTokenGrant given
                        ? given(given, request, refusal)
                        : login(request))
                .onErrorResume(
                        CredentialsMissing.class,
                        missing -> Mono.just(failed(missing.unavailable, FailureCause.TRANSIENT)));
    }

    private Mono<Outcome> given(RefreshTokenGrant grant, TokenRequest request, TokenAnswer.@Nullable Failed refusal) {
        String value = Objects.requireNonNull(request.first("refresh_token"));
        return gate.beforeGiven(value).flatMap(presentation -> {
            if (presentation == SecretGate.Presentation.UNKNOWN) {
                return Mono.just(failed(
                        setup.unavailable("the store that knows whether the refresh token that it was given has been"
                                + " presented is out of reach"),
                        FailureCause.TRANSIENT));
            }
            return presentation == SecretGate.Presentation.FIRST && grant.present(value)
                    ? refresh(
                            new RefreshToken(value, Set.of(), false, Long.MAX_VALUE),
                            refused -> Mono.just(failed(refused.exception(), FailureCause.CONFIGURATION)))
                    : Mono.just(spent(refusal));
        });
    }

    private Outcome spent(TokenAnswer.@Nullable Failed refusal) {
        TokenException spent = refusal != null
                ? refusal.exception()
                : setup.unavailable("the refresh token that it was given has been presented before and may be spent;"
                        + " give it a new one");
        return failed(spent, FailureCause.CONFIGURATION);
    }

    private Mono<TokenRequest> request() {
        return setup.askGrant()
                .switchIfEmpty(Mono.error(() -> new CredentialsMissing(setup, "were empty", null)))
                .onErrorMap(
                        error -> !(error instanceof CredentialsMissing),
                        error -> new CredentialsMissing(setup, describe(error), error));
    }

    private String describe(Throwable error) {
        return error instanceof TimeoutException
                ? "did not come within " + setup.settings().credentialsTimeout().toMillis() + " ms"
                        + "; a supplier must not wait for a token of this very source"
                : "failed with " + error.getClass().getName();
    }

    private Mono<Outcome> login(TokenRequest request) {
        if (!request.carriesPassword()) {
            return send(request, true).map(sent -> outcome(request, sent));
        }
        if (usableToken && passwordSpent) {
            return Mono.just(failed(
                    setup.unavailable("the one login that a usable token allows was made already"),
                    FailureCause.GUARDED));
        }
        LoginPermit met = setup.permit(request);
        permit = met;
        return line.await(met.enter(setup.clock())
                        .flatMap(entry -> entry instanceof LoginPermit.Entry.Open
                                ? gate.beforePassword(met, request)
                                : Mono.just(entry)))
                .onErrorResume(
                        TimeoutException.class,
                        late -> Mono.just(new LoginPermit.Entry.Failed(
                                FailureCause.TRANSIENT,
                                setup.unavailable("the logins of this user before it took too long"))))
                .flatMap(entry -> entry instanceof LoginPermit.Entry.Open
                        ? sendPassword(met, request)
                        : Mono.just(notSent(entry)))
                .doFinally(signal -> ended(met, request));
    }

    private void ended(LoginPermit met, TokenRequest request) {
        LoginResult.Lost lost = lost(met, request, "the flight of an earlier login was ended");
        met.leave(lost, setup.clock());
        gate.abandoned(lost);
    }

    private Outcome notSent(LoginPermit.Entry entry) {
        if (entry instanceof LoginPermit.Entry.Failed before) {
            return failed(before.why().copy(), before.cause());
        }
        TokenException.Rejected refusal = ((LoginPermit.Entry.Closed) entry).refusal();
        return failed(
                refusal != null
                        ? refusal
                        : setup.unavailable(
                                "the answer to an earlier login was lost, and the server may have counted it"),
                FailureCause.GUARDED);
    }

    private LoginResult.Lost lost(LoginPermit met, TokenRequest login, String why) {
        return new LoginResult.Lost(wereAccepted(met, login), setup.unavailable(why));
    }

    private boolean wereAccepted(LoginPermit met, TokenRequest login) {
        return met.isOf(accepted) || gate.wereAccepted(login);
    }

    private Mono<Outcome> sendPassword(LoginPermit met, TokenRequest request) {
        passwordSent = true;
        return send(request, !usableToken && wereAccepted(met, request)).flatMap(sent -> {
            LoginResult result = loginResult(met, request, sent.answer());
            met.leave(result, setup.clock());
            passwordSent =
                    !(sent.answer() instanceof TokenAnswer.Failed failed && failed.delivery() == Delivery.NOT_SENT);
            return gate.afterPassword(met, result).then(Mono.fromSupplier(() -> outcome(request, sent)));
        });
    }

    private LoginResult loginResult(LoginPermit met, TokenRequest login, TokenAnswer answer) {
        if (answer instanceof TokenAnswer.Issued) {
            return new LoginResult.Accepted();
        }
        TokenAnswer.Failed failed = (TokenAnswer.Failed) answer;
        FailureCause cause = causeOfLogin(failed);
        return switch (cause) {
            case CREDENTIALS -> new LoginResult.Refused((TokenException.Rejected) failed.exception());
            case LOGIN_LOST -> new LoginResult.Lost(wereAccepted(met, login), failed.exception());
            case TRANSIENT, CONFIGURATION, GUARDED, POSTPONED -> new LoginResult.Undecided(cause, failed.exception());
        };
    }

    private Outcome outcome(TokenRequest request, Sent sent) {
        if (sent.answer() instanceof TokenAnswer.Issued issued) {
            Outcome.Obtained obtained = obtained(issued, sent.at(), request.scopes(), provesMore(request), null);
            return request.wantsRefreshToken() ? obtained : obtained.withoutRefreshToken();
        }
        TokenAnswer.Failed failed = (TokenAnswer.Failed) sent.answer();
        return failed(failed.exception(), request.carriesPassword() ? causeOfLogin(failed) : causeOf(failed));
    }

    /** Whatever answer does not say that the password was not looked at may have been counted against the account. */
    private static FailureCause causeOfLogin(TokenAnswer.Failed failed) {
        if (failed.isRefusedBeforeThePassword()) {
            return FailureCause.CONFIGURATION;
        }
        if (failed.isOAuthRefusal()) {
            return FailureCause.CREDENTIALS;
        }
        return failed.leavesSecretUnused() ? FailureCause.TRANSIENT : FailureCause.LOGIN_LOST;
    }

    private static FailureCause causeOf(TokenAnswer.Failed failed) {
        return failed.isRejected() ? FailureCause.CONFIGURATION : FailureCause.TRANSIENT;
    }

    private Outcome failed(TokenException exception, FailureCause cause) {
        return new Outcome.Failed(exception, cause, permit, unused, passwordSent, false, null, proofChanged);
    }

    private Outcome.Obtained obtained(
            TokenAnswer.Issued issued,
            long sentAt,
            Set<String> askedFor,
            boolean provenByGrant,
            @Nullable RefreshToken presented) {
        TokenResponse response = issued.response();
        LoginPermit met = permit;
        Set<String> scopes =
                response.scopes() == null || response.scopes().equals(askedFor) ? askedFor : response.scopes();
        String value = response.refreshToken();
        RefreshToken next = value == null
                ? presented
                : new RefreshToken(value, scopes, provenByGrant, refreshExpiry(response, sentAt));
        return new Outcome.Obtained(
                response,
                sentAt,
                scopes,
                next,
                value != null && (presented == null || !presented.value().equals(value)),
                met == null || !passwordSent ? 0 : met.fingerprint());
    }

    /** Whether a login said who the client is in fields that a refresh does not have. */
    private boolean provesMore(TokenRequest login) {
        return login.provesClient()
                && !setup.settings().parameters().keySet().stream().anyMatch(name -> login.first(name) != null);
    }

    private static long refreshExpiry(TokenResponse response, long sentAt) {
        Duration life = response.refreshExpiresIn();
        return life == null ? Long.MAX_VALUE : sentAt + Lifetime.nanos(life, Long.MAX_VALUE / 8);
    }

    /** Completes when a new refresh token is stored, or when that takes too long; then it goes on by itself. */
    private Mono<Void> store(Outcome outcome) {
        RefreshTokenStore store = setup.keeper() instanceof TokenKeeper.RefreshTokens kept ? kept.store() : null;
        RefreshToken rotated =
                outcome instanceof Outcome.Obtained obtained && obtained.rotated() ? obtained.refreshToken() : null;
        if (store == null || rotated == null) {
            return Mono.empty();
        }
        Duration left = Duration.ofNanos(line.left());
        Duration patience = left.compareTo(LONGEST_STORING) < 0 ? left : LONGEST_STORING;
        return Mono.deferContextual(context -> Caught.signals(() -> store.save(rotated.value()))
                .contextWrite(context)
                .doOnError(error -> SourceSetup.log.warn(
                        "TokenSource[{}]: its refresh token store failed with {}",
                        setup.shown(),
                        error.getClass().getName()))
                .cache() // goes on when it is not waited for any longer
                .timeout(patience, setup.clock().timer())
                .doOnError(
                        TimeoutException.class,
                        late -> SourceSetup.log.warn(
                                "TokenSource[{}]: its refresh token store is not waited for any longer", setup.shown()))
                .onErrorComplete());
    }

    /** An answer, with the instant at which its request was handed to the transport. */
    private record Sent(TokenAnswer answer, long at) {}

    /** Sends, and once more when no connection came about or, where that is harmless, the answer was empty. */
    private Mono<Sent> send(TokenRequest request, boolean repeatable) {
        return sendOnce(request)
                .flatMap(
                        sent -> sent.answer() instanceof TokenAnswer.Failed failed && isWorthOneMore(failed, repeatable)
                                ? sendOnce(request)
                                : Mono.just(sent));
    }

    private Mono<Sent> sendOnce(TokenRequest request) {
        return Mono.defer(() -> {
            ReportedRequest reported = new ReportedRequest(request.grantType());
            return Caught.<TokenAnswer>signals(() -> setup.transport().send(request, timeLeft()))
                    .switchIfEmpty(Mono.fromSupplier(() -> unanswered("the token client gave no answer")))
                    .onErrorResume(error -> Mono.just(unanswered("the token client failed with "
                                    + error.getClass().getName())
                            .withCause(error)))
                    .doOnNext(answer ->
                            reported.answered(answer instanceof TokenAnswer.Failed failed ? failed.exception() : null))
                    .doOnCancel(() -> reported.answered(setup.unavailable("its request was cut short")))
                    .doOnNext(answer ->
                            proofChanged = answer instanceof TokenAnswer.Failed failed && failed.isUnknownClient()
                                    ? failed.proofChanged()
                                    : null)
                    .map(answer -> new Sent(answer, reported.startedAt));
        });
    }

    /** Less a little, so that the transport's answer is there before the flight's time-out. */
    private Duration timeLeft() {
        long leeway = Math.min(setup.settings().timeout().toNanos() / 10, LONGEST_LEEWAY);
        return Duration.ofMillis(Math.max(1, (line.left() - leeway) / 1_000_000));
    }

    private TokenAnswer.Failed unanswered(String why) {
        return TokenAnswer.unavailable(Delivery.UNANSWERED, setup.noToken(why));
    }

    private static boolean isWorthOneMore(TokenAnswer.Failed failed, boolean repeatable) {
        return failed.delivery() == Delivery.NOT_SENT || (repeatable && failed.delivery() == Delivery.ANSWERED_EMPTY);
    }

    /** One request, as listeners are notified of it. */
    private final class ReportedRequest {

        private final String grantType;
        private final long startedAt = setup.clock().now();
        private final AtomicBoolean ended = new AtomicBoolean();

        ReportedRequest(String grantType) {
            this.grantType = grantType;
            setup.notifyListeners(listener -> listener.requested(grantType));
        }

        void answered(@Nullable TokenException failure) {
            if (ended.compareAndSet(false, true)) {
                Duration took = Duration.ofNanos(setup.clock().now() - startedAt);
                setup.notifyListeners(listener -> listener.answered(grantType, failure, took));
            }
        }
    }

    private static final class CredentialsMissing extends RuntimeException {

        private final TokenException unavailable;

        CredentialsMissing(SourceSetup setup, String what, @Nullable Throwable cause) {
            super(what, cause);
            this.unavailable = setup.unavailable("its credentials " + what, cause);
        }
    }
}
