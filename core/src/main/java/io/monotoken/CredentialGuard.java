package io.monotoken;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/*
 * Shared state  `ACCOUNTS`: one entry for each account (token URI and user name) with a password in the air or refused.
 * Invariant     at most one password of an account is in the air in this process; while closed, none that was refused.
 *               Tests: sendsOnePasswordAtATimeAndTheNextSourceHearsOfARefusalWithoutSending, isOneForTwoSources…
 * Transitions   enter: open -> in the air; leave: accepted forgets the account, refused or lost closes it for a while.
 *               Each is one atomic `compute`; those who wait are told outside it.
 *               Tests: closesForOneThenFiveThenFifteenMinutes, isNotWalkedRoundByLostAnswers.
 * Cancel        a flight that ends at any moment leaves, so that the next one may enter.
 *               Tests: hearsOfALoginThatRanOutOfTime, isLeftByAFlightThatEndsWhileItEnters.
 * Time          the monotonic clock, which nobody can set. Tests: isNotHurriedByTheWallClock.
 */
/**
 * Stands before every password, so that a wrong one cannot lock an account out however many callers and sources there
 * are.
 */
final class CredentialGuard {

    private static final int REMEMBERED = 16;
    private static final int MANY_ACCOUNTS = 1_000;
    private static final long FORGET_AFTER = Duration.ofMinutes(20).toNanos();
    private static final ConcurrentHashMap<Account, Records> ACCOUNTS = new ConcurrentHashMap<>();

