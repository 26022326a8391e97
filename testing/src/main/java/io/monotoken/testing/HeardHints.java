package io.monotoken.testing;

import io.monotoken.TokenStore.Change;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** What one subscriber of a store's hints hears. */
final class HeardHints {

    private final List<Change> changes = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable String> end = new AtomicReference<>();
    private final Disposable subscription;

    HeardHints(Flux<Change> hints) {
        subscription = hints.subscribe(
                changes::add, error -> end.set("with the error " + error), () -> end.set("without an error"));
    }

    boolean hasHeardOf(String key, Set<String> tags) {
        return changes.stream().anyMatch(change -> change.key().equals(key) && tags.contains(change.tag()));
    }

    List<Change> changes() {
        return changes;
    }

    /** {@return how the hints ended; null while they go on} */
    @Nullable
    String end() {
        return end.get();
    }

    void leave() {
        subscription.dispose();
    }
}
