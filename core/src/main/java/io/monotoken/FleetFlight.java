package io.monotoken;

import io.monotoken.SharedRecord.SharedToken;
import io.monotoken.StoreCipher.UnreadableException;
import io.monotoken.StoreClient.Read;
import io.monotoken.StoreClient.StoreAway;
import io.monotoken.TokenListener.Sharing;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One flight of a source that shares its token with other instances: it looks what they have, waits for the one that renews, or
 * leads and renews for all. Without the store it goes on as a source of its own.
 *
 * <p>A refresh token is presented by the instance that took it out of the record, and by no other. What a flight brought is in
 * the record before callers hear of it.
 */
final class FleetFlight {

    /** Another instance may have another secret while it is changed: what a server says to one of them is not said to all. */
    private static final Set<String> OF_ONE_INSTANCE = Set.of("invalid_client", "unauthorized_client");

    private static final long UNKNOWN_LEASE = Duration.ofSeconds(1).toNanos();

    private static final String ANOTHER_EACH_TIME =
            "a field of its grant other than a secret changes with each request, so"
                    + " that no record in the store is its own; leave that field out, or do not share its token";

    /** Whether another instance has presented a given refresh token is in the store alone. */
    private static final SecretGate WITHOUT_STORE = new SecretGate() {
        @Override
        public Mono<Presentation> beforeGiven(String refreshToken) {
            return Mono.just(Presentation.UNKNOWN);
        }
    };

    private final SourceSetup setup;
    private final Fleet fleet;
    private final LoginLine line;
    private final String owner;
    private final @Nullable HeldToken held;
    private final @Nullable RefreshToken own;
    private final int accepted;
    private final long needed;
    private final UnaryOperator<Outcome> judge;
    private final AtomicBoolean waited = new AtomicBoolean();
    private final AtomicBoolean moved = new AtomicBoolean();

    /**
     * @param held this source's token that is usable or was rejected; null when there is none
     * @param own a refresh token that this instance got while the store was out of reach, and has not presented
     * @param accepted fingerprint of the credentials last accepted; zero for none
     * @param needed how long whoever started it needs the token, in nanoseconds
     * @param judge takes in what only the source knows: whether a token is the current one, how long a pause is
     */
    FleetFlight(
            SourceSetup setup,
            Fleet fleet,
            @Nullable HeldToken held,
            @Nullable RefreshToken own,
            int accepted,
            long needed,
            UnaryOperator<Outcome> judge) {
        this.setup = setup;
        this.fleet = fleet;
        this.line = new LoginLine(setup);
        this.owner = fleet.owner();
        this.held = held;
        this.own = own;
        this.accepted = accepted;
        this.needed = needed;
        this.judge = judge;
    }

    /** {@return how it ended; never an error, never later than the flight's time-out and the time for storing} */
    Mono<Outcome> outcome() {
        Duration storing = fleet.settings().timeout().multipliedBy(3);
        return Mono.defer(() -> fleet.tokenKey() != null
                        ? look(0)
                        : setup.askGrant()
                                .map(setup::recordKey)
                                .doOnNext(fleet::use)
                                .map(key -> true)
                                .onErrorReturn(false)
                                .defaultIfEmpty(false)
                                .flatMap(known -> known ? look(0) : alone()))
                .timeout(line.timeIsUp().then(Mono.delay(storing, setup.clock().timer())))
                .onErrorResume(error -> Mono.just(new Outcome.Failed(
                        setup.unavailable(
                                "the token source failed with "
                                        + error.getClass().getName(),
                                error),
                        FailureCause.TRANSIENT,
                        null,
                        null,
                        false,
                        false,
                        null)));
    }

    private long now() {
        return setup.clock().now();
    }

    private boolean isForced() {
        return held != null && held.invalidated();
    }

