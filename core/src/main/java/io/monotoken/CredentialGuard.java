package io.monotoken;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Sinks;

/*
 * Shared state  `ACCOUNTS`: one entry for each account (token URI and user name) with a password in flight or refused.
 * Invariant     at most one password of an account is in flight in this process; while closed, none that was refused.
 *               Tests: sendsOnePasswordAtATimeAndFailsTheNextSourceWithItsRefusal, isOneForTwoSources…
 * Transitions   enter: open -> in flight; leave: accepted forgets the account, refused or lost closes it for a while.
 *               Each is one atomic `compute`; those who wait are told outside it.
 *               Tests: closesForOneThenFiveThenFifteenMinutes, isNotWalkedRoundByLostAnswers.
 * Cancel        a flight that ends at any moment leaves, so that the next one may enter.
 *               Tests: endsALoginThatRanOutOfTime, isLeftByAFlightThatEndsWhileItEnters.
 * Time          the monotonic clock, which nobody can set. Tests: isNotHurriedByTheWallClock.
 */
/**
 * The accounts of this process with a password in flight or refused. Before a password is sent, its {@link LoginPermit} asks
 * here, so that a wrong one cannot lock an account out however many callers and sources there are.
 */
final class CredentialGuard {

    private static final int REMEMBERED = 16;
    private static final int MANY_ACCOUNTS = 1_000;
    private static final long FORGET_AFTER = Duration.ofMinutes(20).toNanos();
    private static final ConcurrentHashMap<Account, History> ACCOUNTS = new ConcurrentHashMap<>();

    private CredentialGuard() {}

    /** Whose password it is. */
    record Account(URI tokenUri, String username) {}

    /** What is known of one account. Immutable; instants are monotonic. */
    static final class History {

        /** How often one of the refused passwords was sent. */
        private final int refusals;
        /** The account is closed until then for passwords that were refused. */
        private final long refusedUntil;

        private final TokenException.@Nullable Rejected lastRefusal;
        /** Fingerprints of refused credentials. */
        private final Set<Fingerprint> refused;
        /** How often an answer was lost since one came. */
        private final int lost;
        /** The account is closed until then for all: a lost answer does not say which password is wrong. */
        private final long lostUntil;
        /** Completes when the password in flight has been judged or lost; null when there is none. */
        private final Sinks.@Nullable Empty<Void> inFlight;

        private History(Draft draft) {
            this.refusals = draft.refusals;
            this.refusedUntil = draft.refusedUntil;
            this.lastRefusal = draft.lastRefusal;
            this.refused = draft.refused;
            this.lost = draft.lost;
            this.lostUntil = draft.lostUntil;
            this.inFlight = draft.inFlight;
        }

        /** {@return the refusal that closes the account for these credentials; null when it is another's or a lost answer} */
        TokenException.@Nullable Rejected refusal(Fingerprint fingerprint, long now) {
            return isRefused(fingerprint, now) ? lastRefusal : null;
        }

        Sinks.@Nullable Empty<Void> inFlight() {
            return inFlight;
        }

        /** {@return nanoseconds until these credentials may be sent} */
        long wait(Fingerprint fingerprint, long now) {
            return Math.max(isRefused(fingerprint, now) ? refusedUntil - now : 0, isLost(now) ? lostUntil - now : 0);
        }

        private boolean isLost(long now) {
            return lost > 0 && now - lostUntil < 0;
        }

        private boolean isRefused(Fingerprint fingerprint, long now) {
            return refused.contains(fingerprint) && now - refusedUntil < 0;
        }

        private boolean isEmpty() {
            return refusals == 0 && lost == 0;
        }

        private boolean isOld(long now) {
            return inFlight == null
                    && !isLost(now - FORGET_AFTER)
                    && (refusals == 0 || now - FORGET_AFTER - refusedUntil >= 0);
        }
    }

    /** The next history of an account, while it is being written. */
    private static final class Draft {

        private int refusals;
        private long refusedUntil;
        private TokenException.@Nullable Rejected lastRefusal;
        private Set<Fingerprint> refused = Set.of();
        private int lost;
        private long lostUntil;
        private Sinks.@Nullable Empty<Void> inFlight;

