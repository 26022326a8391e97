package io.monotoken;

import java.net.URI;
import java.text.Normalizer;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
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

    private static final int MANY_ACCOUNTS = 1_000;
    private static final ConcurrentHashMap<Account, Entry> ACCOUNTS = new ConcurrentHashMap<>();

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
     * What is known of one account.
     *
     * @param history instants are monotonic
     * @param inFlight the password that is on its way; null when none is
     */
    record Entry(LoginHistory history, @Nullable InFlight inFlight) {}

    /**
     * Puts a password in flight if the account is open to it.
     *
     * @param mine marks the password
     * @return what is known then; the password is in flight if it is the one in there
     */
    static Entry enter(Account account, LockOutSettings settings, InFlight mine, long now) {
        return ACCOUNTS.compute(account, (key, known) -> {
            LoginHistory history = known == null ? LoginHistory.empty(settings) : known.history.strictest(settings);
            InFlight before = known == null ? null : known.inFlight;
            return before == null && history.wait(mine.fingerprint, now) == 0
                    ? new Entry(history, mine)
                    : new Entry(history, before);
        });
    }

    /**
     * Takes in what became of a password, and tells those who are in line behind it.
     *
     * @param mine the password's mark, whether it was in flight or went with an accepted one
     */
    static void leave(Account account, InFlight mine, LoginResult result, long now) {
        AtomicReference<@Nullable InFlight> left = new AtomicReference<>();
        ACCOUNTS.computeIfPresent(account, (key, known) -> {
            LoginHistory history = known.history.after(mine.fingerprint, result, now);
            if (known.inFlight == mine) {
                left.set(mine);
            }
            return entry(history, known.inFlight == mine ? null : known.inFlight);
        });
        if (ACCOUNTS.size() > MANY_ACCOUNTS) {
            ACCOUNTS.values().removeIf(known -> known.inFlight == null && known.history.isOld(now));
        }
        InFlight waitedFor = left.get();
        if (waitedFor != null) {
            waitedFor.result.tryEmitValue(result);
        }
    }

    private static @Nullable Entry entry(LoginHistory history, @Nullable InFlight inFlight) {
        return inFlight == null && history.isEmpty() ? null : new Entry(history, inFlight);
    }

    /** Takes over what other instances know of the account. */
    static void learn(Account account, LockOutSettings settings, UnaryOperator<LoginHistory> change) {
        ACCOUNTS.compute(
                account,
                (key, known) -> known == null
                        ? entry(change.apply(LoginHistory.empty(settings)), null)
                        : entry(change.apply(known.history), known.inFlight));
    }

    /** {@return nanoseconds until these credentials may be sent} */
    static long wait(Account account, Fingerprint fingerprint, long now) {
        Entry known = ACCOUNTS.get(account);
        return known == null ? 0 : known.history.wait(fingerprint, now);
    }

    /** Forgets every refusal of the account, at an operator's word. */
    static void reset(Account account) {
        ACCOUNTS.computeIfPresent(
                account, (key, known) -> entry(known.history.with(LoginHistory.Draft::clear), known.inFlight));
    }
}
