package io.monotoken;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
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

    private static final byte[] SALT = new SecureRandom().generateSeed(16);
    private static final int REMEMBERED = 16;
    private static final ConcurrentHashMap<Account, Records> ACCOUNTS = new ConcurrentHashMap<>();

    private final Account account;
    private final ByteBuffer fingerprint;
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.OUTSIDE);

    private CredentialGuard(Account account, ByteBuffer fingerprint) {
        this.account = account;
        this.fingerprint = fingerprint;
    }

    /** {@return the guard of a password request} */
    static CredentialGuard of(URI tokenUri, TokenRequest request) {
        String username = Objects.requireNonNullElse(request.first("username"), "");
        String password = Objects.requireNonNullElse(request.first("password"), "");
        return new CredentialGuard(new Account(tokenUri, username), fingerprint(username, password));
    }

    /** Whose password it is. */
    private record Account(URI tokenUri, String username) {}

    /** {@return whether no password may be sent for a user now} */
    static boolean isClosedFor(URI tokenUri, String username, SourceClock clock) {
        Records known = ACCOUNTS.get(new Account(tokenUri, username));
        return known != null && known.isClosed(clock.monotonic());
    }

    String username() {
        return account.username;
    }

    /**
     * What is known of an account.
     *
     * @param refusals how often a password was refused since one was accepted
     * @param lost how often an answer was lost since one came
     * @param closedUntil monotonic
     * @param lastRefusal null when only answers were lost
     * @param refused fingerprints of refused credentials
     * @param inTheAir completes when the password in the air has landed; null when there is none
     */
    private record Records(
            int refusals,
            int lost,
            long closedUntil,
            TokenException.@Nullable Rejected lastRefusal,
            Set<ByteBuffer> refused,
            Sinks.@Nullable Empty<Void> inTheAir) {

        Records withInTheAir(Sinks.@Nullable Empty<Void> password) {
            return new Records(refusals, lost, closedUntil, lastRefusal, refused, password);
        }

        boolean isClosed(long monotonic) {
            return (refusals > 0 || lost > 0) && monotonic - closedUntil < 0;
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
                    return new Records(0, 0, now, null, Set.of(), mine);
                }
                boolean pass = known.inTheAir == null && (!known.isClosed(now) || isNew(known));
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
            return Mono.just(new Entry.Closed(found.lost > 0 ? null : found.lastRefusal));
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
        Sinks.Empty<Void> waitedFor = landed.get();
        if (waitedFor != null) {
            waitedFor.tryEmitEmpty();
        }
    }

    private @Nullable Records after(Records known, Fate fate, long now) {
        if (fate instanceof Fate.Refused refused) {
            long until = now + Backoff.refusedLogin(known.refusals);
            return new Records(known.refusals + 1, 0, until, refused.refusal, withThis(known.refused), null);
        }
        if (fate instanceof Fate.Lost lost && !lost.workedBefore) {
            long until = Math.max(known.closedUntil, now + Backoff.lostLogin(known.lost));
            return new Records(known.refusals, known.lost + 1, until, known.lastRefusal, known.refused, null);
        }
        boolean nothingKnown = known.refusals == 0 && known.lost == 0;
        return fate instanceof Fate.Accepted || nothingKnown ? null : known.withInTheAir(null);
    }

    /** {@return nanoseconds until the next password of the account may be sent} */
    long wait(SourceClock clock) {
        Records known = ACCOUNTS.get(account);
        return known == null ? 0 : Math.max(0, known.closedUntil - clock.monotonic());
    }

    /** {@return whether these are other credentials than those that closed the guard, or it is open} */
    boolean opensFor(SourceClock clock) {
        Records known = ACCOUNTS.get(account);
        return known == null || !known.isClosed(clock.monotonic()) || isNew(known);
    }

    /** Forgets every refusal of the account, at an operator's word. */
    void reset() {
        ACCOUNTS.computeIfPresent(
                account,
                (key, known) -> known.inTheAir == null ? null : new Records(0, 0, 0, null, Set.of(), known.inTheAir));
    }

    /** Lost answers say nothing about the password, so that another one would not help. */
    private boolean isNew(Records known) {
        return known.refusals > 0 && known.lost == 0 && !known.refused.contains(fingerprint);
    }

    private Set<ByteBuffer> withThis(Set<ByteBuffer> refused) {
        Set<ByteBuffer> more = new LinkedHashSet<>(refused);
        more.add(fingerprint);
        if (more.size() > REMEMBERED) {
            more.remove(more.iterator().next());
        }
        return more;
    }

    private static ByteBuffer fingerprint(String username, String password) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(SALT);
            digest.update(username.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            return ByteBuffer.wrap(digest.digest(password.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