    private Mono<Outcome> look(int looks) {
        return Mono.defer(() -> {
            String key = fleet.tokenKey();
            if (key == null || !fleet.isWorthAsking(now())) {
                return withoutStore();
            }
            RecordTag newest = fleet.known();
            return fleet.settled(key)
                    .then(fleet.read(key))
                    .map(read -> new Look(key, read, newest, looks))
                    .flatMap(this::decide)
                    .onErrorResume(StoreAway.class, away -> withoutStore());
        });
    }

    /** One look at the record. */
    private final class Look {

        private final String key;
        private final Read read;
        private final int looks;
        private final boolean forgotten;
        private final SharedRecord shared;

        /**
         * @param newest the newest tag that this instance had heard of before
         */
        Look(String key, Read read, @Nullable RecordTag newest, int looks) {
            this.key = key;
            this.read = read;
            this.looks = looks;
            this.forgotten = newest != null && (read.tag() == null || read.tag().isBefore(newest));
            this.shared = FleetFlight.read(key, read);
            fleet.show(shared, read);
        }

        boolean isMine(SharedToken token) {
            return held != null && held.token().value().equals(token.value());
        }

        boolean isUsable(SharedToken token) {
            return !shared.isRejected() && read.local(token.trueEnd()) - now() > 0;
        }

        /** Whether it is newer than what this source has. */
        boolean isWelcome(SharedToken token) {
            return isUsable(token)
                    && !isMine(token)
                    && (held == null
                            || held.invalidated()
                            || !held.isUsable(now())
                            || read.local(token.issuedAt() + token.life()) - held.expiry() > 0);
        }
    }

    static SharedRecord read(String key, Read read) {
        try {
            return read.json() == null ? SharedRecord.empty() : RecordFormat.record(read.json());
        } catch (UnreadableException e) {
            throw StoreClient.unreadable(key, e);
        }
    }

    private Mono<Outcome> decide(Look look) {
        SharedRecord shared = look.shared;
        SharedToken token = shared.token();
        if (token != null && look.isWelcome(token)) {
            fleet.did(Sharing.ADOPTED);
            if (own != null) {
                fleet.did(Sharing.ORPHANED);
            }
            return Mono.just(adopted(look.read, token));
        }
        SharedRecord.Lease lease = shared.lease();
        long leaseLeft = lease == null || lease.owner().equals(owner) ? 0 : lease.until() - look.read.storeNow();
        if (leaseLeft > 0) {
            return waitFor(look, leaseLeft);
        }
        SharedRecord.Failure failure = shared.failure();
        RecordTag tag = look.read.tag();
        if (failure != null && failure.until() - look.read.storeNow() > 0 && tag != null && !fleet.isForgiven(tag)) {
            return Mono.just(failed(look.read, failure));
        }
        if (isForced() && token != null && look.isMine(token) && shared.forcedFrom() - look.read.storeNow() > 0) {
            return Mono.just(failed("another instance had it renewed less than ten seconds ago, and renewing it again"
                    + " would not help"));
        }
        return lead(look);
    }

    static Outcome.Obtained adopted(Read read, SharedToken token) {
        TokenResponse response = TokenResponse.builder(token.value())
                .expiresIn(Duration.ofNanos(token.life()))
                .scopes(token.scopes())
                .attributes(token.attributes())
                .build();
        return new Outcome.Obtained(response, read.local(token.issuedAt()), token.scopes(), null, false, 0);
    }

    private Outcome failed(Read read, SharedRecord.Failure failure) {
        Pause pause = new Pause(
                now(),
                read.local(failure.until()),
                failure.exception(),
                failure.cause(),
                read.local(failure.nothingFrom()),
                failure.failures(),
                null,
                null);
        return new Outcome.Failed(failure.exception(), failure.cause(), null, own, false, false, pause);
    }

    private Outcome failed(String why) {
        return new Outcome.Failed(setup.unavailable(why), FailureCause.TRANSIENT, null, own, false, false, null);
    }

