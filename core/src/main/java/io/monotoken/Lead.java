package io.monotoken;

import io.monotoken.StoreClient.Read;
import java.time.Duration;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/**
 * The lease of an instance that renews the token for all. Each write is a compare-and-set on its own last one, so that a holder
 * whose lease has been taken over finds out.
 */
final class Lead {

    /** How long a refresh token is kept whose end nobody knows: longer than common servers let one live. */
    private static final Duration LONG = Duration.ofDays(60);

    private static final Duration AFTERWARDS = Duration.ofDays(1);

    private final Fleet fleet;
    private final String key;
    private final String owner;
    private final Read seen;
    private volatile RecordTag tag;
    private volatile SharedRecord record;
    private volatile boolean lost;

    private Lead(Fleet fleet, String key, String owner, Read seen, RecordTag tag, SharedRecord record) {
        this.fleet = fleet;
        this.key = key;
        this.owner = owner;
        this.seen = seen;
        this.tag = tag;
        this.record = record;
    }

    /**
     * Takes the lease, and the refresh token out of the record.
     *
     * @param basis what was read
     * @param forgotten whether the store has lost a newer record
     * @return empty when another instance was faster
     */
    static Mono<Lead> take(
            Fleet fleet, String key, String owner, Read seen, SharedRecord basis, boolean forgotten, boolean forced) {
        return Mono.defer(() -> {
            RecordTag.Kind kind = forced ? RecordTag.Kind.REJECTED : RecordTag.Kind.LEASE;
            RecordTag tag = fleet.after(seen.tag(), forgotten, seen.storeNow(), kind);
            SharedRecord taken = basis.with(next -> {
                next.refreshToken = null;
                next.lease = lease(fleet, owner, seen.storeNow());
                next.rejected = forced || basis.isRejected();
            });
            Lead lead = new Lead(fleet, key, owner, seen, tag, taken);
            return fleet.replace(key, seen.tag(), tag, RecordFormat.write(taken), keep(taken, seen.storeNow()))
                    .flatMap(inPlace -> inPlace ? Mono.just(lead) : Mono.empty());
        });
    }

    private static SharedRecord.Lease lease(Fleet fleet, String owner, long storeNow) {
        return new SharedRecord.Lease(owner, storeNow + fleet.settings().lease().toNanos());
    }

    SharedRecord record() {
        return record;
    }

    RecordTag tag() {
        return tag;
    }

    /** {@return whether another instance has taken over} */
    boolean isLost() {
        return lost;
    }

    /** {@return an instant of the source's clock by the store's} */
    long stored(long local) {
        return seen.stored(local);
    }

    /** {@return whether this instance still leads, for a whole lease from now on} */
    Mono<Boolean> renew(long now, Consumer<SharedRecord.Draft> change) {
        return Mono.defer(() -> {
            SharedRecord renewed = record.with(next -> {
                next.lease = lease(fleet, owner, stored(now));
                change.accept(next);
            });
            RecordTag next = tag.next(RecordTag.Kind.LEASE);
            return fleet.replace(key, tag, next, RecordFormat.write(renewed), keep(renewed, stored(now)))
                    .doOnNext(inPlace -> {
                        if (inPlace) {
                            record = renewed;
                            tag = next;
                        } else {
                            lost = true;
                        }
                    });
        });
    }

    /** {@return whether the record is settled; an error when that is not known yet, and is found out later} */
    Mono<Boolean> settle(long now, RecordTag.Kind kind, Consumer<SharedRecord.Draft> change) {
        return Mono.defer(() -> {
            SharedRecord settled = record.with(next -> {
                next.lease = null;
                change.accept(next);
            });
            RecordTag expected = tag;
            RecordTag next = expected.next(kind);
            String json = RecordFormat.write(settled);
            Duration keep = keep(settled, stored(now));
            return fleet.replaceOrSettleLater(key, expected, next, json, keep, settled.refreshToken() != null)
                    .doOnNext(inPlace -> {
                        if (inPlace) {
                            record = settled;
                            tag = next;
                        } else {
                            lost = true;
                        }
                    });
        });
    }

    private static Duration keep(SharedRecord record, long storeNow) {
        SharedRecord.SharedToken token = record.token();
        Duration keep = AFTERWARDS;
        if (token != null) {
            keep = keep.plusNanos(Math.max(0, token.issuedAt() + token.life() - storeNow));
        }
        RefreshToken refreshToken = record.refreshToken();
        if (refreshToken == null) {
            return keep;
        }
        Duration refreshKeep = refreshToken.expiry() == Long.MAX_VALUE
                ? LONG
                : Duration.ofNanos(Math.max(0, refreshToken.expiry() - storeNow));
        return refreshKeep.compareTo(LONG) > 0 ? LONG : refreshKeep.compareTo(keep) > 0 ? refreshKeep : keep;
    }
}
