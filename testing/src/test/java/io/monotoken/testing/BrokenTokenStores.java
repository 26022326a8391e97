package io.monotoken.testing;

import io.monotoken.TokenStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Stores that break one rule each, under the kit. {@link TokenStoreContractTests} runs them and sees them fail. */
final class BrokenTokenStores {

    /** The configuration parameter with which they run; without it, as in an IDE, they are left out. */
    static final String PARAMETER = "broken-token-stores";

    private BrokenTokenStores() {}

    static final class OnlyToBeSeenFailing implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return context.getConfigurationParameter(PARAMETER).isPresent()
                    ? ConditionEvaluationResult.enabled("to be seen failing")
                    : ConditionEvaluationResult.disabled("fails, as TokenStoreContractTests see");
        }
    }

    /** The kit with a store for each test. */
    @ExtendWith(OnlyToBeSeenFailing.class)
    abstract static class Kit extends TokenStoreContract {

        private final Supplier<TokenStore> stores;

        Kit(Supplier<TokenStore> stores) {
            this.stores = stores;
        }

        @Override
        protected TokenStore store() {
            return stores.get();
        }
    }

    /** Not broken. */
    static class Whole extends Kit {

        Whole() {
            super(SketchedTokenStore::new);
        }

        @Override
        protected TokenStore storeOutOfReach() {
            InMemoryTokenStore away = new InMemoryTokenStore();
            away.stopAnswering();
            return away;
        }
    }

    /** Not broken either. */
    static class WithoutHints extends Kit {

        WithoutHints() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Flux<Change> changes() {
                    return Flux.never();
                }
            });
        }
    }

    /** Not broken either. */
    static class WithoutChanges extends Kit {

        WithoutChanges() {
            super(() -> {
                TokenStore store = new SketchedTokenStore();
                return new TokenStore() {

                    @Override
                    public Mono<Reading> read(String key) {
                        return store.read(key);
                    }

                    @Override
                    public Mono<Boolean> replace(
                            String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
                        return store.replace(key, expectedTag, tag, value, keep);
                    }
                };
            });
        }
    }

    /** Reads, and writes a little later. */
    static class NotAtomic extends Kit {

        NotAtomic() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Mono<Boolean> replace(
                        String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
                    Mono<Boolean> replaced = super.replace(key, expectedTag, tag, value, keep);
                    byte[] copy = value.clone();
                    return Mono.defer(() -> Objects.equals(look(key).tag(), expectedTag)
                            ? Mono.delay(Duration.ofMillis(1)).map(later -> {
                                put(key, tag, copy, end(null, keep));
                                return true;
                            })
                            : replaced);
                }
            });
        }
    }

    /** Reads, and then writes, with nothing in between. */
    static class HardlyAtomic extends Kit {

        HardlyAtomic() {
            super(() -> new SketchedTokenStore() {

                @Override
                @SuppressWarnings("UnsynchronizedOverridesSynchronized") // the fault
                <T> T atomically(Supplier<T> call) {
                    return call.get();
                }
            });
        }
    }

    /** The same where no record is expected only, as of an insert that overwrites. */
    static class NotAtomicAtFirst extends Kit {

        NotAtomicAtFirst() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Mono<Boolean> replace(
                        String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
                    Mono<Boolean> replaced = super.replace(key, expectedTag, tag, value, keep);
                    return expectedTag == null
                            ? Mono.defer(() -> look(key).tag() == null
                                    ? Mono.delay(Duration.ofMillis(1)).map(later -> {
                                        put(key, tag, value.clone(), end(null, keep));
                                        return true;
                                    })
                                    : replaced)
                            : replaced;
                }
            });
        }
    }

    static class TornReadings extends Kit {

        TornReadings() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Mono<Reading> read(String key) {
                    return super.read(key)
                            .delayElement(Duration.ofMillis(1))
                            .zipWhen(
                                    before -> super.read(key),
                                    (before, later) -> new Reading(
                                            before.tag(), before.tag() == null ? null : later.value(), later.now()));
                }
            });
        }
    }

    /** What one instance writes, another one sees one read later. */
    static class StaleReplica extends SiblingKit {

        StaleReplica() {
            super(primary -> new SketchedTokenStore() {

                private final Map<String, Reading> earlier = new ConcurrentHashMap<>();

                @Override
                public Mono<Reading> read(String key) {
                    return primary.read(key).map(now -> {
                        Reading stale = earlier.put(key, now);
                        return stale == null ? now : new Reading(stale.tag(), stale.value(), now.now());
                    });
                }

                @Override
                public Mono<Boolean> replace(
                        String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
                    return primary.replace(key, expectedTag, tag, value, keep);
                }

                @Override
                public Flux<Change> changes() {
                    return primary.changes();
                }
            });
        }
    }

    /** Rounds down to seconds. */
    static class ForgetsEarly extends Kit {

        ForgetsEarly() {
            super(() -> new SketchedTokenStore() {

                @Override
                Instant end(@Nullable Row before, Duration keep) {
                    return super.end(before, Duration.ofSeconds(keep.toSeconds()));
                }
            });
        }
    }

    /** Takes many seconds for a date, as Memcached does. */
    static class ForgetsWhatLivesLong extends Kit {

        ForgetsWhatLivesLong() {
            super(() -> new SketchedTokenStore() {

                @Override
                Instant end(@Nullable Row before, Duration keep) {
                    return keep.toDays() > 30 ? Instant.EPOCH.plus(keep) : super.end(before, keep);
                }
            });
        }
    }

    static class KeepsTheEndOfTheFirst extends Kit {

        KeepsTheEndOfTheFirst() {
            super(() -> new SketchedTokenStore() {

                @Override
                Instant end(@Nullable Row before, Duration keep) {
                    return before == null ? super.end(null, keep) : before.end;
                }
            });
        }
    }

    /** Hides from readers what has ended, and has it in place for writers. */
    static class HidesWhatIsThere extends Kit {

        HidesWhatIsThere() {
            super(() -> new SketchedTokenStore() {

                private final Map<String, Instant> ends = new ConcurrentHashMap<>();

                @Override
                Reading look(String key) {
                    Reading reading = super.look(key);
                    return Instant.now().isBefore(ends.getOrDefault(key, Instant.MAX))
                            ? reading
                            : new Reading(null, null, reading.now());
                }

                @Override
                void put(String key, String tag, byte[] value, Instant end) {
                    ends.put(key, end);
                    super.put(key, tag, value, Instant.MAX);
                }
            });
        }
    }

    static class JumpingClock extends Kit {

        JumpingClock() {
            super(() -> new SketchedTokenStore() {

                private final AtomicInteger reads = new AtomicInteger();

                @Override
                Instant now() {
                    return super.now().plusSeconds(reads.incrementAndGet() > 20 ? 30 : 0);
                }
            });
        }
    }

    /** Takes the time from two machines whose clocks differ. */
    static class TwoClocks extends Kit {

        TwoClocks() {
            super(() -> new SketchedTokenStore() {

                private final AtomicInteger reads = new AtomicInteger();

                @Override
                Instant now() {
                    return super.now().minusMillis(reads.incrementAndGet() % 2 == 0 ? 50 : 0);
                }
            });
        }
    }

    static class StandingClock extends Kit {

        StandingClock() {
            super(() -> new SketchedTokenStore() {

                private final Instant start = Instant.now();

                @Override
                Instant now() {
                    return start;
                }
            });
        }
    }

    static class NoTimeWithoutARecord extends Kit {

        NoTimeWithoutARecord() {
            super(() -> new SketchedTokenStore() {

                @Override
                @SuppressWarnings("NullAway") // the fault
                Reading look(String key) {
                    Reading reading = super.look(key);
                    return reading.tag() == null ? new Reading(null, null, null) : reading;
                }
            });
        }
    }

    static class FalseForATagInPlace extends Kit {

        FalseForATagInPlace() {
            super(() -> new SketchedTokenStore() {

                @Override
                boolean repeated(Row inPlace, byte[] value) {
                    return false;
                }
            });
        }
    }

    static class OverwritesOnRepetition extends Kit {

        OverwritesOnRepetition() {
            super(() -> new SketchedTokenStore() {

                @Override
                boolean repeated(Row inPlace, byte[] value) {
                    inPlace.value = value;
                    return true;
                }
            });
        }
    }

    static class TrueForAnOvertakenTag extends Kit {

        TrueForAnOvertakenTag() {
            super(() -> new SketchedTokenStore() {

                private final Set<String> everInPlace = ConcurrentHashMap.newKeySet();

                @Override
                void put(String key, String tag, byte[] value, Instant end) {
                    everInPlace.add(key + tag);
                    super.put(key, tag, value, end);
                }

                @Override
                boolean lost(String key, String tag) {
                    return everInPlace.contains(key + tag);
                }
            });
        }
    }

    static class NeverReplaces extends Kit {

        NeverReplaces() {
            super(() -> new SketchedTokenStore() {

                @Override
                boolean isExpected(@Nullable String tagInPlace, @Nullable String expectedTag) {
                    return tagInPlace == null && expectedTag == null;
                }
            });
        }
    }

    static class OverwritesWhereNothingIsExpected extends Kit {

        OverwritesWhereNothingIsExpected() {
            super(() -> new SketchedTokenStore() {

                @Override
                boolean isExpected(@Nullable String tagInPlace, @Nullable String expectedTag) {
                    return expectedTag == null || expectedTag.equals(tagInPlace);
                }
            });
        }
    }

    static class WritesWhereSomethingIsExpected extends Kit {

        WritesWhereSomethingIsExpected() {
            super(() -> new SketchedTokenStore() {

                @Override
                boolean isExpected(@Nullable String tagInPlace, @Nullable String expectedTag) {
                    return tagInPlace == null || tagInPlace.equals(expectedTag);
                }
            });
        }
    }

    static class LastWriterWins extends Kit {

        LastWriterWins() {
            super(() -> new SketchedTokenStore() {

                @Override
                boolean isExpected(@Nullable String tagInPlace, @Nullable String expectedTag) {
                    return (tagInPlace == null) == (expectedTag == null);
                }
            });
        }
    }

    static class TakesTagsForTheSame extends Kit {

        TakesTagsForTheSame() {
            super(() -> new SketchedTokenStore() {

                @Override
                boolean isExpected(@Nullable String tagInPlace, @Nullable String expectedTag) {
                    return tagInPlace == null ? expectedTag == null : tagInPlace.equalsIgnoreCase(expectedTag);
                }
            });
        }
    }

    static class MixesUpKeys extends Kit {

        MixesUpKeys() {
            super(() -> new SketchedTokenStore() {

                @Override
                String stored(String key) {
                    return key.toLowerCase(Locale.ROOT);
                }
            });
        }
    }

    static class EscapesTags extends Kit {

        EscapesTags() {
            super(() -> new SketchedTokenStore() {

                @Override
                void put(String key, String tag, byte[] value, Instant end) {
                    super.put(key, tag.replace("\"", "\\\""), value, end);
                }
            });
        }
    }

    static class EndsValuesAtAZero extends Kit {

        EndsValuesAtAZero() {
            super(() -> new SketchedTokenStore() {

                @Override
                byte[] copied(byte[] value) {
                    int end = 0;
                    while (end < value.length && value[end] != 0) {
                        end++;
                    }
                    return Arrays.copyOf(value, end);
                }
            });
        }
    }

    static class KeepsTheCallersArray extends Kit {

        KeepsTheCallersArray() {
            super(() -> new SketchedTokenStore() {

                @Override
                byte[] copied(byte[] value) {
                    return value;
                }
            });
        }
    }

    static class HandsOutItsArray extends Kit {

        HandsOutItsArray() {
            super(() -> new SketchedTokenStore() {

                @Override
                byte[] handedOut(byte[] value) {
                    return value;
                }
            });
        }
    }

    static class WritesEagerly extends Kit {

        WritesEagerly() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Mono<Boolean> replace(
                        String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
                    return Mono.just(atomically(() -> swap(key, expectedTag, tag, value.clone(), keep)));
                }
            });
        }
    }

    static class ReadsEagerly extends Kit {

        ReadsEagerly() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Mono<Reading> read(String key) {
                    return Mono.just(atomically(() -> look(key)));
                }
            });
        }
    }

    static class RemembersAnswers extends Kit {

        RemembersAnswers() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Mono<Boolean> replace(
                        String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
                    return super.replace(key, expectedTag, tag, value, keep).cache();
                }
            });
        }
    }

    static class EmptyForAMissingRecord extends Kit {

        EmptyForAMissingRecord() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Mono<Reading> read(String key) {
                    return super.read(key).filter(reading -> reading.tag() != null);
                }
            });
        }
    }

    static class ErrorForALostRace extends Kit {

        ErrorForALostRace() {
            super(() -> new SketchedTokenStore() {

                @Override
                boolean lost(String key, String tag) {
                    throw new IllegalStateException("conflict");
                }
            });
        }
    }

    static class KeepsPermitsOfCancelledCalls extends Kit {

        KeepsPermitsOfCancelledCalls() {
            super(() -> new SketchedTokenStore() {

                private final Semaphore permits = new Semaphore(100);

                @Override
                public Mono<Reading> read(String key) {
                    return limited(super.read(key));
                }

                @Override
                public Mono<Boolean> replace(
                        String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
                    return limited(super.replace(key, expectedTag, tag, value, keep));
                }

                private <T> Mono<T> limited(Mono<T> call) {
                    return Mono.defer(() -> permits.tryAcquire()
                            ? call.delayElement(Duration.ofMillis(1)).doOnTerminate(permits::release)
                            : Mono.error(new IllegalStateException("no connection is free")));
                }
            });
        }
    }

    static class Blocks extends Kit {

        Blocks() {
            super(() -> new SketchedTokenStore() {

                @Override
                Reading look(String key) {
                    return Objects.requireNonNull(Mono.delay(Duration.ofMillis(1))
                            .map(later -> super.look(key))
                            .block());
                }
            });
        }
    }

    /** The kit with a store that is never in reach, beside one without a fault. */
    abstract static class AwayKit extends Kit {

        private final Supplier<TokenStore> away;

        AwayKit(Supplier<TokenStore> away) {
            super(SketchedTokenStore::new);
            this.away = away;
        }

        @Override
        protected TokenStore storeOutOfReach() {
            return away.get();
        }
    }

    static class ThrowsWhenAway extends AwayKit {

        ThrowsWhenAway() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Mono<Reading> read(String key) {
                    throw new IllegalStateException("no connection");
                }
            });
        }
    }

    static class WaitsWhenAway extends AwayKit {

        WaitsWhenAway() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Mono<Reading> read(String key) {
                    return Mono.fromSupplier(() -> {
                        LockSupport.parkNanos(Duration.ofMillis(1200).toNanos());
                        throw new IllegalStateException("no connection");
                    });
                }
            });
        }
    }

    static class FalseWhenAway extends AwayKit {

        FalseWhenAway() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Mono<Reading> read(String key) {
                    return Mono.error(new IllegalStateException("no connection"));
                }

                @Override
                public Mono<Boolean> replace(
                        String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
                    return Mono.just(false);
                }
            });
        }
    }

    /** The kit with a store without a fault, which another instance sees through a broken one. */
    abstract static class SiblingKit extends Kit {

        private final TokenStore sibling;

        SiblingKit(UnaryOperator<TokenStore> sibling) {
            this(new SketchedTokenStore(), sibling);
        }

        private SiblingKit(TokenStore primary, UnaryOperator<TokenStore> sibling) {
            super(() -> primary);
            this.sibling = sibling.apply(primary);
        }

        @Override
        protected TokenStore storeOfSibling() {
            return sibling;
        }
    }

    static class HintsAtTheWrongTag extends Kit {

        HintsAtTheWrongTag() {
            super(() -> new SketchedTokenStore() {

                @Override
                void hint(String key, String tag) {
                    super.hint(key, key);
                }
            });
        }
    }

    static class HintsAtTheWrongKey extends Kit {

        HintsAtTheWrongKey() {
            super(() -> new SketchedTokenStore() {

                @Override
                void hint(String key, String tag) {
                    super.hint("prefix:" + key, tag);
                }
            });
        }
    }

    static class HintsAtLostRaces extends Kit {

        HintsAtLostRaces() {
            super(() -> new SketchedTokenStore() {

                @Override
                boolean lost(String key, String tag) {
                    hint(key, tag);
                    return false;
                }
            });
        }
    }

    static class HintsAtItsOwnChangesOnly extends SiblingKit {

        HintsAtItsOwnChangesOnly() {
            super(primary -> new SketchedTokenStore() {

                @Override
                public Mono<Reading> read(String key) {
                    return primary.read(key);
                }

                @Override
                public Mono<Boolean> replace(
                        String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
                    return primary.replace(key, expectedTag, tag, value, keep);
                }
            });
        }
    }

    static class HintsToOneSubscriber extends Kit {

        HintsToOneSubscriber() {
            super(() -> new SketchedTokenStore() {

                private final Sinks.Many<Change> one = Sinks.many().unicast().onBackpressureBuffer();

                @Override
                void hint(String key, String tag) {
                    one.tryEmitNext(new Change(key, tag));
                }

                @Override
                public Flux<Change> changes() {
                    return one.asFlux();
                }
            });
        }
    }

    static class HintsEnd extends Kit {

        HintsEnd() {
            super(() -> new SketchedTokenStore() {

                @Override
                public Flux<Change> changes() {
                    return Flux.empty();
                }
            });
        }
    }

    static class HintsEndWithTheFirstWhoLeaves extends Kit {

        HintsEndWithTheFirstWhoLeaves() {
            super(() -> new SketchedTokenStore() {

                private boolean hasLeft;

                @Override
                public Flux<Change> changes() {
                    return super.changes().filter(change -> !hasLeft).doOnCancel(() -> hasLeft = true);
                }
            });
        }
    }
}
