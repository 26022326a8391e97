package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Where the instances of a service share one token: small records, each with a tag, changed by compare-and-set. Implement it
 * on anything that has an atomic compare-and-set; {@code monotoken-redis} is one, and {@code TokenStoreContract} of
 * {@code monotoken-testing} checks yours.
 *
 * <p>There is no lock beside it: who renews the token is a field of the record. What the store keeps is encrypted, so that
 * nobody who reads it learns anything.
 *
 * <p>Safe to share between threads and between sources; each uses keys of its own.
 *
 * @see TokenSource.Builder#tokenStore
 */
public interface TokenStore {

    /**
     * Reads a record.
     *
     * <p>Cold. Threads: subscribed on any thread, which must not be blocked; a source waits for
     * {@link StoreSettings#timeout()} and then cancels.
     *
     * @param key which record, visible ASCII characters; never empty
     * @return the record, or a reading without one; never empty; any error means that nothing is known
     */
    Mono<Reading> read(String key);

    /**
     * Puts a record in place of the one with the expected tag. Atomic: of several writers that expect the same tag one at most
     * succeeds.
     *
     * <p>A second call with a tag that is in place answers true and changes nothing, since the first one's answer may have been
     * lost. An error says nothing: the record may be in place now, later or never.
     *
     * <p>Cold. Threads: as {@link #read}.
     *
     * @param key which record
     * @param expectedTag the tag of the record that is replaced; null when there must be none
     * @param tag marks the new record; visible ASCII characters without spaces, never used before
     * @param value the new record
     * @param keep how long the store must keep the record at least; it may forget it soon afterwards
     * @return whether the new record is in place
     */
    Mono<Boolean> replace(String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep);

    /**
     * Hints at changes of records, so that siblings need not ask for them. A hint may be lost, late or doubled, and tell of
     * one's own changes.
     *
     * @return hot, shared by all who subscribe; ends with an error when the store is out of reach, and a source then subscribes
     *     again after a while
     */
    default Flux<Change> changes() {
        return Flux.never();
    }

    /**
     * What the store had at one moment.
     *
     * @param tag the record's tag; null when there is no record
     * @param value the record; null when there is none
     * @param now that moment by the store's own clock, which all instances share; it never goes back
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares readings
    record Reading(@Nullable String tag, byte @Nullable [] value, Instant now) {

        /** {@return the tag and the size} */
        @Override
        public String toString() {
            return "Reading[tag=" + tag + ", " + (value == null ? 0 : value.length) + " bytes, now=" + now + "]";
        }
    }

    /**
     * A record was replaced.
     *
     * @param key which record
     * @param tag the tag of the new record
     */
    record Change(String key, String tag) {}
}
