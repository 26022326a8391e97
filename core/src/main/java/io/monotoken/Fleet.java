package io.monotoken;

import io.monotoken.SharedRecord.Lease;
import io.monotoken.SharedRecord.SharedToken;
import io.monotoken.StoreClient.Read;
import io.monotoken.StoreClient.StoreAway;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.Logger;
import reactor.util.Loggers;
import reactor.util.retry.Retry;

/*
 * Shared state  `known`, `outage`, `unsettled`, each an AtomicReference; `view` for onlookers. What the instances share is in
 *               the store alone.
 * Invariant     `known` never goes back, so that a store that lost something is noticed.
 * Transitions   answering -> away and back by each answer of the store; unsettled -> settled by one compareAndSet.
 * Cancel        a write whose answer nobody waits for goes on until its fate is known.
 * Time          the clock of the source; instants of the store's clock live in records only.
 */
/** One source's tie to the other instances of its service: the store that they share, and what is known of it. */
final class Fleet implements TokenKeeper {

    private static final Logger log = Loggers.getLogger("io.monotoken.TokenSource");

    private static final char OWNER_SUFFIX = '~';
    private static final long FIRST_PROBE = Duration.ofMillis(500).toNanos();
    private static final long LAST_PROBE = Duration.ofSeconds(10).toNanos();
    private static final long FIRST_LOOK = Duration.ofMillis(50).toNanos();
    private static final long LAST_LOOK = Duration.ofSeconds(1).toNanos();
    private static final long RECENTLY = Duration.ofMinutes(1).toNanos();

    private final StoreClient client;
    private final TokenStore store;
    private final StoreSettings settings;
    private final SourceClock clock;
    private final DoubleSupplier random;
    private final @Nullable Listeners listeners;
    private final String shown;
    private final String owner;

    private final AtomicReference<@Nullable RecordTag> known = new AtomicReference<>();
    private final AtomicReference<@Nullable Outage> outage = new AtomicReference<>();
    private final AtomicLong lastLook;
    private final Map<String, Unsettled> unsettled = new ConcurrentHashMap<>();
    private final Sinks.Many<TokenStore.Change> hints = Sinks.many().multicast().directBestEffort();
    private final Disposable.Composite tasks = Disposables.composite();
    private final AtomicReference<@Nullable Disposable> listening = new AtomicReference<>();
    private volatile @Nullable String tokenKey;
    private volatile @Nullable String accountKey;
    private volatile @Nullable RecordTag forgiven;
    private volatile @Nullable Sibling sibling;
    private volatile View view = new View(0, null, null, 0);
    private volatile long lastHint;
    private volatile boolean hinted;

    /** Since when the store has given no usable answer, and when it is asked again. */
    private record Outage(Instant since, int failures, long nextProbe) {}

    /** A write that may be in place or not. */
    private record Unsettled(
            String key, RecordTag expected, RecordTag tag, String json, Duration keep, boolean refreshToken) {}

    private record View(
            long generation,
            @Nullable String leader,
            @Nullable String renewing,
            long renewingUntil) {}

    /** The source, as other instances make themselves felt. */
    interface Sibling {

        /** Another instance changed the token's record. */
        void tokenChanged(RecordTag.Kind kind);

        /** An operator opened the account at another instance. */
        void accountOpened();
    }

    /**
     * @param flight how long a flight may take
     * @param random from 0 to 1
     * @param shown what a log line may say of the source
     */
    Fleet(
            TokenStore store,
            StoreSettings settings,
            Duration flight,
            SourceClock clock,
            DoubleSupplier random,
            @Nullable Listeners listeners,
            String shown) {
        this.store = store;
        this.settings = settings;
        this.client = new StoreClient(store, settings, flight, clock, listeners);
        this.clock = clock;
        this.random = random;
        this.lastLook = new AtomicLong(clock.now());
        this.listeners = listeners;
        this.shown = shown;
        this.owner = settings.instance()
                + OWNER_SUFFIX
                + Integer.toHexString(ThreadLocalRandom.current().nextInt());
    }

    void attach(Sibling source) {
        sibling = source;
    }

    /** {@return what the records call this source; two of one process are two} */
    String owner() {
        return owner;
    }

    StoreSettings settings() {
        return settings;
    }

    StoreCipher cipher() {
        return client.cipher();
    }

    @Nullable
    String tokenKey() {
        return tokenKey;
    }

    void use(String key) {
        if (!key.equals(tokenKey)) {
            tokenKey = key;
            known.set(null);
        }
        listen();
    }

    void useAccount(String key) {
        accountKey = key;
    }