        static Draft empty() {
            return new Draft();
        }

        static Draft of(History known) {
            Draft draft = new Draft();
            draft.refusals = known.refusals;
            draft.refusedUntil = known.refusedUntil;
            draft.lastRefusal = known.lastRefusal;
            draft.refused = known.refused;
            draft.lost = known.lost;
            draft.lostUntil = known.lostUntil;
            draft.inFlight = known.inFlight;
            return draft;
        }

        History inFlight(Sinks.@Nullable Empty<Void> password) {
            inFlight = password;
            return new History(this);
        }
    }

    /**
     * Puts a password in flight if the account is open to it.
     *
     * @param mine marks the password, and completes when it is in flight no more
     * @return what is known then; the password is in flight if its mark is the one in there
     */
    static History enter(Account account, Fingerprint fingerprint, Sinks.Empty<Void> mine, long now) {
        return ACCOUNTS.compute(account, (key, known) -> {
            if (known == null) {
                return Draft.empty().inFlight(mine);
            }
            boolean open = known.inFlight == null && !known.isLost(now) && !known.isRefused(fingerprint, now);
            return open ? Draft.of(known).inFlight(mine) : known;
        });
    }

    /** Takes the password in flight out again, and tells those who wait for that. */
    static void leave(Account account, Fingerprint fingerprint, LoginResult result, long now) {
        AtomicReference<Sinks.@Nullable Empty<Void>> left = new AtomicReference<>();
        ACCOUNTS.compute(account, (key, known) -> {
            if (known == null) {
                return null;
            }
            left.set(known.inFlight);
            History next = after(known, fingerprint, result, now);
            return next.isEmpty() ? null : next;
        });
        if (ACCOUNTS.size() > MANY_ACCOUNTS) {
            ACCOUNTS.values().removeIf(known -> known.isOld(now));
        }
        Sinks.Empty<Void> waitedFor = left.get();
        if (waitedFor != null) {
            waitedFor.tryEmitEmpty();
        }
    }

    private static History after(History known, Fingerprint fingerprint, LoginResult result, long now) {
        Draft next = Draft.of(known);
        if (result instanceof LoginResult.Refused refused) {
            next.refusedUntil = now + Backoff.refusedLogin(known.refusals);
            next.refusals = known.refusals + 1;
            next.lastRefusal = refused.refusal();
            next.refused = with(known.refused, fingerprint);
            next.lost = 0;
        } else if (result instanceof LoginResult.Lost lost && !lost.acceptedBefore()) {
            next.lostUntil = now + Backoff.lostLogin(known.lost);
            next.lost = known.lost + 1;
        } else if (result instanceof LoginResult.Accepted) {
            Set<Fingerprint> others = without(known.refused, fingerprint);
            if (others.isEmpty()) {
                next = Draft.empty();
            }
            next.refused = others;
            next.lost = 0;
        }
        return next.inFlight(null);
    }

    static @Nullable History known(Account account) {
        return ACCOUNTS.get(account);
    }

    /** {@return whether these credentials were not refused before} */
    static boolean isNew(Account account, Fingerprint fingerprint) {
        History known = ACCOUNTS.get(account);
        return known == null || !known.refused.contains(fingerprint);
    }

    /** Forgets every refusal of the account, at an operator's word. */
    static void reset(Account account) {
        ACCOUNTS.computeIfPresent(
                account,
                (key, known) -> known.inFlight == null ? null : Draft.empty().inFlight(known.inFlight));
    }

    private static Set<Fingerprint> with(Set<Fingerprint> refused, Fingerprint fingerprint) {
        Set<Fingerprint> more = new LinkedHashSet<>(refused);
        more.add(fingerprint);
        if (more.size() > REMEMBERED) {
            more.remove(more.iterator().next());
        }
        return more;
    }

    private static Set<Fingerprint> without(Set<Fingerprint> refused, Fingerprint fingerprint) {
        Set<Fingerprint> others = new LinkedHashSet<>(refused);
        others.remove(fingerprint);
        return others;
    }
}
