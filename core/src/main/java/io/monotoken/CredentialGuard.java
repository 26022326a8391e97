package io.monotoken;

import java.net.URI;
import java.text.Normalizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Sinks;

/*
 * Shared state  `ACCOUNTS`: one entry for each account with a password in flight, refused or lost.
 * Invariant     at most one password of an account is in flight in this process, but for those in line behind an accepted
 *               one that are the same; while closed, none that was refused.
 *               Tests: sendsOnePasswordAtATimeAndFailsTheNextSourceWithItsRefusal, isOneForTwoSources…
 * Transitions   enter: open -> in flight; leave: accepted opens the account, refused or lost closes it for a while.
 *               Each is one atomic `compute`; those in line are told outside it.
 *               Tests: sendsARefusedPasswordThreeTimesInADay, isNotWalkedRoundByLostAnswers.
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
    private static final int REFUSALS_A_DAY = 5;
    private static final long DAY = Duration.ofHours(24).toNanos();
    private static final ConcurrentHashMap<Account, History> ACCOUNTS = new ConcurrentHashMap<>();

    private CredentialGuard() {}

    /** Whose password it is. Common servers and directories take spellings of a user name for one. */
    record Account(URI tokenUri, String username) {

        static Account of(URI tokenUri, String username) {
            return new Account(tokenUri, folded(username));
        }

        private static String folded(String username) {
            return Normalizer.normalize(username, Normalizer.Form.NFKC).strip().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A password on its way, and what those in line wait for.
     *
     * @param fingerprint of the credentials
     * @param request fingerprint of all that is sent with them
     */
    record InFlight(Fingerprint fingerprint, Fingerprint request, Sinks.One<LoginResult> result) {}

    /**
     * What is known of one refused password.
     *
     * @param sends how often it was sent
     * @param until it is not sent before that
     */
    private record Refusal(int sends, long until, TokenException.Rejected exception) {}

    /** What is known of one account. Immutable; instants are monotonic. */
    static final class History {

        private final LockOutSettings settings;
        private final Map<Fingerprint, Refusal> refused;
        private final TokenException.@Nullable Rejected lastRefusal;
        /** When the account was refused in the last day, the oldest first. */
        private final List<Long> day;
        /** How often an answer was lost since one came. */
        private final int lost;
        /** The account is closed until then for all: a lost answer does not say which password is wrong. */
        private final long lostUntil;

        private final @Nullable InFlight inFlight;

        private History(Draft draft) {
            this.settings = draft.settings;
            this.refused = draft.refused;
            this.lastRefusal = draft.lastRefusal;
            this.day = draft.day;
            this.lost = draft.lost;
            this.lostUntil = draft.lostUntil;
            this.inFlight = draft.inFlight;
        }

        @Nullable
        InFlight inFlight() {
            return inFlight;
        }

        /** {@return the refusal that closes the account for these credentials; null when it is a lost answer that does} */
        TokenException.@Nullable Rejected refusal(Fingerprint fingerprint, long now) {
            Refusal own = refused.get(fingerprint);
            if (own != null && own.until - now > 0) {
                return own.exception;
            }
            return dayIsFullFor(now) > 0 ? lastRefusal : null;
        }

        /** {@return nanoseconds until these credentials may be sent; {@link Backoff#NEVER} when only a change helps} */
        long wait(Fingerprint fingerprint, long now) {
            Refusal own = refused.get(fingerprint);
            long refusedFor = own == null ? 0 : own.until - now;
            if (refusedFor > Backoff.NEVER / 2) {
                return Backoff.NEVER;
            }
            long lostFor = lost == 0 ? 0 : lostUntil - now;
            return Math.max(0, Math.max(Math.max(refusedFor, lostFor), dayIsFullFor(now)));
        }

        private long dayIsFullFor(long now) {
            int most = Math.max(REFUSALS_A_DAY, settings.attempts());
            return day.size() < most ? 0 : Math.max(0, day.get(day.size() - most) + DAY - now);
        }

        private boolean isEmpty() {
            return refused.isEmpty() && day.isEmpty() && lost == 0 && inFlight == null;
        }

        private boolean isOld(long now) {
            return inFlight == null
                    && day.stream().allMatch(at -> now - at > DAY)
                    && (lost == 0 || now - lostUntil > DAY)
                    && refused.values().stream().allMatch(refusal -> now - refusal.until > DAY);
        }
    }

    /** The next history of an account, while it is being written. */
    private static final class Draft {

        private LockOutSettings settings;
        private Map<Fingerprint, Refusal> refused = Map.of();
        private TokenException.@Nullable Rejected lastRefusal;
        private List<Long> day = List.of();
        private int lost;
        private long lostUntil;
        private @Nullable InFlight inFlight;

        Draft(LockOutSettings settings) {
            this.settings = settings;
        }

        Draft(History known) {
            settings = known.settings;
            refused = known.refused;
            lastRefusal = known.lastRefusal;
            day = known.day;
            lost = known.lost;
            lostUntil = known.lostUntil;
            inFlight = known.inFlight;
        }
    }

    /**
     * Puts a password in flight if the account is open to it.
     *
     * @param mine marks the password
     * @return what is known then; the password is in flight if it is the one in there
     */
    static History enter(Account account, LockOutSettings settings, InFlight mine, long now) {
        return ACCOUNTS.compute(account, (key, known) -> {
            Draft next = known == null ? new Draft(settings) : new Draft(known);
            next.settings = next.settings.strictest(settings);
            History seen = new History(next);
            if (seen.inFlight == null && seen.wait(mine.fingerprint, now) == 0) {
                next.inFlight = mine;
                return new History(next);
            }
            return seen;
        });
    }

    /**
     * Takes in what became of a password, and tells those who are in line behind it.
     *
     * @param mine the password's mark, whether it was in flight or went with an accepted one
     */
    static void leave(Account account, InFlight mine, LoginResult result, long now) {
        AtomicReference<@Nullable InFlight> left = new AtomicReference<>();
        ACCOUNTS.compute(account, (key, known) -> {
            if (known == null) {
                return null;
            }
            Draft next = after(known, mine.fingerprint, result, now);
            if (known.inFlight == mine) {
                next.inFlight = null;
                left.set(mine);
            }
            History history = new History(next);
            return history.isEmpty() ? null : history;
        });
        if (ACCOUNTS.size() > MANY_ACCOUNTS) {
            ACCOUNTS.values().removeIf(known -> known.isOld(now));
        }
        InFlight waitedFor = left.get();
        if (waitedFor != null) {
            waitedFor.result.tryEmitValue(result);
        }
    }

    private static Draft after(History known, Fingerprint fingerprint, LoginResult result, long now) {
        Draft next = new Draft(known);
        if (result instanceof LoginResult.Refused refused) {
            Refusal earlier = known.refused.get(fingerprint);
            int sends = earlier == null ? 1 : earlier.sends + 1;
            long until = now + Backoff.refusedLogin(sends, known.settings);
            next.refused = with(known.refused, fingerprint, new Refusal(sends, until, refused.refusal()));
            next.lastRefusal = refused.refusal();
            next.day = withToday(known.day, now);
            next.lost = 0;
        } else if (result instanceof LoginResult.Lost lost) {
            next.lostUntil = now + Backoff.lostLogin(known.lost, lost.acceptedBefore());
            next.lost = known.lost + 1;
        } else if (result instanceof LoginResult.Accepted) {
            next.refused = without(known.refused, fingerprint);
            next.day = List.of();
            next.lost = 0;
        }
        return next;
    }

    /** {@return nanoseconds until these credentials may be sent} */
    static long wait(Account account, Fingerprint fingerprint, long now) {
        History known = ACCOUNTS.get(account);
        return known == null ? 0 : known.wait(fingerprint, now);
    }

    /** Forgets every refusal of the account, at an operator's word. */
    static void reset(Account account) {
        ACCOUNTS.computeIfPresent(account, (key, known) -> {
            Draft next = new Draft(known.settings);
            next.inFlight = known.inFlight;
            return known.inFlight == null ? null : new History(next);
        });
    }

    private static List<Long> withToday(List<Long> day, long now) {
        List<Long> longer = new ArrayList<>(day);
        longer.removeIf(at -> now - at > DAY);
        longer.add(now);
        return List.copyOf(longer);
    }

    private static Map<Fingerprint, Refusal> with(
            Map<Fingerprint, Refusal> refused, Fingerprint fingerprint, Refusal refusal) {
        Map<Fingerprint, Refusal> more = new LinkedHashMap<>(refused);
        more.put(fingerprint, refusal);
        if (more.size() > REMEMBERED) {
            more.remove(more.keySet().iterator().next());
        }
        return more;
    }

    private static Map<Fingerprint, Refusal> without(Map<Fingerprint, Refusal> refused, Fingerprint fingerprint) {
        Map<Fingerprint, Refusal> others = new LinkedHashMap<>(refused);
        others.remove(fingerprint);
        return others;
    }
}