    /** Nothing was sent; the next flight starts then, or when a sibling hints at news. */
    private Outcome postponed(String why, long until) {
        long now = now();
        TokenException reason = setup.unavailable(why);
        long nothingFrom = held != null && held.isUsable(now) ? held.trueEnd() : now;
        Pause pause = new Pause(now, until, reason, FailureCause.POSTPONED, nothingFrom, 0, null, null);
        return new Outcome.Failed(reason, FailureCause.POSTPONED, null, own, false, false, pause);
    }

    private Mono<Outcome> waitFor(Look look, long leaseLeft) {
        if (waited.compareAndSet(false, true)) {
            fleet.did(Sharing.WAITED);
        }
        long left = line.left();
        return left <= 0
                ? Mono.just(postponed(
                        "another instance has been obtaining one for longer than "
                                + setup.settings().timeout().toMillis() + " ms",
                        now() + leaseLeft))
                : fleet.waitForChange(
                                look.key,
                                Math.min(left, leaseLeft),
                                look.looks,
                                setup.random().getAsDouble())
                        .then(look(look.looks + 1));
    }

    private Mono<Outcome> lead(Look look) {
        SharedToken token = look.shared.token();
        boolean forced = isForced() && token != null && look.isMine(token);
        return Lead.take(fleet, look.key, owner, look.read, look.shared, look.forgotten, forced)
                .map(lead -> renew(look, lead))
                .defaultIfEmpty(Mono.defer(() -> waitFor(look, UNKNOWN_LEASE)))
                .flatMap(next -> next);
    }

    private Mono<Outcome> renew(Look look, Lead lead) {
        fleet.did(Sharing.LED);
        fleet.show(lead.record(), look.read);
        SharedToken token = look.shared.token();
        boolean usable = (held != null && held.isUsable(now())) || (token != null && look.isUsable(token));
        RefreshToken left = look.forgotten ? null : look.shared.refreshToken();
        FleetLogin login = new FleetLogin(setup, fleet, lead, owner);
        TokenAcquisition acquisition = new TokenAcquisition(
                setup,
                line,
                login,
                left == null ? own : local(look.read, left),
                usable,
                look.shared.passwordSpent(),
                accepted);
        AtomicBoolean settled = new AtomicBoolean();
        return acquisition
                .outcome()
                .map(judge)
                .flatMap(outcome -> {
                    settled.set(true);
                    return settle(lead, login, outcome).delayUntil(done -> login.told());
                })
                .doOnCancel(() -> {
                    if (settled.compareAndSet(false, true)) {
                        fleet.runAside(lead.settle(now(), RecordTag.Kind.OTHER, next -> {}));
                    }
                });
    }

    private static RefreshToken local(Read read, RefreshToken shared) {
        return shared.expiry() == Long.MAX_VALUE
                ? shared
                : new RefreshToken(
                        shared.value(), shared.scopes(), shared.provenByGrant(), read.local(shared.expiry()));
    }

    private static RefreshToken stored(Lead lead, RefreshToken local) {
        return local.expiry() == Long.MAX_VALUE
                ? local
                : new RefreshToken(local.value(), local.scopes(), local.provenByGrant(), lead.stored(local.expiry()));
    }

