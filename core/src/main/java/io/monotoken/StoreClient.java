package io.monotoken;

import io.monotoken.StoreCipher.UnreadableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A store as a source uses it: encrypted, within the store's time, each failure as {@link StoreAway}. */
final class StoreClient {

    private static final String READ = "read";
    private static final String REPLACE = "replace";
    private static final int LONGEST_MESSAGE = 200;

    /** A process that has just started loads classes and connects first, and would log in for itself meanwhile. */
    private static final Duration LONGEST_FIRST = Duration.ofSeconds(5);

    private final TokenStore store;
    private final StoreSettings settings;
    private final StoreCipher cipher;
    private final SourceClock clock;
    private final @Nullable Listeners listeners;
    private final Duration firstTimeout;
    private volatile boolean hasAnswered;

    /**
     * @param flight how long a flight may take
     */
    StoreClient(
            TokenStore store,
            StoreSettings settings,
            Duration flight,
            SourceClock clock,
            @Nullable Listeners listeners) {
        this.store = store;
        this.settings = settings;
        this.cipher = new StoreCipher(settings.keys());
        this.clock = clock;
        this.listeners = listeners;
        Duration first = flight.dividedBy(2).compareTo(LONGEST_FIRST) < 0 ? flight.dividedBy(2) : LONGEST_FIRST;
        this.firstTimeout = first.compareTo(settings.timeout()) < 0 ? settings.timeout() : first;
    }

    /** The store gave no usable answer: nothing is known. */
    static final class StoreAway extends RuntimeException {

        StoreAway(String message, @Nullable Throwable cause) {
            super(message, cause, false, false);
        }
    }

    /**
     * A record as it was read.
     *
     * @param tag null when there was none
     * @param json null when there was none
     * @param storeNow when it was read, in nanoseconds since 1970 by the store's clock
     * @param sentAt when it was asked for, by the clock of the source
     * @param receivedAt when it came, by the clock of the source
     */
    record Read(@Nullable RecordTag tag, @Nullable String json, long storeNow, long sentAt, long receivedAt) {

        /** {@return an instant of the store's clock by the clock of the source, rather too early than too late} */
        long local(long storeInstant) {
            return sentAt + (storeInstant - storeNow);
        }

        /** {@return an instant of the source's clock by the clock of the store, rather too early than too late} */
        long stored(long localInstant) {
            return storeNow + (localInstant - receivedAt);
        }
    }

    StoreCipher cipher() {
        return cipher;
    }

    Mono<Read> read(String key) {
        return Mono.defer(() -> {
            Asked asked = new Asked(READ);
            return asked.within(Caught.signals(() -> store.read(key))
                    .switchIfEmpty(Mono.error(() -> new StoreAway("its store answered nothing", null)))
                    .map(reading -> decrypted(key, reading, asked.at)));
        });
    }

    private Read decrypted(String key, TokenStore.Reading reading, long sentAt) {
        long storeNow = nanos(reading.now());
        long now = clock.now();
        byte[] value = reading.value();
        String tag = reading.tag();
        if (tag == null || value == null) {
            return new Read(null, null, storeNow, sentAt, now);
        }
        try {
            RecordTag parsed = RecordTag.parse(tag);
            if (parsed == null) {
                throw new UnreadableException("its tag is none of Monotoken's");
            }
            String json = new String(cipher.decrypt(key, tag, value), StandardCharsets.UTF_8);
            return new Read(parsed, json, storeNow, sentAt, now);
        } catch (UnreadableException e) {
            throw unreadable(key, e);
        }
    }

    static StoreAway unreadable(String key, UnreadableException e) {
        return new StoreAway(
                "its record " + key + " in the store is unreadable: " + e.getMessage()
                        + "; delete it when no instance can read it",
                null);
    }

    /** {@return whether the record is in place; an error says nothing of that} */
    Mono<Boolean> replace(String key, @Nullable RecordTag expected, RecordTag tag, String json, Duration keep) {
        return Mono.defer(() -> {
            String text = tag.sealed(cipher, key).toString();
            String before =
                    expected == null ? null : expected.sealed(cipher, key).toString();
            byte[] value = cipher.encrypt(key, text, json.getBytes(StandardCharsets.UTF_8));
            return new Asked(REPLACE)
                    .within(Caught.signals(() -> store.replace(key, before, text, value, keep))
                            .switchIfEmpty(Mono.error(() -> new StoreAway("its store answered nothing", null))));
        });
    }

    static long nanos(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }

    /** One operation, as listeners are notified of it. */
    private final class Asked {

        private final String operation;
        private final long at = clock.now();
        private final AtomicBoolean ended = new AtomicBoolean();

        Asked(String operation) {
            this.operation = operation;
        }

        <T> Mono<T> within(Mono<T> answer) {
            Duration patience = hasAnswered ? settings.timeout() : firstTimeout;
            return answer.timeout(patience, clock.timer())
                    .doOnNext(value -> hasAnswered = true)
                    .onErrorMap(error -> error instanceof StoreAway ? error : away(error, patience))
                    .doOnSuccess(value -> ended(null))
                    .doOnError(this::ended);
        }

        private StoreAway away(Throwable error, Duration patience) {
            if (error instanceof TimeoutException) {
                return new StoreAway("its store did not answer within " + patience.toMillis() + " ms", error);
            }
            String message =
                    error.getMessage() == null ? "" : ": " + error.getMessage().replaceAll("\\p{Cntrl}", " ");
            return new StoreAway(
                    "its store failed with " + error.getClass().getName()
                            + message.substring(0, Math.min(LONGEST_MESSAGE, message.length())),
                    error);
        }

        private void ended(@Nullable Throwable failure) {
            if (listeners != null && ended.compareAndSet(false, true)) {
                Duration took = Duration.ofNanos(clock.now() - at);
                listeners.tell(listener -> listener.storeAnswered(operation, failure, took));
            }
        }
    }
}