    private final Account account;
    private final Fingerprint fingerprint;
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.OUTSIDE);

    private CredentialGuard(Account account, Fingerprint fingerprint) {
        this.account = account;
        this.fingerprint = fingerprint;
    }

    /** {@return the guard of a password request} */
    static CredentialGuard of(URI tokenUri, TokenRequest request) {
        String username = Objects.requireNonNullElse(request.first("username"), "");
        String password = Objects.requireNonNullElse(request.first("password"), "");
        return new CredentialGuard(new Account(tokenUri, username), Fingerprint.of(username, password));
    }

    /** Whose password it is. */
    private record Account(URI tokenUri, String username) {}

    /**
     * What is known of an account. Instants are monotonic.
     *
     * @param refusals how often one of the refused passwords was sent
     * @param refusedUntil closed until then for those that were refused
     * @param lastRefusal null when none was refused
     * @param refused fingerprints of refused credentials
     * @param lost how often an answer was lost since one came
     * @param lostUntil closed until then for all: a lost answer does not say which password is wrong
     * @param inTheAir completes when the password in the air has landed; null when there is none
     */
    private record Records(
            int refusals,
            long refusedUntil,
            TokenException.@Nullable Rejected lastRefusal,
            Set<Fingerprint> refused,
            int lost,
            long lostUntil,
            Sinks.@Nullable Empty<Void> inTheAir) {

        static Records none(Sinks.@Nullable Empty<Void> password) {
            return new Records(0, 0, null, Set.of(), 0, 0, password);
        }

        Records withInTheAir(Sinks.@Nullable Empty<Void> password) {
            return new Records(refusals, refusedUntil, lastRefusal, refused, lost, lostUntil, password);
        }

        boolean isLost(long now) {
            return lost > 0 && now - lostUntil < 0;
        }

        boolean isRefused(Fingerprint fingerprint, long now) {
            return refused.contains(fingerprint) && now - refusedUntil < 0;
        }

        boolean isEmpty() {
            return refusals == 0 && lost == 0;
        }

        boolean isOld(long now) {
            return inTheAir == null
                    && !isLost(now - FORGET_AFTER)
                    && (refusals == 0 || now - FORGET_AFTER - refusedUntil >= 0);
        }
    }

    private enum Stage {
        OUTSIDE,
        INSIDE,
        GONE
    }

    /** What {@link #enter} answers. */
    sealed interface Entry {

        /** Send it, then {@link CredentialGuard#leave}. */
        record Open() implements Entry {}

        /**
         * Do not send it.
         *
         * @param lastRefusal null when an answer was lost instead
         */
        record Closed(TokenException.@Nullable Rejected lastRefusal) implements Entry {}
    }

    /** What became of a password that was let through. */
    sealed interface Fate {

        /** The server took it. */
        record Accepted() implements Fate {}

        /** The server refused it. */
        record Refused(TokenException.Rejected refusal) implements Fate {}

        /** Written, and no answer came. */
        record Lost(boolean workedBefore) implements Fate {}

        /** Not written, or the server said nothing about it. */
        record Undecided() implements Fate {}
    }

    /** {@return whether this password may be sent, once; comes when no other of the account is in the air} */
    Mono<Entry> enter(SourceClock clock) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> mine = Sinks.empty();
            long now = clock.monotonic();
            Records found = ACCOUNTS.compute(account, (key, known) -> {
                if (known == null) {
                    return Records.none(mine);
                }
                boolean pass = known.inTheAir == null && !known.isLost(now) && !known.isRefused(fingerprint, now);
                return pass ? known.withInTheAir(mine) : known;
            });
            if (found.inTheAir == mine) {
                if (!stage.compareAndSet(Stage.OUTSIDE, Stage.INSIDE)) {
                    release(new Fate.Undecided(), clock); // its flight has ended meanwhile
                }
                return Mono.just(new Entry.Open());
            }
            if (found.inTheAir != null) {
                return found.inTheAir.asMono().then(enter(clock));
            }
            return Mono.just(new Entry.Closed(found.isRefused(fingerprint, now) ? found.lastRefusal : null));
        });
    }

    /** Ends what {@link #enter} began, the first time it is called; a guard that nobody leaves stays shut for all. */
    void leave(Fate fate, SourceClock clock) {
        if (stage.getAndSet(Stage.GONE) == Stage.INSIDE) {
            release(fate, clock);
        }
    }

    private void release(Fate fate, SourceClock clock) {
        long now = clock.monotonic();
        AtomicReference<Sinks.@Nullable Empty<Void>> landed = new AtomicReference<>();
        ACCOUNTS.compute(account, (key, known) -> {
            if (known == null) {
                return null;
            }
            landed.set(known.inTheAir);
            return after(known, fate, now);
        });
        if (ACCOUNTS.size() > MANY_ACCOUNTS) {
            ACCOUNTS.values().removeIf(known -> known.isOld(now));
        }
        Sinks.Empty<Void> waitedFor = landed.get();
        if (waitedFor != null) {
            waitedFor.tryEmitEmpty();
        }
    }

    private @Nullable Records after(Records known, Fate fate, long now) {
        Records next = known.withInTheAir(null);
        if (fate instanceof Fate.Refused refused) {
            long until = now + Backoff.refusedLogin(known.refusals);
            next = new Records(known.refusals + 1, until, refused.refusal, withThis(known.refused), 0, 0, null);
        } else if (fate instanceof Fate.Lost lost && !lost.workedBefore) {
            long until = now + Backoff.lostLogin(known.lost);
            next = new Records(
                    known.refusals, known.refusedUntil, known.lastRefusal, known.refused, known.lost + 1, until, null);
        } else if (fate instanceof Fate.Accepted) {
            Set<Fingerprint> others = withoutThis(known.refused);
            next = others.isEmpty()
                    ? Records.none(null)
                    : new Records(known.refusals, known.refusedUntil, known.lastRefusal, others, 0, 0, null);
        }
        return next.isEmpty() ? null : next;
    }

    /** {@return nanoseconds until this password may be sent} */
    long wait(SourceClock clock) {
        Records known = ACCOUNTS.get(account);
        if (known == null) {
            return 0;
        }
        long now = clock.monotonic();
        long refused = known.isRefused(fingerprint, now) ? known.refusedUntil - now : 0;
        long lost = known.isLost(now) ? known.lostUntil - now : 0;
        return Math.max(refused, lost);
    }

    /** {@return whether these are other credentials than those that were refused} */
    boolean isOther() {
        Records known = ACCOUNTS.get(account);
        return known == null || !known.refused.contains(fingerprint);
    }

    /** {@return whether these are the credentials that a {@link #fingerprint()} was taken of} */
    boolean worked(int accepted) {
        return accepted != 0 && accepted == fingerprint();
    }

    /** {@return a few bits that tell these credentials from others; never zero} */
    int fingerprint() {
        return fingerprint.bits();
    }

    /** Forgets every refusal of the account, at an operator's word. */
    void reset() {
        ACCOUNTS.computeIfPresent(
                account, (key, known) -> known.inTheAir == null ? null : Records.none(known.inTheAir));
    }

    private Set<Fingerprint> withThis(Set<Fingerprint> refused) {
        Set<Fingerprint> more = new LinkedHashSet<>(refused);
        more.add(fingerprint);
        if (more.size() > REMEMBERED) {
            more.remove(more.iterator().next());
        }
        return more;
    }

    private Set<Fingerprint> withoutThis(Set<Fingerprint> refused) {
        Set<Fingerprint> others = new LinkedHashSet<>(refused);
        others.remove(fingerprint);
        return others;
    }
}