    /** {@return the newest tag of the token's record that this instance has heard of} */
    @Nullable
    RecordTag known() {
        return known.get();
    }

    void note(RecordTag tag) {
        known.accumulateAndGet(tag, (before, now) -> before == null || before.isBefore(now) ? now : before);
    }

    /** {@return the tag of a record that replaces another one, or a lost one} */
    RecordTag after(@Nullable RecordTag replaced, boolean lost, long storeNow, RecordTag.Kind kind) {
        if (replaced != null && !lost) {
            return replaced.next(kind);
        }
        RecordTag newest = known.get();
        return RecordTag.first(newest == null ? storeNow : Math.max(storeNow, newest.epoch() + 1), kind);
    }

    /** {@return whether an operator wants failures forgotten that were there then} */
    boolean isForgiven(RecordTag tag) {
        RecordTag upTo = forgiven;
        return upTo != null && !upTo.isBefore(tag);
    }

    void forgive() {
        forgiven = known.get();
    }

    Mono<Read> read(String key) {
        return client.read(key)
                .doOnNext(read -> answered())
                .doOnError(StoreAway.class, this::away)
                .doOnNext(read -> {
                    if (read.tag() != null && key.equals(tokenKey)) {
                        note(read.tag());
                    }
                });
    }

    /** {@return whether the record is in place; asked twice before it fails, since an error says nothing of that} */
    Mono<Boolean> replace(String key, @Nullable RecordTag expected, RecordTag tag, String json, Duration keep) {
        return once(key, expected, tag, json, keep)
                .onErrorResume(StoreAway.class, unknown -> once(key, expected, tag, json, keep));
    }

    private Mono<Boolean> once(String key, @Nullable RecordTag expected, RecordTag tag, String json, Duration keep) {
        return client.replace(key, expected, tag, json, keep)
                .doOnNext(inPlace -> {
                    answered();
                    if (inPlace && key.equals(tokenKey)) {
                        note(tag);
                    }
                })
                .doOnError(StoreAway.class, this::away);
    }

    /** As {@link #replace}; a write whose answer is lost goes on until its fate is known. */
    Mono<Boolean> replaceOrSettleLater(
            String key, RecordTag expected, RecordTag tag, String json, Duration keep, boolean refreshToken) {
        return once(key, expected, tag, json, keep).doOnError(StoreAway.class, unknown -> {
            unsettled.put(key, new Unsettled(key, expected, tag, json, keep, refreshToken));
            runAside(settled(key).retryWhen(everMoreSeldom()));
        });
    }

    /** {@return completes when the fate of every write of the record is known; fails with {@link StoreAway}} */
    Mono<Void> settled(String key) {
        return Mono.defer(() -> {
            Unsettled write = unsettled.get(key);
            return write == null
                    ? Mono.empty()
                    : once(write.key, write.expected, write.tag, write.json, write.keep)
                            .doOnNext(inPlace -> {
                                if (unsettled.remove(key, write) && !inPlace && write.refreshToken) {
                                    did(TokenListener.Sharing.ORPHANED);
                                }
                            })
                            .then();
        });
    }

    /** Without end, at waits that are drawn so that the instances do not come all at once. */
    private Retry everMoreSeldom() {
        return Retry.from(failures -> failures.concatMap(failure -> {
            long wait = Math.min(LAST_PROBE, FIRST_PROBE << Math.min(failure.totalRetriesInARow(), 10));
            return Mono.delay(Duration.ofNanos((long) (wait * (0.5 + random.getAsDouble() / 2))), clock.timer());
        }));
    }

    private void answered() {
        if (outage.getAndSet(null) != null) {
            log.info("TokenSource[{}]: its store answers again; the instances share one token", shown);
        }
    }

    private void away(StoreAway why) {
        long now = clock.now();
        Outage before = outage.getAndUpdate(last -> {
            int failures = last == null ? 0 : last.failures + 1;
            long wait = Math.min(LAST_PROBE, FIRST_PROBE << Math.min(failures, 10));
            return last != null && now - last.nextProbe < 0
                    ? last
                    : new Outage(last == null ? clock.instant(now) : last.since, failures, now + wait);
        });
        if (before == null) {
            log.warn(
                    "TokenSource[{}]: {}; each instance goes on for itself until the store can be used",
                    shown,
                    why.getMessage());
        }
    }

    /** {@return whether the store answers, as far as is known, or it is time to see whether it does again} */
    boolean isWorthAsking(long now) {
        Outage current = outage.get();
        return current == null || now - current.nextProbe >= 0;
    }

    /** {@return when the store is asked again after it gave no usable answer; now or earlier while it does} */
    long nextProbe(long now) {
        Outage current = outage.get();
        return current == null ? now : current.nextProbe;
    }

