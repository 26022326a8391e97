package io.monotoken.testing;

import io.monotoken.TokenStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A store that keeps every rule, each in a method of its own, so that a test can break one of them. */
class SketchedTokenStore implements TokenStore {

    private final Map<String, Row> rows = new ConcurrentHashMap<>();
    private final Sinks.Many<Change> changes = Sinks.many().multicast().directBestEffort();

    @Override
    public Mono<Reading> read(String key) {
        return Mono.fromSupplier(() -> atomically(() -> look(key)));
    }

    @Override
    public Mono<Boolean> replace(String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
        byte[] copy = copied(value);
        return Mono.fromSupplier(() -> atomically(() -> swap(key, expectedTag, tag, copy, keep)));
    }

    @Override
    public Flux<Change> changes() {
        return changes.asFlux();
    }

    synchronized <T> T atomically(Supplier<T> call) {
        return call.get();
    }

    Reading look(String key) {
        Row row = row(key);
        return row == null ? new Reading(null, null, now()) : new Reading(row.tag, handedOut(row.value), now());
    }

    boolean swap(String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
        Row before = row(key);
        String tagBefore = before == null ? null : before.tag;
        if (before != null && tag.equals(tagBefore)) {
            return repeated(before, value);
        }
        if (!isExpected(tagBefore, expectedTag)) {
            return lost(key, tag);
        }
        put(key, tag, value, end(before, keep));
        return true;
    }

    void put(String key, String tag, byte[] value, Instant end) {
        rows.put(stored(key), new Row(tag, value, end));
        hint(key, tag);
    }

    final @Nullable Row row(String key) {
        Row row = rows.get(stored(key));
        return row == null || !Instant.now().isBefore(row.end) ? null : row;
    }

    String stored(String key) {
        return key;
    }

    Instant now() {
        return Instant.now();
    }

    Instant end(@Nullable Row before, Duration keep) {
        return Instant.now().plus(keep);
    }

    byte[] copied(byte[] value) {
        return value.clone();
    }

    byte[] handedOut(byte[] value) {
        return value.clone();
    }

    boolean isExpected(@Nullable String tagInPlace, @Nullable String expectedTag) {
        return Objects.equals(tagInPlace, expectedTag);
    }

    boolean repeated(Row inPlace, byte[] value) {
        return true;
    }

    boolean lost(String key, String tag) {
        return false;
    }

    void hint(String key, String tag) {
        changes.tryEmitNext(new Change(key, tag));
    }

    static final class Row {

        final String tag;
        byte[] value;
        final Instant end;

        Row(String tag, byte[] value, Instant end) {
            this.tag = tag;
            this.value = value;
            this.end = end;
        }
    }
}