    /** Puts the outcome into the record before callers hear of it, and the refresh token with it. */
    private Mono<Outcome> settle(Lead lead, FleetLogin login, Outcome outcome) {
        if (lead.isLost()) {
            return outcome instanceof Outcome.Obtained || outcome.passwordSent() ? Mono.just(late(outcome)) : look(1);
        }
        long now = now();
        if (login.isElsewhere()) {
            return lead.settle(now, RecordTag.Kind.OTHER, next -> {})
                    .onErrorComplete(StoreAway.class)
                    .then(moved.compareAndSet(false, true) ? look(0) : Mono.just(failed(ANOTHER_EACH_TIME)));
        }
        RecordTag.Kind kind = outcome instanceof Outcome.Obtained ? RecordTag.Kind.TOKEN : RecordTag.Kind.FAILURE;
        return lead.settle(now, kind, next -> {
                    RefreshToken refreshToken = outcome.refreshToken();
                    next.refreshToken = refreshToken == null ? null : stored(lead, refreshToken);
                    if (isForced()) {
                        next.forcedFrom = lead.stored(now) + State.BETWEEN_FORCED_RENEWALS;
                    }
                    if (outcome instanceof Outcome.Obtained obtained) {
                        obtained(next, lead, login, obtained);
                    } else {
                        failed(next, lead, (Outcome.Failed) outcome, now);
                    }
                })
                .doOnNext(inPlace -> fleet.show(lead.record(), 0))
                .map(inPlace -> inPlace ? outcome.withoutRefreshToken() : late(outcome))
                .onErrorResume(StoreAway.class, unknown -> Mono.just(outcome.withoutRefreshToken()));
    }

    /** Another instance took over meanwhile: the token is good for this one, and its refresh token for nobody. */
    private Outcome late(Outcome outcome) {
        if (outcome.refreshToken() != null) {
            fleet.did(Sharing.ORPHANED);
        }
        return outcome.withoutRefreshToken();
    }

    private void obtained(SharedRecord.Draft next, Lead lead, FleetLogin login, Outcome.Obtained outcome) {
        TokenResponse response = outcome.response();
        Duration life = response.expiresIn() == null ? setup.settings().defaultLifetime() : response.expiresIn();
        next.generation = lead.record().generation() + 1;
        next.token = new SharedToken(
                response.accessToken(),
                outcome.scopes(),
                lead.stored(outcome.sentAt()),
                Lifetime.nanos(life, Lifetime.LONGEST),
                response.attributes(),
                fleet.settings().instance());
        next.rejected = false;
        next.failure = null;
        next.passwordSpent = false;
        if (outcome.passwordSent()) {
            next.accepted = login.name();
        }
    }

    private void failed(SharedRecord.Draft next, Lead lead, Outcome.Failed outcome, long now) {
        boolean refused = isForced() && outcome.cause().isRefusal();
        if (refused) {
            next.token = null;
        }
        next.rejected = false;
        next.passwordSpent |= outcome.passwordSent();
        Pause pause = outcome.pause();
        next.failure = pause == null || !concernsAll(outcome)
                ? null
                : new SharedRecord.Failure(
                        outcome.exception(),
                        outcome.cause(),
                        lead.stored(now),
                        lead.stored(pause.until()),
                        lead.stored(pause.nothingFrom()),
                        pause.failures());
    }

    /** What concerns a password is in the account's record, and each instance asks that for its own. */
    private static boolean concernsAll(Outcome.Failed outcome) {
        return switch (outcome.cause()) {
            case TRANSIENT -> true;
            case CONFIGURATION ->
                outcome.exception().error().filter(OF_ONE_INSTANCE::contains).isEmpty();
            case CREDENTIALS, GUARDED, LOGIN_LOST, POSTPONED -> false;
        };
    }

    /** The store gives no usable answer: a token in use is left alone for a while, since the store may come back. */
    private Mono<Outcome> withoutStore() {
        long now = now();
        if (held != null && !held.invalidated() && held.isUsable(now) && held.lasts(needed, now)) {
            long patience = held.renewFrom() + (held.trueEnd() - held.renewFrom()) / 2;
            if (now - patience < 0) {
                long until = Math.min(Math.max(fleet.nextProbe(now), now + 1), patience);
                return Mono.just(postponed("its store is out of reach, and its token is good for a while", until));
            }
        }
        return alone();
    }

    private Mono<Outcome> alone() {
        boolean usable = held != null && held.isUsable(now());
        return new TokenAcquisition(
                        setup, line, WITHOUT_STORE, own, usable, held != null && held.passwordSpent(), accepted)
                .outcome();
    }
}
