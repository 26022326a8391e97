package io.monotoken;

import io.monotoken.StoreCipher.UnreadableException;
import io.monotoken.StoreClient.Read;
import io.monotoken.StoreClient.StoreAway;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What a password passes before it is sent, where several instances act as one: the account's record in the store, so that a
 * wrong one is sent as often as if there were one process, and one password of an account is in flight at a time.
 */
final class FleetLogin implements SecretGate {

    private static final Duration KEEP = Duration.ofDays(60);
    private static final Duration KEEP_EMPTY = Duration.ofMinutes(1);

    private final SourceSetup setup;
    private final Fleet fleet;
    private final Lead lead;
    private final String owner;
    private volatile @Nullable Marked marked;
    private volatile boolean elsewhere;
    private volatile @Nullable Fingerprint name;
    private volatile Mono<Void> telling = Mono.empty();

    FleetLogin(SourceSetup setup, Fleet fleet, Lead lead, String owner) {
        this.setup = setup;
        this.fleet = fleet;
        this.lead = lead;
        this.owner = owner;
    }

    /** A password that the record says is in flight. */
    private record Marked(String key, RecordTag tag, SharedAccount account, Fingerprint fingerprint, Read seen) {}

    /** {@return whether the login turned out to be of another user, whose tokens have another record} */
    boolean isElsewhere() {
        return elsewhere;
    }

    @Override
    public Mono<LoginPermit.Entry> beforePassword(LoginPermit met, TokenRequest login) {
        String tokenKey = setup.recordKey(login);
        if (!tokenKey.equals(fleet.tokenKey())) {
            fleet.use(tokenKey);
            elsewhere = true;
            return Mono.just(turnedAway(met, "its user has changed"));
        }
        String key = RecordKey.ofAccount(met.account());
        fleet.useAccount(key);
        name = fingerprints(login).get(0);
        return fleet.settled(key)
                .then(enter(key, met, fingerprints(login), 0))
                .flatMap(entry -> entry instanceof LoginPermit.Entry.Open ? renewLease(met) : Mono.just(entry))
                .onErrorResume(StoreAway.class, away -> Mono.just(new LoginPermit.Entry.Open()));
    }

    private LoginPermit.Entry turnedAway(LoginPermit met, String why) {
        met.leave(new LoginResult.Withdrawn(), setup.clock());
        return new LoginPermit.Entry.Failed(FailureCause.TRANSIENT, setup.unavailable(why));
    }

    private Mono<LoginPermit.Entry> renewLease(LoginPermit met) {
        return lead.renew(setup.clock().now(), next -> {}).map(renewed -> {
            if (renewed) {
                return new LoginPermit.Entry.Open();
            }
            withdrawMark();
            return turnedAway(met, "another instance took its renewal over");
        });
    }

    private Mono<LoginPermit.Entry> enter(String key, LoginPermit met, List<Fingerprint> mine, int looks) {
        return fleet.read(key).flatMap(read -> {
            SharedAccount account = account(key, read);
            SharedAccount.InFlight other = account.inFlight();
            long storeNow = read.storeNow();
            if (other != null && other.until() - storeNow > 0 && !other.owner().equals(owner)) {
                long left = other.until() - storeNow;
                return fleet.waitForChange(key, left, looks, setup.random().getAsDouble())
                        .then(Mono.defer(() -> enter(key, met, mine, looks + 1)));
            }
            LoginHistory history = account.history();
            if (other != null) { // its sender died, and the server may have counted it
                TokenException died = setup.unavailable("the instance that sent the password has died");
                history = history.after(other.fingerprint(), new LoginResult.Lost(false, died), storeNow);
            }
            Fingerprint fingerprint = known(history, mine);
            long wait = history.wait(fingerprint, storeNow);
            if (wait > 0) {
                TokenException.Rejected refusal = history.refusal(fingerprint, storeNow);
                met.leave(new LoginResult.Withdrawn(), setup.clock());
                met.learn(history, fingerprint, ahead(read));
                if (other != null) {
                    fleet.runAside(
                            write(key, read, new SharedAccount(history, null)).then());
                }
                return Mono.just(new LoginPermit.Entry.Closed(refusal));
            }
            long until = storeNow + fleet.settings().lease().toNanos();
            SharedAccount entered = new SharedAccount(history, new SharedAccount.InFlight(fingerprint, owner, until));
            RecordTag tag = tag(read, RecordTag.Kind.LEASE);
            return fleet.replace(key, read.tag(), tag, RecordFormat.write(entered), KEEP)
                    .flatMap(inPlace -> {
                        if (!inPlace) {
                            return enter(key, met, mine, looks + 1);
                        }
                        marked = new Marked(key, tag, entered, fingerprint, read);
                        return Mono.just(new LoginPermit.Entry.Open());
                    });
        });
    }

