package io.monotoken.testing;

import io.monotoken.TokenStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * A {@link TokenStore} in the memory of one process, for tests: token sources or application contexts that are given the same
 * one share their tokens as the instances of a fleet do.
 *
 * <pre>{@code
 * InMemoryTokenStore store = new InMemoryTokenStore();
 * TokenSource one = TokenSource.builder(endpoint, grant).tokenStore(store, settings).build();
 * TokenSource other = TokenSource.builder(endpoint, grant).tokenStore(store, settings).build();
 * }</pre>
 *
 * <p>It hints at changes, and its records expire. It passes {@link TokenStoreContract}. All methods may be called from any
 * thread; what a test sets counts from the next call on.
 */
public final class InMemoryTokenStore implements TokenStore {

    private final InstantSource clock;
    private final AtomicReference<Instant> latest = new AtomicReference<>(Instant.MIN);
    private final Map<String, Kept> records = new ConcurrentHashMap<>();
    private final Sinks.Many<Change> changes = Sinks.many().multicast().directBestEffort();
    private volatile boolean isAway;

    /** Makes an empty store with the clock of this machine. */
    public InMemoryTokenStore() {
        this(InstantSource.system());
    }

    /**
     * Makes an empty store.
     *
     * @param clock tells when records expire; the store's own clock stands still while this one goes back
     */
    public InMemoryTokenStore(InstantSource clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    @Override
    public Mono<Reading> read(String key) {
        Objects.requireNonNull(key, "key");
        return whileThere(() -> {
            Instant now = now();
            Kept kept = inPlace(records.get(key), now);
            return kept == null ? new Reading(null, null, now) : new Reading(kept.tag, kept.value.clone(), now);
        });
    }

    @Override
    public Mono<Boolean> replace(String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(tag, "tag");
        Objects.requireNonNull(keep, "keep");
        byte[] copy = value.clone();
        return whileThere(() -> {
            Instant now = now();
            Kept next = new Kept(tag, copy, now.plus(keep));
            Kept after = records.compute(key, (same, kept) -> {
                Kept before = inPlace(kept, now);
                String tagBefore = before == null ? null : before.tag;
                return Objects.equals(tagBefore, expectedTag) && !tag.equals(tagBefore) ? next : before;
            });
            if (after == next) {
                changes.emitNext(
                        new Change(key, tag), (signal, result) -> result == Sinks.EmitResult.FAIL_NON_SERIALIZED);
            }
            return after != null && after.tag.equals(tag);
        });
    }

    /** {@return every change from now on, to all who subscribe} */
    @Override
    public Flux<Change> changes() {
        return changes.asFlux().publishOn(Schedulers.parallel());
    }

    /** Forgets all records, as a store does that is flushed or fails over to an empty replica. */
    public void clear() {
        records.clear();
    }

    /**
     * Answers each call with an error from now on, as a store that is out of reach.
     *
     * @see #answerAgain()
     */
    public void stopAnswering() {
        isAway = true;
    }

    /** Ends {@link #stopAnswering()}. The records are those from before. */
    public void answerAgain() {
        isAway = false;
    }

    private <T> Mono<T> whileThere(Supplier<T> call) {
        return Mono.fromSupplier(() -> {
            if (isAway) {
                throw new IllegalStateException("this store was told to stop answering; answerAgain() ends it");
            }
            return call.get();
        });
    }

    private Instant now() {
        return latest.accumulateAndGet(clock.instant(), (one, other) -> one.isAfter(other) ? one : other);
    }

    private static @Nullable Kept inPlace(@Nullable Kept kept, Instant now) {
        return kept != null && now.isBefore(kept.end) ? kept : null;
    }

    private static final class Kept {

        private final String tag;
        private final byte[] value;
        private final Instant end;

        private Kept(String tag, byte[] value, Instant end) {
            this.tag = tag;
            this.value = value;
            this.end = end;
        }
    }
}
