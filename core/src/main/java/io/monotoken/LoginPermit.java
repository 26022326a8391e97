package io.monotoken;

import io.monotoken.CredentialGuard.Account;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One login's way past the {@link CredentialGuard}: it enters before its password is sent, and leaves once. */
final class LoginPermit {

    private final Account account;
    private final Fingerprint fingerprint;
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.OUTSIDE);

    private LoginPermit(Account account, Fingerprint fingerprint) {
        this.account = account;
        this.fingerprint = fingerprint;
    }

    /** {@return the permit of a request that carries a password} */
    static LoginPermit of(URI tokenUri, TokenRequest request) {
        String username = Objects.requireNonNullElse(request.first("username"), "");
        String password = Objects.requireNonNullElse(request.first("password"), "");
        return new LoginPermit(new Account(tokenUri, username), Fingerprint.of(username, password));
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
         * Do not send the password.
         *
         * @param lastRefusal null when an answer was lost instead
         */
        record Closed(TokenException.@Nullable Rejected lastRefusal) implements Entry {}
    }

    /** {@return whether the password may be sent, once; comes when no other of the account is in flight} */
    Mono<Entry> enter(SourceClock clock) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> mine = Sinks.empty();
            long now = clock.monotonic();
            CredentialGuard.History known = CredentialGuard.enter(account, fingerprint, mine, now);
            Sinks.Empty<Void> inFlight = known.inFlight();
            if (inFlight == mine) {
                if (!stage.compareAndSet(Stage.OUTSIDE, Stage.INSIDE)) {
                    CredentialGuard.leave(
                            account, fingerprint, new LoginResult.Undecided(), now); // its flight has ended
                }
                return Mono.just(new Entry.Open());
            }
            return inFlight == null
                    ? Mono.just(new Entry.Closed(known.refusal(fingerprint, now)))
                    : inFlight.asMono().then(enter(clock));
        });
    }

    /** Ends what {@link #enter} began, the first time it is called; a permit that nobody ends keeps the account closed. */
    void leave(LoginResult result, SourceClock clock) {
        if (stage.getAndSet(Stage.LEFT) == Stage.INSIDE) {
            CredentialGuard.leave(account, fingerprint, result, clock.monotonic());
        }
    }

    /** {@return nanoseconds until this password may be sent} */
    long wait(SourceClock clock) {
        CredentialGuard.History known = CredentialGuard.known(account);
        return known == null ? 0 : known.wait(fingerprint, clock.monotonic());
    }

    /** {@return whether these are other credentials than those that were refused} */
    boolean isNew() {
        return CredentialGuard.isNew(account, fingerprint);
    }

    /** {@return whether these are the credentials that a {@link #fingerprint()} was taken of} */
    boolean isOf(int accepted) {
        return accepted != 0 && accepted == fingerprint();
    }

    /** {@return a few bits that tell these credentials from others; never zero} */
    int fingerprint() {
        return fingerprint.bits();
    }

    /** Forgets every refusal of the account, at an operator's word. */
    void reset() {
        CredentialGuard.reset(account);
    }
}