    void did(TokenListener.Sharing what) {
        if (listeners != null) {
            listeners.tell(listener -> listener.shared(what));
        }
    }

    /** Shows onlookers what the record says, and who renews until when at most. */
    void show(SharedRecord record, Read read) {
        Lease lease = record.lease();
        show(record, lease == null ? 0 : read.local(lease.until()));
    }

    void show(SharedRecord record, long localLeaseEnd) {
        SharedToken token = record.token();
        Lease lease = record.lease();
        view = new View(
                record.generation(),
                token == null ? null : token.obtainedBy(),
                lease == null ? null : lease.owner().substring(0, lease.owner().lastIndexOf(OWNER_SUFFIX)),
                localLeaseEnd);
    }

    TokenSourceState.Shared shared(long now) {
        View seen = view;
        Outage current = outage.get();
        return new TokenSourceState.Shared(
                settings.instance(),
                seen.generation,
                seen.leader,
                seen.renewing != null && now - seen.renewingUntil < 0 ? seen.renewing : null,
                current == null ? null : current.since);
    }

    /**
     * Waits for another instance.
     *
     * @param longest nanoseconds
     * @param looks how often this was done before
     * @param draw from 0 to 1
     * @return completes when the store hints at a change of the record, or when it is time to look whether there was one
     */
    Mono<Void> waitForChange(String key, long longest, int looks, double draw) {
        return Mono.defer(() -> {
            long first = hinted && clock.now() - lastHint < RECENTLY ? LAST_LOOK / 2 : FIRST_LOOK;
            long wait = (long) (Math.min(LAST_LOOK, first << Math.min(looks, 10)) * (0.5 + draw / 2));
            Mono<?> look = Mono.delay(Duration.ofNanos(Math.min(wait, longest)), clock.timer());
            Mono<?> hint =
                    hints.asFlux().filter(change -> change.key().equals(key)).next();
            return Mono.firstWithSignal(look, hint).then();
        });
    }

    private void listen() {
        if (listening.get() != null) {
            return;
        }
        Disposable.Swap task = Disposables.swap();
        if (listening.compareAndSet(null, task)) {
            tasks.add(task);
            task.update(Flux.defer(store::changes)
                    .doOnNext(this::heard)
                    .retryWhen(everMoreSeldom())
                    .subscribe());
        }
    }

    private void heard(TokenStore.Change change) {
        boolean token = change.key().equals(tokenKey);
        if (!token && !change.key().equals(accountKey)) {
            return;
        }
        RecordTag tag = RecordTag.parse(change.tag());
        if (tag == null || !tag.isSealed(cipher(), change.key())) {
            return; // anybody may have sent it
        }
        lastHint = clock.now();
        hinted = true;
        RecordTag before = known.get();
        if (token) {
            note(tag);
        }
        if (tag.kind() != RecordTag.Kind.LEASE && tag.kind() != RecordTag.Kind.REJECTED) {
            hints.tryEmitNext(change); // nobody waits for an instance to begin
        }
        Sibling source = sibling;
        if (source == null) {
            return;
        }
        if (token && (before == null || before.isBefore(tag))) {
            source.tokenChanged(tag.kind());
        } else if (!token && tag.kind() == RecordTag.Kind.RESET) {
            source.accountOpened();
        }
    }

    /**
     * Looks whether another instance has a token, now and then: the hint of one may have been lost.
     *
     * @param pausedFrom since when this instance has not asked for one
     */
    void lookIfDue(long pausedFrom, long now) {
        long last = lastLook.get();
        Sibling source = sibling;
        if (source != null
                && now - pausedFrom >= LAST_PROBE
                && now - last >= LAST_PROBE
                && isWorthAsking(now)
                && lastLook.compareAndSet(last, now)) {
            source.tokenChanged(RecordTag.Kind.TOKEN);
        }
    }

    /** Opens an account for all instances, at an operator's word. */
    void openAccount(String key, LockOutSettings settings) {
        String empty = RecordFormat.write(new SharedAccount(LoginHistory.empty(settings), null));
        runAside(client.read(key)
                .filter(read -> read.tag() != null)
                .flatMap(read -> client.replace(
                        key, read.tag(), read.tag().next(RecordTag.Kind.RESET), empty, Duration.ofMinutes(1))));
    }

    /** Runs until it is done or the source is closed. */
    void runAside(Mono<?> task) {
        Disposable.Swap running = Disposables.swap();
        tasks.add(running);
        running.update(task.onErrorComplete()
                .doFinally(signal -> tasks.remove(running))
                .subscribe());
    }

    void close() {
        tasks.dispose();
    }
}
