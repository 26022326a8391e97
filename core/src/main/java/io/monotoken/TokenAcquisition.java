package io.monotoken;

import io.monotoken.Answer.Delivery;
import io.monotoken.Landing.Cause;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * What one flight sends: the refresh grant if a refresh token is held, else the primary grant; and the primary grant
 * after a refused refresh.
 *
 * <p>It counts a refresh token as spent from the moment of sending until an answer says otherwise, so whatever ends the
 * flight on the way finds it dropped. The same holds for a password.
 */
final class TokenAcquisition {

    private final SourceSetup setup;
    private final boolean usableToken;
    private final boolean passwordSpent;
    private final int worked;
    private volatile @Nullable RefreshToken refreshToken;
    private volatile boolean passwordSent;
    private volatile @Nullable CredentialGuard guard;

    /**
     * @param usableToken whether a token is usable as the flight starts
     * @param passwordSpent whether the one password that a usable token allows was sent already
     * @param worked tells the credentials that the server accepted in this process from others; zero for none
     */
    TokenAcquisition(
            SourceSetup setup,
            @Nullable RefreshToken refreshToken,
            boolean usableToken,
            boolean passwordSpent,
            int worked) {
        this.setup = setup;
        this.refreshToken = refreshToken;
        this.usableToken = usableToken;
        this.passwordSpent = passwordSpent;
        this.worked = worked;
    }

    Mono<Landing> run() {
        return Mono.defer(() -> {
            RefreshToken held = refreshToken;
            if (held != null && held.isAlive(setup.clock().now())) {
                return refresh(held, this::primary);
            }
            refreshToken = null;
            return primary(null);
        });
    }

    /** {@return the landing of a flight that something outside of it ended} */
    Landing cutShort(TokenException exception) {
        return missed(exception, passwordSent ? Cause.LOGIN_LOST : Cause.TRANSIENT);
    }

    private Mono<Landing> refresh(RefreshToken held, Function<Answer.Failed, Mono<Landing>> onRefusal) {
        refreshToken = null;
        if (setup.grant() instanceof RefreshTokenGrant given) {
            given.present(held.value());
        }
        TokenRequest request = TokenRequest.of(RefreshTokenGrant.TYPE)
                .with("refresh_token", held.value())
                .withAll(setup.settings().parameters());
        return send(request, false).flatMap(answer -> {
            if (answer instanceof Answer.Issued issued) {
                return Mono.just(arrived(issued, held.scopes(), held));
            }
            Answer.Failed failed = (Answer.Failed) answer;
            if (failed.leavesSecretUnused()) {
                refreshToken = held;
            } else if (failed.isRejected()) {
                return onRefusal.apply(failed);
            }
            return Mono.just(missed(failed.exception(), causeOf(failed)));
        });
    }

    /**
     * @param refusal of the refresh token that was held; null when none was presented
     */
    private Mono<Landing> primary(Answer.@Nullable Failed refusal) {
        return request()
                .flatMap(request -> setup.grant() instanceof RefreshTokenGrant given
                        ? given(given, request, refusal)
                        : send(request))
                .onErrorResume(
                        CredentialsMissing.class, missing -> Mono.just(missed(missing.unavailable, Cause.TRANSIENT)));
    }

    private Mono<Landing> given(RefreshTokenGrant grant, TokenRequest request, Answer.@Nullable Failed refusal) {
        String value = Objects.requireNonNull(request.first("refresh_token"));
        if (grant.present(value)) {
            RefreshToken given = new RefreshToken(value, Set.of(), Long.MAX_VALUE);
            return refresh(given, refused -> Mono.just(missed(refused.exception(), Cause.CONFIGURATION)));
        }
        TokenException spent = refusal != null
                ? refusal.exception()
                : setup.unavailable("the refresh token that it was given has been presented before and may be spent;"
                        + " give it a new one");
        return Mono.just(missed(spent, Cause.CONFIGURATION));
    }

    private Mono<TokenRequest> request() {
        return caught(setup.grant()::request)
                .timeout(setup.settings().credentialsTimeout(), setup.clock().timer())
                .switchIfEmpty(Mono.error(() -> new CredentialsMissing(setup, "were empty", null)))
                .onErrorMap(
                        error -> !(error instanceof CredentialsMissing),
                        error -> new CredentialsMissing(setup, describe(error), error));
    }

    private String describe(Throwable error) {
        return error instanceof TimeoutException
                ? "did not come within " + setup.settings().credentialsTimeout()
                        + "; a supplier must not wait for a token of this very source"
                : "failed with " + error.getClass().getName();
    }

    private Mono<Landing> send(TokenRequest request) {
        if (!request.carriesPassword()) {
            return send(request, true).map(answer -> landing(request, answer));
        }
        if (usableToken && passwordSpent) {
            return Mono.just(missed(
                    setup.unavailable("the one login that a usable token allows was made already"), Cause.GUARDED));
        }
        CredentialGuard met = CredentialGuard.of(setup.tokenUri(), request);
        guard = met;
        return met.enter(setup.clock())
                .flatMap(entry -> entry instanceof CredentialGuard.Entry.Closed closed
                        ? Mono.just(missed(reasonOf(closed), Cause.GUARDED))
                        : login(met, request))
                .doFinally(signal -> met.leave(new CredentialGuard.Fate.Lost(met.worked(worked)), setup.clock()));
    }

    private TokenException reasonOf(CredentialGuard.Entry.Closed closed) {
        return closed.lastRefusal() != null
                ? closed.lastRefusal()
                : setup.unavailable("the answer to an earlier login was lost, and the server may have counted it");
    }

