package io.monotoken;

import io.monotoken.CredentialGuard.Account;
import io.monotoken.CredentialGuard.InFlight;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One login's way past the {@link CredentialGuard}: it enters before its password is sent, and leaves once. */
final class LoginPermit {

    private final Account account;
    private final LockOutSettings settings;
    private final InFlight mine;
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.OUTSIDE);

    private LoginPermit(Account account, InFlight mine, LockOutSettings settings) {
        this.account = account;
        this.settings = settings;
        this.mine = mine;
    }

    /** {@return the permit of a request that carries a password} */
    static LoginPermit of(URI tokenUri, String clientId, TokenRequest request, LockOutSettings settings) {
        Account account = Account.of(tokenUri, Objects.requireNonNullElse(request.first("username"), ""));
        String password = Objects.requireNonNullElse(request.first("password"), "");
        InFlight mine = new InFlight(
                Fingerprint.of(account.username(), password),
                Fingerprint.of(clientId, request.fields().toString()),
                Sinks.one());
        return new LoginPermit(account, mine, settings);
    }

    private enum Stage {
        OUTSIDE,
        INSIDE,
        LEFT
    }

    /** What {@link #enter} answers. */
    sealed interface Entry {

        /** Send the password, then {@link LoginPermit#leave}. */
        record Open() implements Entry {}

        /**
         * Do not send the password: the account is closed to it.
         *
         * @param refusal null when an answer was lost instead
         */
        record Closed(TokenException.@Nullable Rejected refusal) implements Entry {}

        /** Do not send the password: the one before it in line ended this way. */
        record Failed(FailureCause cause, TokenException why) implements Entry {}
    }

    /** {@return whether the password may be sent, once; comes when no other of the account is in flight} */
    Mono<Entry> enter(SourceClock clock) {
        return Mono.defer(() -> {
            long now = clock.monotonic();
            CredentialGuard.Entry known = CredentialGuard.enter(account, settings, mine, now);
            InFlight inFlight = known.inFlight();
            if (inFlight == mine) {
                return Mono.just(opened(clock));
            }
            return inFlight == null
                    ? Mono.just(new Entry.Closed(known.history().refusal(mine.fingerprint(), now)))
                    : inFlight.result().asMono().flatMap(result -> inLine(inFlight, result, clock));
        });
    }

    private Mono<Entry> inLine(InFlight before, LoginResult result, SourceClock clock) {
        if (result instanceof LoginResult.Accepted && before.fingerprint().equals(mine.fingerprint())) {
            return Mono.just(opened(clock));
        }
        if (result instanceof LoginResult.Lost lost) {
            return Mono.just(new Entry.Failed(FailureCause.GUARDED, lost.why()));
        }
        return result instanceof LoginResult.Undecided undecided && concernsMe(undecided, before)
                ? Mono.just(new Entry.Failed(undecided.cause(), undecided.why()))
                : enter(clock);
    }

    /** What is wrong with another client or scope says nothing of this login; a server that is not ready is so for all. */
    private boolean concernsMe(LoginResult.Undecided undecided, InFlight before) {
        return undecided.cause() == FailureCause.TRANSIENT || before.request().equals(mine.request());
    }

    private Entry opened(SourceClock clock) {
        if (!stage.compareAndSet(Stage.OUTSIDE, Stage.INSIDE)) {
            CredentialGuard.leave(account, mine, new LoginResult.Withdrawn(), clock.monotonic());
        }
        return new Entry.Open();
    }

    /** Ends what {@link #enter} began, the first time it is called; a permit that nobody ends keeps the account closed. */
    void leave(LoginResult result, SourceClock clock) {
        if (stage.getAndSet(Stage.LEFT) == Stage.INSIDE) {
            CredentialGuard.leave(account, mine, result, clock.monotonic());
        }
    }

    /** {@return nanoseconds until this password may be sent; {@link Backoff#NEVER} when only a change helps} */
    long wait(SourceClock clock) {
        return CredentialGuard.wait(account, mine.fingerprint(), clock.monotonic());
    }

    /** {@return whether these are the credentials that a {@link #fingerprint()} was taken of} */
    boolean isOf(int accepted) {
        return accepted != 0 && accepted == fingerprint();
    }

    /** {@return a few bits that tell these credentials from others; never zero} */
    int fingerprint() {
        return mine.fingerprint().bits();
    }

    /** {@return whose password it is} */
    Account account() {
        return account;
    }

    /**
     * Takes over what other instances know of these credentials and of the account.
     *
     * @param known by the clock of a shared store
     * @param theirs what these credentials are called in there
     * @param ahead by how much that clock is ahead of this one's monotonic clock
     */
    void learn(LoginHistory known, Fingerprint theirs, long ahead) {
        LoginHistory.Refusal refusal = known.refused().get(theirs);
        CredentialGuard.learn(
                account,
                settings,
                own -> own.with(next -> {
                    next.forget(mine.fingerprint());
                    if (refusal != null) {
                        next.refuse(
                                mine.fingerprint(),
                                new LoginHistory.Refusal(
                                        refusal.sends(), refusal.until() - ahead, refusal.exception()));
                    }
                    next.lastRefusal = known.lastRefusal();
                    next.day = known.day().stream().map(at -> at - ahead).toList();
                    next.lost = known.lost();
                    next.lostUntil = known.lostUntil() - ahead;
                }));
    }

    /** Forgets every refusal of the account, at an operator's word. */
    void reset() {
        CredentialGuard.reset(account);
    }
}