    private SharedAccount account(String key, Read read) {
        try {
            return read.json() == null
                    ? new SharedAccount(LoginHistory.empty(setup.lockOut()), null)
                    : RecordFormat.account(read.json(), setup.lockOut());
        } catch (UnreadableException e) {
            throw StoreClient.unreadable(key, e);
        }
    }

    private long ahead(Read read) {
        return read.stored(setup.clock().now()) - setup.clock().monotonic();
    }

    private static RecordTag tag(Read read, RecordTag.Kind kind) {
        RecordTag before = read.tag();
        return before == null ? RecordTag.first(read.storeNow(), kind) : before.next(kind);
    }

    /** {@return what these credentials are called in the record, under whichever key} */
    private static Fingerprint known(LoginHistory history, List<Fingerprint> mine) {
        return mine.stream().filter(history.refused()::containsKey).findFirst().orElse(mine.get(0));
    }

    private List<Fingerprint> fingerprints(TokenRequest login) {
        String username = Objects.requireNonNullElse(login.first("username"), "");
        return fleet.cipher()
                .fingerprints(
                        CredentialGuard.Account.of(setup.tokenUri(), username).username(),
                        Objects.requireNonNullElse(login.first("password"), ""));
    }

    @Override
    public Mono<Void> afterPassword(LoginPermit met, LoginResult result) {
        Marked sent = marked;
        marked = null;
        if (sent == null) {
            return Mono.empty();
        }
        long storeNow = sent.seen.stored(setup.clock().now());
        LoginHistory history = sent.account.history().after(sent.fingerprint, result, storeNow);
        if (result instanceof LoginResult.Refused) {
            met.learn(history, sent.fingerprint, ahead(sent.seen));
        }
        Mono<Void> told = settled(sent, history).onErrorComplete().then();
        if (!(result instanceof LoginResult.Accepted)) {
            return told;
        }
        telling = told.cache(); // at the same time as the tokens are put into their record
        fleet.runAside(telling);
        return Mono.empty();
    }

    /** {@return completes when the others can know of a password that was accepted} */
    Mono<Void> told() {
        return telling;
    }

    private Mono<Boolean> settled(Marked sent, LoginHistory history) {
        return fleet.replaceOrSettleLater(
                sent.key,
                sent.tag,
                sent.tag.next(RecordTag.Kind.OTHER),
                RecordFormat.write(new SharedAccount(history, null)),
                history.isEmpty() ? KEEP_EMPTY : KEEP,
                false);
    }

    private Mono<Boolean> write(String key, Read read, SharedAccount account) {
        return fleet.replace(key, read.tag(), tag(read, RecordTag.Kind.OTHER), RecordFormat.write(account), KEEP);
    }

    @Override
    public void abandoned(LoginResult.Lost result) {
        Marked sent = marked;
        marked = null;
        if (sent != null) {
            long storeNow = sent.seen.stored(setup.clock().now());
            fleet.runAside(settled(sent, sent.account.history().after(sent.fingerprint, result, storeNow)));
        }
    }

    private void withdrawMark() {
        Marked sent = marked;
        marked = null;
        if (sent != null) {
            fleet.runAside(settled(sent, sent.account.history()));
        }
    }

    @Override
    public Mono<Presentation> beforeGiven(String refreshToken) {
        List<Fingerprint> names = fleet.cipher().fingerprints(refreshToken);
        Fingerprint before = lead.record().presented();
        if (before != null && names.contains(before)) {
            return Mono.just(Presentation.AGAIN);
        }
        return lead.renew(setup.clock().now(), next -> next.presented = names.get(0))
                .map(renewed -> renewed ? Presentation.FIRST : Presentation.UNKNOWN)
                .onErrorReturn(StoreAway.class, Presentation.UNKNOWN);
    }

    @Override
    public boolean wereAccepted(TokenRequest login) {
        Fingerprint accepted = lead.record().accepted();
        return accepted != null && fingerprints(login).contains(accepted);
    }

    /** {@return what the credentials of the login are called in the record; null when there was none} */
    @Nullable
    Fingerprint name() {
        return name;
    }
}
