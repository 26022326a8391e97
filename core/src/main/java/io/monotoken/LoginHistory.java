package io.monotoken;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one account's passwords, and when each may be sent again. Immutable; instants are nanoseconds of the clock
 * of whoever keeps it, a process or a shared store.
 */
final class LoginHistory {

    private static final int REMEMBERED = 16;
    private static final int REFUSALS_A_DAY = 5;
    private static final long DAY = Duration.ofHours(24).toNanos();

    private final LockOutSettings settings;
    private final Map<Fingerprint, Refusal> refused;
    private final TokenException.@Nullable Rejected lastRefusal;
    private final List<Long> day;
    private final int lost;
    private final long lostUntil;

    /**
     * What is known of one refused password.
     *
     * @param sends how often it was sent
     * @param until it is not sent before that
     */
    record Refusal(int sends, long until, TokenException.Rejected exception) {}

    private LoginHistory(Draft draft) {
        this.settings = draft.settings;
        this.refused = draft.refused;
        this.lastRefusal = draft.lastRefusal;
        this.day = draft.day;
        this.lost = draft.lost;
        this.lostUntil = draft.lostUntil;
    }

    /** The next history, while it is being written. */
    static final class Draft {

        LockOutSettings settings;
        Map<Fingerprint, Refusal> refused = Map.of();
        TokenException.@Nullable Rejected lastRefusal;
        /** When the account was refused in the last day, the oldest first. */
        List<Long> day = List.of();
        /** How often an answer was lost since one came. */
        int lost;
        /** The account is closed until then for all: a lost answer does not say which password is wrong. */
        long lostUntil;

        private Draft(LockOutSettings settings) {
            this.settings = settings;
        }

        void clear() {
            refused = Map.of();
            lastRefusal = null;
            day = List.of();
            lost = 0;
        }

        void refuse(Fingerprint fingerprint, Refusal refusal) {
            Map<Fingerprint, Refusal> more = new LinkedHashMap<>(refused);
            more.put(fingerprint, refusal);
            if (more.size() > REMEMBERED) {
                more.remove(more.keySet().iterator().next());
            }
            refused = more;
        }

        void forget(Fingerprint fingerprint) {
            Map<Fingerprint, Refusal> others = new LinkedHashMap<>(refused);
            others.remove(fingerprint);
            refused = others;
        }
    }

    static LoginHistory empty(LockOutSettings settings) {
        return new LoginHistory(new Draft(settings));
    }

    LoginHistory with(Consumer<Draft> change) {
        Draft draft = new Draft(settings);
        draft.refused = refused;
        draft.lastRefusal = lastRefusal;
        draft.day = day;
        draft.lost = lost;
        draft.lostUntil = lostUntil;
        change.accept(draft);
        return new LoginHistory(draft);
    }

    /** {@return the refused passwords, the oldest first} */
    Map<Fingerprint, Refusal> refused() {
        return refused;
    }

    TokenException.@Nullable Rejected lastRefusal() {
        return lastRefusal;
    }

    /** {@return when the account was refused in the last day, the oldest first} */
    List<Long> day() {
        return day;
    }

    /** {@return how many answers were lost in a row} */
    int lost() {
        return lost;
    }

    long lostUntil() {
        return lostUntil;
    }

    LoginHistory strictest(LockOutSettings others) {
        return with(next -> next.settings = settings.strictest(others));
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

    /** {@return the history after these credentials were sent} */
    LoginHistory after(Fingerprint fingerprint, LoginResult result, long now) {
        return with(next -> {
            if (result instanceof LoginResult.Refused refusal) {
                Refusal earlier = refused.get(fingerprint);
                int sends = earlier == null ? 1 : earlier.sends + 1;
                long until = now + Backoff.refusedLogin(sends, settings);
                next.refuse(fingerprint, new Refusal(sends, until, refusal.refusal()));
                next.lastRefusal = refusal.refusal();
                next.day = withToday(now);
                next.lost = 0;
            } else if (result instanceof LoginResult.Lost loss) {
                next.lostUntil = now + Backoff.lostLogin(lost, loss.acceptedBefore());
                next.lost = lost + 1;
            } else if (result instanceof LoginResult.Accepted) {
                next.forget(fingerprint);
                next.day = List.of();
                next.lost = 0;
            }
        });
    }

    private List<Long> withToday(long now) {
        List<Long> longer = new ArrayList<>(day);
        longer.removeIf(at -> now - at > DAY);
        longer.add(now);
        return List.copyOf(longer);
    }

    boolean isEmpty() {
        return refused.isEmpty() && day.isEmpty() && lost == 0;
    }

    boolean isOld(long now) {
        return day.stream().allMatch(at -> now - at > DAY)
                && (lost == 0 || now - lostUntil > DAY)
                && refused.values().stream().allMatch(refusal -> now - refusal.until > DAY);
    }
}