    private Mono<Landing> login(CredentialGuard met, TokenRequest request) {
        passwordSent = true;
        return send(request, !usableToken && met.worked(worked)).map(answer -> {
            met.leave(fate(met, answer), setup.clock());
            passwordSent = !(answer instanceof Answer.Failed failed && failed.delivery() == Delivery.NOT_SENT);
            return landing(request, answer);
        });
    }

    private CredentialGuard.Fate fate(CredentialGuard met, Answer answer) {
        if (answer instanceof Answer.Issued) {
            return new CredentialGuard.Fate.Accepted();
        }
        Answer.Failed failed = (Answer.Failed) answer;
        return switch (causeOfLogin(failed)) {
            case CREDENTIALS -> new CredentialGuard.Fate.Refused((TokenException.Rejected) failed.exception());
            case LOGIN_LOST -> new CredentialGuard.Fate.Lost(met.worked(worked));
            default -> new CredentialGuard.Fate.Undecided();
        };
    }

    private Landing landing(TokenRequest request, Answer answer) {
        if (answer instanceof Answer.Issued issued) {
            Landing.Arrived arrived = arrived(issued, request.scopes(), null);
            return request.grantType().equals(ClientCredentialsGrant.TYPE) ? arrived.withoutRefreshToken() : arrived;
        }
        Answer.Failed failed = (Answer.Failed) answer;
        return missed(failed.exception(), request.carriesPassword() ? causeOfLogin(failed) : causeOf(failed));
    }

    /** Whatever answer does not say that the password was not looked at may have been counted against the account. */
    private static Cause causeOfLogin(Answer.Failed failed) {
        if (failed.isRejected() && !failed.isInvalidClient()) {
            return Cause.CREDENTIALS;
        }
        return failed.leavesSecretUnused() ? causeOf(failed) : Cause.LOGIN_LOST;
    }

    private static Cause causeOf(Answer.Failed failed) {
        return failed.isRejected() ? Cause.CONFIGURATION : Cause.TRANSIENT;
    }

    private Landing missed(TokenException exception, Cause cause) {
        return new Landing.Missed(exception, cause, guard, refreshToken, passwordSent);
    }

    private Landing.Arrived arrived(Answer.Issued issued, Set<String> askedFor, @Nullable RefreshToken presented) {
        TokenResponse response = issued.response();
        CredentialGuard met = guard;
        Set<String> scopes =
                response.scopes() == null || response.scopes().equals(askedFor) ? askedFor : response.scopes();
        String value = response.refreshToken();
        RefreshToken next = value == null ? presented : new RefreshToken(value, scopes, refreshExpiry(issued));
        return new Landing.Arrived(
                response,
                issued.sentAt(),
                scopes,
                next,
                value != null && (presented == null || !presented.value().equals(value)),
                met == null || !passwordSent ? 0 : met.fingerprint());
    }

    private static long refreshExpiry(Answer.Issued issued) {
        Double life = issued.response().refreshLifeSeconds();
        return life == null ? Long.MAX_VALUE : issued.sentAt() + (long) Math.min(life * 1e9, 1e18);
    }

    /** Sends, and once more when no connection came about or, where that is harmless, the answer was empty. */
    private Mono<Answer> send(TokenRequest request, boolean repeatable) {
        return sendOnce(request)
                .flatMap(answer -> answer instanceof Answer.Failed failed && isWorthOneMore(failed, repeatable)
                        ? sendOnce(request)
                        : Mono.just(answer));
    }

    private Mono<Answer> sendOnce(TokenRequest request) {
        return Mono.defer(() -> {
            Heard heard = new Heard(request.grantType());
            return caught(() -> setup.exchange().send(request))
                    .onErrorResume(error -> Mono.just(new Answer.Failed(
                            setup.unavailable(
                                    "the token client failed with "
                                            + error.getClass().getName(),
                                    error),
                            Delivery.UNANSWERED)))
                    .doOnNext(answer ->
                            heard.answered(answer instanceof Answer.Failed failed ? failed.exception() : null))
                    .doOnCancel(() -> heard.answered(setup.unavailable("its request was cut short")));
        });
    }

    /** What the listeners hear of one request. */
    private final class Heard {

        private final String grantType;
        private final long startedAt = setup.clock().now();
        private final AtomicBoolean ended = new AtomicBoolean();

        Heard(String grantType) {
            this.grantType = grantType;
            setup.hear(listener -> listener.requested(grantType));
        }

        void answered(@Nullable TokenException failure) {
            if (ended.compareAndSet(false, true)) {
                Duration took = Duration.ofNanos(setup.clock().now() - startedAt);
                setup.hear(listener -> listener.answered(grantType, failure, took));
            }
        }
    }

    /** Turns every Throwable into a signal: operators let linkage errors pass, and the waiters would wait on. */
    static <T> Mono<T> caught(Supplier<Mono<T>> asked) {
        return Mono.create(sink -> {
            try {
                sink.onDispose(asked.get()
                        .subscribe(sink::success, sink::error, sink::success, Context.of(sink.contextView())));
            } catch (Throwable e) {
                sink.error(e);
            }
        });
    }

    private static boolean isWorthOneMore(Answer.Failed failed, boolean repeatable) {
        return failed.delivery() == Delivery.NOT_SENT || (repeatable && failed.delivery() == Delivery.ANSWERED_EMPTY);
    }

    private static final class CredentialsMissing extends RuntimeException {

        private final TokenException unavailable;

        CredentialsMissing(SourceSetup setup, String what, @Nullable Throwable cause) {
            super(what, cause);
            this.unavailable = setup.unavailable("its credentials " + what, cause);
        }
    }
}
