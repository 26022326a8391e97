package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A store on test time, as unkind as a test wants it. */
final class TestStore implements TokenStore {

    static final Instant START = Instant.parse("2031-05-05T05:05:05Z");

    private final TestTime time;
    private final Map<String, Entry> records = new HashMap<>();
    private final Sinks.Many<Change> changes = Sinks.many().multicast().directBestEffort();
    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger replaces = new AtomicInteger();
    volatile Duration latency = Duration.ZERO;
    volatile Duration clockAhead = Duration.ZERO;
    volatile boolean hinting = true;
    /** What becomes of an operation. */
    volatile Function<Operation, Fate> fate = operation -> Fate.KIND;

    @SuppressWarnings("ArrayRecordComponent") // nobody compares entries
    private record Entry(String tag, byte[] value, long until) {}

    /**
     * One call.
     *
     * @param kind what a write is for; null for a read
     */
    record Operation(String key, RecordTag.@Nullable Kind kind) {

        boolean isToken() {
            return key.startsWith("token:");
        }
    }

    enum Fate {
        KIND,
        /** Fails, and nothing is done. */
        REFUSED,
        /** Never answers, and nothing is done. */
        FROZEN,
        /** Is done, and fails. */
        ANSWER_LOST,
        /** Is done, and never answers. */
        ANSWER_HANGS
    }

    TestStore(TestTime time) {
        this.time = time;
    }

    Instant now() {
        return START.plus(time.elapsed()).plus(clockAhead);
    }

    @Override
    public Mono<Reading> read(String key) {
        return Mono.defer(() -> {
            reads.incrementAndGet();
            return done(new Operation(key, null), () -> {
                Entry found = entry(key);
                return found == null
                        ? new Reading(null, null, now())
                        : new Reading(found.tag, found.value.clone(), now());
            });
        });
    }

    @Override
    public Mono<Boolean> replace(String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
        return Mono.defer(() -> {
            replaces.incrementAndGet();
            RecordTag parsed = RecordTag.parse(tag);
            return done(
                    new Operation(key, parsed == null ? null : parsed.kind()),
                    () -> replaced(key, expectedTag, tag, value, keep));
        });
    }

    private synchronized boolean replaced(
            String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
        Entry found = entry(key);
        String current = found == null ? null : found.tag;
        if (tag.equals(current)) {
            return true;
        }
        if (expectedTag == null ? current != null : !expectedTag.equals(current)) {
            return false;
        }
        records.put(key, new Entry(tag, value.clone(), elapsed() + keep.toNanos()));
        if (hinting) {
            time.timer.schedule(
                    () -> changes.tryEmitNext(new Change(key, tag)), latency.toNanos(), TimeUnit.NANOSECONDS);
        }
        return true;
    }

    private synchronized @Nullable Entry entry(String key) {
        Entry found = records.get(key);
        return found == null || found.until - elapsed() <= 0 ? null : found;
    }

    private long elapsed() {
        return time.elapsed().toNanos();
    }

    private <T> Mono<T> done(Operation operation, java.util.function.Supplier<T> action) {
        Fate fallen = fate.apply(operation);
        Mono<T> failure = Mono.error(new IllegalStateException("the store is away"));
        Mono<T> result = switch (fallen) {
            case KIND -> Mono.fromSupplier(action);
            case REFUSED -> failure;
            case FROZEN -> Mono.never();
            case ANSWER_LOST -> Mono.fromSupplier(action).then(failure);
            case ANSWER_HANGS -> Mono.fromSupplier(action).then(Mono.never());
        };
        return latency.isZero()
                ? result
                : Mono.delay(latency.dividedBy(2), time.timer)
                        .then(result)
                        .delayElement(latency.dividedBy(2), time.timer);
    }

    @Override
    public Flux<Change> changes() {
        return changes.asFlux();
    }

    /** Hints at a change, true or not. */
    void hint(String key, String tag) {
        changes.tryEmitNext(new Change(key, tag));
    }

    synchronized String tag(String key) {
        return Objects.requireNonNull(entry(key)).tag;
    }

    int commands() {
        return reads.get() + replaces.get();
    }

    /** Forgets all, as a flush does. */
    synchronized void flush() {
        records.clear();
    }

    /** Forgets one record, as if it had been kept long enough. */
    synchronized void forget(String key) {
        records.remove(key);
    }

    /** {@return all records, for {@link #restore}} */
    synchronized Map<String, Object> snapshot() {
        return new HashMap<>(records);
    }

    /** Goes back to what it had then, as a replica does that missed the last writes. */
    synchronized void restore(Map<String, Object> snapshot) {
        records.clear();
        snapshot.forEach((key, entry) -> records.put(key, (Entry) entry));
    }

    /** {@return the values that lie in the store} */
    synchronized Map<String, byte[]> values() {
        Map<String, byte[]> values = new HashMap<>();
        records.forEach((key, entry) -> values.put(key, entry.value));
        return values;
    }

    /** Puts a value where it does not belong. */
    synchronized void plant(String key, byte[] value) {
        records.computeIfPresent(key, (k, entry) -> new Entry(entry.tag, value, entry.until));
    }
}
