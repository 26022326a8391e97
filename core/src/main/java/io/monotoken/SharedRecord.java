package io.monotoken;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the instances of a service share: their token, who renews it, and how that went. Immutable; all instants are
 * nanoseconds since 1970 by the store's clock.
 */
final class SharedRecord {

    private final long generation;
    private final @Nullable SharedToken token;
    private final @Nullable RefreshToken refreshToken;
    private final @Nullable Lease lease;
    private final @Nullable Failure failure;
    private final boolean rejected;
    private final long forcedFrom;
    private final boolean passwordSpent;
    private final @Nullable Fingerprint accepted;
    private final @Nullable Fingerprint presented;

    private SharedRecord(Draft draft) {
        this.generation = draft.generation;
        this.token = draft.token;
        this.refreshToken = draft.refreshToken;
        this.lease = draft.lease;
        this.failure = draft.failure;
        this.rejected = draft.rejected;
        this.forcedFrom = draft.forcedFrom;
        this.passwordSpent = draft.passwordSpent;
        this.accepted = draft.accepted;
        this.presented = draft.presented;
    }

    /** The next record, while it is being written. */
    static final class Draft {

        long generation;

        @Nullable
        SharedToken token;

        @Nullable
        RefreshToken refreshToken;

        @Nullable
        Lease lease;

        @Nullable
        Failure failure;

        boolean rejected;
        long forcedFrom;
        boolean passwordSpent;

        @Nullable
        Fingerprint accepted;

        @Nullable
        Fingerprint presented;
    }

    /**
     * The token.
     *
     * @param issuedAt when the request for it was sent; a little early in doubt
     * @param life in nanoseconds
     * @param obtainedBy the instance that got it
     */
    record SharedToken(
            String value,
            Set<String> scopes,
            long issuedAt,
            long life,
            Map<String, Object> attributes,
            String obtainedBy) {

        long trueEnd() {
            return issuedAt + life - Lifetime.travel(life);
        }

        @Override
        public String toString() {
            return "SharedToken[REDACTED]";
        }
    }

    /** Who renews the token, and until when the others leave that to it. */
    record Lease(String owner, long until) {}

    /**
     * Why there is no other token.
     *
     * @param exception what the others' callers get a copy of
     * @param until when the next attempt is due
     * @param nothingFrom since when callers have nothing, as far as this row of failures goes
     * @param failures how many of the same cause came before it in a row
     */
    record Failure(
            TokenException exception, FailureCause cause, long from, long until, long nothingFrom, int failures) {}

    static SharedRecord of(Consumer<Draft> content) {
        Draft draft = new Draft();
        content.accept(draft);
        return new SharedRecord(draft);
    }

    static SharedRecord empty() {
        return of(draft -> {});
    }

    SharedRecord with(Consumer<Draft> change) {
        Draft draft = new Draft();
        draft.generation = generation;
        draft.token = token;
        draft.refreshToken = refreshToken;
        draft.lease = lease;
        draft.failure = failure;
        draft.rejected = rejected;
        draft.forcedFrom = forcedFrom;
        draft.passwordSpent = passwordSpent;
        draft.accepted = accepted;
        draft.presented = presented;
        change.accept(draft);
        return new SharedRecord(draft);
    }

    /** {@return how many tokens there have been, one after the other} */
    long generation() {
        return generation;
    }

    @Nullable
    SharedToken token() {
        return token;
    }

    /** {@return the refresh token, if nobody has presented it; its expiry is by the store's clock} */
    @Nullable
    RefreshToken refreshToken() {
        return refreshToken;
    }

    @Nullable
    Lease lease() {
        return lease;
    }

    @Nullable
    Failure failure() {
        return failure;
    }

    /** {@return whether an API rejected the token, and its renewal is not settled} */
    boolean isRejected() {
        return rejected;
    }

    /** {@return when a rejected token may be renewed ahead of time again} */
    long forcedFrom() {
        return forcedFrom;
    }

    /** {@return whether a password was sent since the token came: one is all that a usable token allows} */
    boolean passwordSpent() {
        return passwordSpent;
    }

    /** {@return what the credentials are called that were accepted last} */
    @Nullable
    Fingerprint accepted() {
        return accepted;
    }

    /** {@return what the given refresh token is called that was presented last} */
    @Nullable
    Fingerprint presented() {
        return presented;
    }

    @Override
    public String toString() {
        return "SharedRecord[generation=" + generation + ", lease=" + lease + "]";
    }
}
