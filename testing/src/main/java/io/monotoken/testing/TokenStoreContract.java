package io.monotoken.testing;

import static io.monotoken.testing.BoundedCalls.answer;
import static io.monotoken.testing.BoundedCalls.poll;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.monotoken.TokenStore;
import io.monotoken.TokenStore.Change;
import io.monotoken.TokenStore.Reading;
import io.monotoken.testing.BoundedCalls.RaceStep;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;
import reactor.core.scheduler.Schedulers;

/**
 * What a {@link TokenStore} must do, as tests. Whoever writes a store extends this class with one method, and a test that
 * fails says what is wrong, what comes of it in a fleet, and what to do:
 *
 * <pre>{@code
 * class MyTokenStoreTests extends TokenStoreContract {
 *
 *     @Override
 *     protected TokenStore store() {
 *         return new MyTokenStore(connection);
 *     }
 * }
 * }</pre>
 *
 * <p>The tests take about ten seconds, most of which goes into waiting for the end of records. They use keys that nobody else
 * has, so the store need not be empty and they may run at the same time; what they leave may go after a minute, one record
 * after 400 days. A store that blocks the subscribing thread in other ways than Reactor's {@code block()} is found where
 * BlockHound is on the test class path.
 *
 * <p>Needs JUnit Jupiter, which {@code monotoken-testing} does not bring.
 */
@Timeout(60)
public abstract class TokenStoreContract {

    private static final int WRITERS = 64;
    private static final int LARGE = 64 * 1024;
    private static final Duration KEEP = Duration.ofMinutes(1);
    private static final Duration SHORT_KEEP = Duration.ofMillis(1500);
    private static final Duration HINT_WITHIN = Duration.ofSeconds(5);
    private static final byte[] VALUE = bytes("a value");
    private static final byte[] OTHER = bytes("another value");
    private static final String ALL_VISIBLE =
            IntStream.rangeClosed('!', '~').mapToObj(Character::toString).collect(Collectors.joining());

    private @Nullable TokenStore tested;

    /** For a subclass. */
    protected TokenStoreContract() {}

    /**
     * Returns the store under test. Called once for each test, on its thread, after each {@code @BeforeEach} of the subclass;
     * what it opens is closed by an {@code @AfterEach} of the subclass.
     *
     * @return a store that is in reach
     */
    protected abstract TokenStore store();

    /**
     * Returns the store as another instance of the service sees it: a second object with connections of its own, on the same
     * records. Override it to find what one instance keeps to itself, such as a cache, its own clock or its own hints.
     *
     * @return the object under test unless overridden; asked several times in each test, from any thread
     */
    protected TokenStore storeOfSibling() {
        return tested();
    }

    /**
     * Returns a store that is out of reach, such as one that connects to a port on which nothing listens. Override it to have
     * errors checked.
     *
     * @return null unless overridden, which skips {@code signalsErrors}
     */
    protected @Nullable TokenStore storeOutOfReach() {
        return null;
    }

    @BeforeEach
    void forgetTheStoreOfTheTestBefore() {
        tested = null;
    }

    private TokenStore tested() {
        TokenStore store = tested;
        if (store == null) { // not in @BeforeEach, which would come before those of the subclass
            store = store();
            tested = store;
        }
        return store;
    }

    @Test
    void readsNothingWhereNothingWasWritten() {
        Reading nothing = read(key("nothing"));

        assertNothing(nothing, """
                There is a record under a key that was never written.
                In a fleet: an instance that starts first finds no place for its token.
                What to do: return new Reading(null, null, now) where there is no record.
                """);
    }

    @Test
    void readsWhatWasWritten() {
        byte[] all = new byte[256];
        IntStream.range(0, all.length).forEach(i -> all[i] = (byte) i);
        byte[] large = new byte[LARGE];
        new Random(1).nextBytes(large);

        for (byte[] value : List.of(new byte[] {0}, new byte[] {0, 0, 0}, bytes(" "), all, large)) {
            String key = key("bytes");
            String tag = tag();
            write(key, null, tag, value);

            assertRecord(read(key), tag, value, """
                    A record of %s bytes is not read as it was written.
                    In a fleet: an encrypted record that changed by a byte cannot be decrypted. Each instance warns of a \
                    tampered record and logs in for itself.
                    What to do: keep the value as bytes and not as text, in a field that has room for %s of them.
                    """.formatted(value.length, LARGE));
        }
    }

    @Test
    void keepsKeysAndTagsAsTheyAre() {
        String key = key(ALL_VISIBLE);
        String first = tag() + ALL_VISIBLE;
        String second = tag() + ALL_VISIBLE;
        String fault = """
                A key or a tag with all visible ASCII characters is not found as it was written.
                In a fleet: the prefix of the keys is the operator's, and an instance knows its record by the tag: one that \
                comes back changed seems to be a sibling's.
                What to do: pass keys and tags as parameters, escape nothing, have room for %s characters.
                """.formatted(Math.max(key.length(), first.length()));

        assertTrue(replace(key, null, first, VALUE), fault);
        assertRecord(read(key), first, VALUE, fault);
        assertTrue(replace(key, first, second, OTHER), fault);
        assertRecord(read(key), second, OTHER, fault);
    }

    @Test
    void readsTheLastOfManyWrites() {
        String key = key("many-writes");
        String tag = null;
        for (int i = 0; i < 50; i++) {
            String next = tag();
            write(key, tag, next, bytes(next));

            assertRecord(read(storeOfSibling(), key), next, bytes(next), """
                    A read does not show what was put in place before it.
                    In a fleet: an instance hands out a token that a sibling gave up. A record that is older than the last one \
                    counts as a store that forgot, which costs a login.
                    What to do: read from the primary, with strong consistency and without a cache.
                    """);
            tag = next;
        }
    }

    @Test
    void replacesTheRecordWithTheExpectedTag() {
        String key = key("replace");
        String first = tag();
        String second = tag();
        write(key, null, first, VALUE);

        assertTrue(replace(key, first, second, OTHER), """
                replace(...) with the tag that is in place answers false.
                In a fleet: nobody can take the lead, so each instance logs in for itself.
                What to do: answer true when the new record is in place.
                """);
        assertRecord(read(key), second, OTHER, """
                replace(...) answers true, but the new tag and value are not in place.
                In a fleet: the siblings never see the token, and who wrote it seems to be overtaken.
                What to do: answer true only after tag and value are written.
                """);
    }

    @Test
    void expectsNothingWhereTheExpectedTagIsNull() {
        String key = key("null");
        String tag = tag();
        write(key, null, tag, VALUE);

        assertRefused(replace(key, null, tag(), OTHER), key, tag, VALUE, """
                replace(...) with the expected tag null took the place of a record.
                In a fleet: of two instances that start at once both lead. That is two logins, and the later one wipes out \
                the tokens of the other.
                What to do: insert only where there is no record (INSERT without an update, SET NX, attribute_not_exists).
                """);
    }

    @Test
    void refusesAnExpectedTagWhereNothingIs() {
        String key = key("gone");
        String fault = """
                replace(...) with an expected tag wrote a record where there was none.
                In a fleet: after a flush an instance that was cut off puts a record of before back, with a refresh token \
                that may be spent.
                What to do: an expected tag that is not in place, for whatever reason, is false and writes nothing.
                """;

        assertFalse(replace(key, tag(), tag(), VALUE), fault);
        assertNothing(read(key), fault);
    }

    @Test
    void refusesAnotherTagThanTheOneInPlace() {
        String key = key("refuse");
        String tag = tag();
        write(key, null, tag, VALUE);

        assertRefused(replace(key, tag(), tag(), OTHER), key, tag, VALUE, """
                replace(...) took the place of a record that has another tag than the expected one.
                In a fleet: an instance whose lease has run out overwrites the token of the one that leads now, and a refresh \
                token is presented twice.
                What to do: compare the tag in place with the expected one in the same atomic step that writes.
                """);
    }

    @Test
    void tellsTagsApartThatDifferInCase() {
        String key = key("case");
        String tag = tag() + "a";
        write(key, null, tag, VALUE);

        assertRefused(replace(key, tag.toUpperCase(Locale.ROOT), tag(), OTHER), key, tag, VALUE, """
                replace(...) takes a tag in upper case for the same in lower case.
                In a fleet: tags are random text, so two that differ in case mark two records.
                What to do: compare tags byte by byte; in SQL this takes a binary collation.
                """);
    }

    @Test
    void answersTrueForATagThatIsInPlace() {
        String key = key("repeat");
        String first = tag();
        String second = tag();
        String fault = """
                A second replace(...) with a tag that is in place answers false.
                In a fleet: an instance whose first answer was lost believes that it lost the lead, while the record says \
                that it has it. All wait until the lease has run out, and a token that was got is dropped.
                What to do: answer true when the new tag is in place already, before the expected one is compared.
                """;

        write(key, null, first, VALUE);
        assertTrue(replace(key, null, first, VALUE), fault);

        write(key, first, second, OTHER);
        assertTrue(replace(key, first, second, OTHER), fault);
    }

    @Test
    void changesNothingForATagThatIsInPlace() {
        String key = key("repeat");
        String tag = tag();
        write(key, null, tag, VALUE);

        replace(tested(), key, null, tag, OTHER, Duration.ofMillis(1));

        poll(Duration.ofMillis(100), () -> {
            assertRecord(read(key), tag, VALUE, """
                    A second replace(...) with a tag that is in place changed the record's value or end.
                    In a fleet: who knows the tag of a record need not read it again. A call that is repeated because its \
                    answer was lost would change it unseen.
                    What to do: where the new tag is in place already, answer true and write neither value nor end.
                    """);
            return false;
        });
    }

    @Test
    void answersFalseForATagThatWasOvertaken() {
        String key = key("overtaken");
        String first = tag();
        String second = tag();
        write(key, null, first, VALUE);
        write(key, first, second, VALUE);

        assertRefused(replace(key, null, first, OTHER), key, second, VALUE, """
                A second replace(...) with a tag that was in place and is no longer answers true, or put it back.
                In a fleet: an instance that was overtaken believes that it leads, and presents a refresh token that a \
                sibling has presented.
                What to do: look at the tag that is in place now, and remember no earlier ones.
                """);
    }

    @Test
    void keepsACopyOfTheValue() {
        String key = key("copy");
        String tag = tag();
        byte[] value = VALUE.clone();
        write(key, null, tag, value);

        value[0]++;

        assertRecord(read(key), tag, VALUE, """
                The record changed with the array that was passed to replace(...).
                In a fleet: a source may clear its array after the call, and nobody can decrypt the record.
                What to do: copy the value in replace(...).
                """);
    }

    @Test
    void handsOutACopyOfTheValue() {
        String key = key("copy");
        String tag = tag();
        write(key, null, tag, VALUE);

        Objects.requireNonNull(read(key).value())[0]++;

        assertRecord(read(key), tag, VALUE, """
                The record changed with the array that read(...) returned.
                In a fleet: a source may clear what it has read, and nobody can decrypt the record.
                What to do: return a copy of the value from each read(...).
                """);
    }

    @Test
    void keepsRecordsOfDifferentKeysApart() {
        String key = key("apart");
        List<String> keys = Stream.concat(
                        Stream.of("", "A", "a", ":a", "*", "%", "_", "?", "\\", "{a}", "{b}"),
                        IntStream.range(0, 100).mapToObj(Integer::toString))
                .map(suffix -> key + suffix)
                .toList();
        String first = tag();
        String second = tag();
        String fault = """
                A record under one key changed, or hid, a record under another.
                In a fleet: two clients share a record, and each drops the tokens of the other.
                What to do: find a record by the whole key as it is, upper and lower case and all.
                """;

        keys.forEach(each -> assertTrue(replace(each, null, first, bytes(each)), fault));
        keys.forEach(each -> assertRecord(read(each), first, bytes(each), fault));
        assertTrue(replace(key, first, second, VALUE), fault);
        keys.stream().skip(1).forEach(each -> assertRecord(read(each), first, bytes(each), fault));
    }

    @Test
    void letsOneOfManyWritersWin() {
        String key = key("race");
        String start = tag();
        write(key, null, start, VALUE);
        Map<String, String> winners = new ConcurrentHashMap<>();

        race((writer, round) -> {
            String before = Objects.requireNonNullElse(read(key).tag(), start);
            String next = start + "-" + writer + "-" + round;
            if (replace(storeOf(writer), key, before, next, bytes(next))) {
                assertNull(winners.putIfAbsent(before, next), """
                        Of several writers at once that expect the same tag, two were told that they won.
                        In a fleet: each winner leads, so there are two logins at once, and a refresh token that is presented \
                        twice ends the session with some providers.
                        What to do: compare and write in one atomic step of the store (a script, UPDATE ... WHERE tag = ?, a \
                        conditional write), and not by a read and a write.
                        """);
            }
        });

        assertFalse(winners.isEmpty(), """
                Of several writers at once none wins.
                In a fleet: nobody leads when many instances start or renew at once.
                What to do: where writers collide, let the first one win, or repeat the step inside of the store.
                """);
        String last = start;
        while (winners.containsKey(last)) {
            last = winners.get(last);
        }
        assertRecord(read(key), last, bytes(last), """
                After a race the record in place is not that of the last writer that was told that it won.
                In a fleet: the winner leads, but the record says that another one does.
                What to do: answer true to the writer whose tag and value are in place, and write both in one step.
                """);
    }

    @Test
    void letsOneOfManyFirstWritersWin() {
        String key = key("first-race");
        Map<Integer, String> winners = new ConcurrentHashMap<>();
        Set<Integer> rounds = ConcurrentHashMap.newKeySet();

        race((writer, round) -> {
            rounds.add(round);
            String tag = key + "-" + writer;
            if (replace(storeOf(writer), key + round, null, tag, bytes(tag))) {
                assertNull(winners.putIfAbsent(round, tag), """
                        Of several writers at once that expect no record, two were told that they won.
                        In a fleet: instances that start at once all log in.
                        What to do: insert only where there is no record, in one atomic step of the store (a primary key and \
                        INSERT, SET NX, attribute_not_exists), and not by a read and a write.
                        """);
            }
        });

        for (int round : rounds) {
            String winner = winners.get(round);
            assertNotNull(winner, """
                    Of several writers at once that expect no record none wins.
                    In a fleet: instances that start at once wait for each other, and then each logs in for itself.
                    What to do: where writers collide, let the first one win, or repeat the step inside of the store.
                    """);
            assertRecord(read(key + round), winner, bytes(winner), """
                    After a race the record in place is not that of the writer that was told that it won.
                    In a fleet: the winner leads, but the record says that another one does.
                    What to do: answer true to the writer whose tag and value are in place, and write both in one step.
                    """);
        }
    }

    @Test
    void answersTrueToAllWhoRepeatATagAtOnce() {
        String key = key("repeat-at-once");
        String tag = tag();
        String fault = """
                Of several calls at once with the same tag, one was told that the tag is not in place.
                In a fleet: a call and its repetition may meet in the store, and the later answer counts.
                What to do: where a writer loses, look at the tag in place, and answer true if it is the new one.
                """;

        race((writer, round) ->
                assertTrue(replace(storeOf(writer), key + round, null, tag, bytes("of " + writer)), fault));

        assertEquals(tag, read(key + 0).tag(), fault);
    }

    /** First {@value #WRITERS} writers, which meet in a store that takes its time, then two in step, which meet in a quick one. */
    private void race(RaceStep step) {
        tested(); // on this thread
        BoundedCalls.race(WRITERS, 20, step);
        BoundedCalls.raceInStep(3000, (writer, round) -> step.run(writer, 20 + round));
    }

    private TokenStore storeOf(int caller) {
        return caller % 2 == 0 ? tested() : storeOfSibling();
    }

    private <T> void atOnce(int callers, IntFunction<T> call) {
        tested(); // on this thread
        BoundedCalls.atOnce(callers, call);
    }

    @Test
    void neverMixesTwoRecordsInOneReading() {
        String key = key("mix");
        String first = tag();
        write(key, null, first, bytes(first));
        AtomicInteger reading = new AtomicInteger(3);

        atOnce(1 + reading.get(), caller -> {
            if (caller == 0) {
                String tag = first;
                while (reading.get() > 0) {
                    String next = tag();
                    write(key, tag, next, bytes(next));
                    tag = next;
                }
                return true;
            }
            try {
                for (int i = 0; i < 100; i++) {
                    Reading one = read(storeOf(caller), key);
                    String tagged = Objects.requireNonNullElse(one.tag(), "none");
                    assertRecord(one, tagged, bytes(tagged), """
                            A reading has the tag of one record and the value of another.
                            In a fleet: a record is bound to its tag, so the reader warns of a tampered one.
                            What to do: read tag and value in one step, and write them in one step.
                            """);
                }
            } finally {
                reading.decrementAndGet();
            }
            return true;
        });
    }

    @Test
    void keepsARecordAsLongAsItWasAskedTo() {
        String key = key("keep");
        String tag = tag();
        Instant before = read(key).now();
        replace(tested(), key, null, tag, VALUE, SHORT_KEEP);

        assertKept(key, tag, before.plus(SHORT_KEEP), """
                A record that is to be kept for %s was gone earlier.
                In a fleet: the lease of the one that leads is gone, so a sibling leads as well. Good tokens are gone, so \
                there is one more login. A refused password is forgotten, and sent once more.
                What to do: keep records for at least the time asked for; round up where the store counts in seconds.
                """.formatted(SHORT_KEEP));
    }

    @Test
    void keepsAReplacementByItsOwnTime() {
        String key = key("keep");
        String first = tag();
        String second = tag();
        Instant before = read(key).now();
        replace(tested(), key, null, first, VALUE, SHORT_KEEP);
        write(key, first, second, VALUE);

        assertKept(key, second, before.plus(SHORT_KEEP).plusMillis(500), """
                A record went at the end of the one that it replaced.
                In a fleet: a record with a token takes the place of one with a lease, and goes when the lease would have.
                What to do: set the end of the record with each replace(...).
                """);
    }

    private void assertKept(String key, String tag, Instant end, String fault) {
        Instant rounded = end.minusMillis(20);
        poll(SHORT_KEEP.plusSeconds(1), () -> {
            Reading reading = read(key);
            if (!reading.now().isBefore(rounded)) {
                return true;
            }
            assertRecord(reading, tag, VALUE, fault);
            return false;
        });
    }

    @Test
    void keepsARecordForMonths() {
        String key = key("months");
        String tag = tag();

        replace(tested(), key, null, tag, VALUE, Duration.ofDays(400));

        assertRecord(read(key), tag, VALUE, """
                A record that is to be kept for 400 days is gone at once.
                In a fleet: where tokens live long, each start is a login.
                What to do: see what the store makes of long times. Some overflow, some take many seconds for a date.
                """);
    }

    @Test
    void replacesWhatItShowsAfterARecordsEnd() {
        String key = key("end");
        replace(tested(), key, null, tag(), VALUE, SHORT_KEEP);
        poll(SHORT_KEEP.plusSeconds(1), () -> read(key).tag() == null);

        assertTrue(isReplacedSoon(key), """
                After a record's end replace(...) refuses the tag that read(...) shows, or null where it shows nothing.
                In a fleet: nobody can lead until the store has removed the record, so each instance logs in for itself.
                What to do: let read(...) and replace(...) go by the same end; either both see the record or none does.
                """);
    }

    /** A record may still end, or a late writer win, between the read and the write. */
    private boolean isReplacedSoon(String key) {
        return IntStream.range(0, 5).anyMatch(i -> replace(key, read(key).tag(), tag(), VALUE));
    }

    @Test
    void clockNeverGoesBack() {
        String with = key("clock");
        String without = key("no-clock");
        AtomicReference<@Nullable String> tag = new AtomicReference<>();
        AtomicReference<Instant> latest = new AtomicReference<>(Instant.MIN);

        atOnce(4, caller -> {
            for (int i = 0; i < 100; i++) {
                if (caller == 0 && i % 10 == 0) {
                    String next = tag();
                    write(with, tag.getAndSet(next), next, VALUE);
                }
                Instant earlier = latest.get();
                Instant now = read(storeOf(caller), i % 2 == 0 ? with : without).now();
                latest.accumulateAndGet(now, (one, other) -> one.isAfter(other) ? one : other);
                assertFalse(now.isBefore(earlier), () -> """
                        The store's clock went back from %s to %s.
                        In a fleet: a lease that has run out counts again, and two instances lead.
                        What to do: read the time where the record is, in the same step, and not from several machines, from \
                        the reader's, or from when the record was written.
                        """.formatted(earlier, now));
            }
            return true;
        });
    }

    @Test
    void clockGoesOnAsTimeDoes() {
        Duration tolerance = Duration.ofSeconds(1);
        List<String> keys = List.of(key("clock"), key("no-clock"));
        write(keys.get(0), null, tag(), VALUE);
        long before = System.nanoTime();
        Instant start = read(keys.get(0)).now();
        long after = System.nanoTime();
        int[] reads = new int[1];

        poll(Duration.ofSeconds(2), () -> {
            Duration least = Duration.ofNanos(System.nanoTime() - after);
            Instant now = read(keys.get(reads[0]++ % 2)).now();
            Duration most = Duration.ofNanos(System.nanoTime() - before);
            Duration byStore = Duration.between(start, now);
            assertTrue(
                    byStore.compareTo(least.minus(tolerance)) >= 0 && byStore.compareTo(most.plus(tolerance)) <= 0,
                    () -> """
                    The store's clock went from %s to %s while %s passed.
                    In a fleet: leases and pauses end by this clock. If it jumps, a lease ends while its holder still sends; if \
                    it stands still, the lease of an instance that died never ends.
                    What to do: return the store's present time with each reading, with a record and without.
                    """.formatted(start, now, least));
            return false;
        });
    }

    @Test
    void doesNothingBeforeItIsSubscribedTo() {
        String key = key("cold");
        String tag = tag();
        Mono<Reading> read = tested().read(key);
        Mono<Boolean> replace = tested().replace(key, null, tag(), OTHER, KEEP);

        poll(Duration.ofMillis(100), () -> {
            assertNothing(read(key), """
                    replace(...) wrote before it was subscribed to.
                    In a fleet: a record changes without anybody who knows it, and others lose by it.
                    What to do: do everything inside of Mono.defer, Mono.fromSupplier or the like.
                    """);
            return false;
        });
        write(key, null, tag, VALUE);

        assertRecord(answer("read(...)", () -> read), tag, VALUE, """
                read(...) read before it was subscribed to.
                In a fleet: an instance decides by what the store had earlier, and loses.
                What to do: do everything inside of Mono.defer, Mono.fromSupplier or the like.
                """);
        assertRefused(answer("replace(...)", () -> replace), key, tag, VALUE, """
                replace(...) compared the tag before it was subscribed to.
                In a fleet: two instances lead at once.
                What to do: do everything inside of Mono.defer, Mono.fromSupplier or the like.
                """);
    }

    @Test
    void asksAnewForEachSubscription() {
        String key = key("anew");
        String first = tag();
        String second = tag();
        Mono<Reading> read = tested().read(key);
        Mono<Boolean> replace = tested().replace(key, null, first, VALUE, KEEP);
        String matters = """
                In a fleet: a source repeats a call by subscribing once more, and gets what the store had earlier.
                What to do: no cache(), and no CompletableFuture from before the subscription.
                """;

        answer("read(...)", () -> read);
        answer("replace(...)", () -> replace);
        assertRecord(
                answer("read(...)", () -> read),
                first,
                VALUE,
                "read(...) gave a second subscriber the answer of the first.\n" + matters);

        write(key, first, second, OTHER);
        assertRefused(
                answer("replace(...)", () -> replace),
                key,
                second,
                OTHER,
                "replace(...) gave a second subscriber the answer of the first.\n" + matters);
    }

    @Test
    void goesOnAfterCallsThatWereCancelled() {
        String key = key("cancel");
        String tag = tag();
        write(key, null, tag, bytes(tag));
        Set<String> possible = ConcurrentHashMap.newKeySet();
        possible.add(tag);
        String matters = """
                In a fleet: a source cancels calls that take too long. Once the store is fast again, all must be as before.
                What to do: give connections and permits back on cancel, too. A cancelled replace(...) may happen or not.
                """;

        for (int i = 0; i < 200; i++) {
            String next = tag();
            possible.add(next);
            cancel(tested().read(key));
            cancel(tested().replace(key, tag, next, bytes(next), KEEP));
        }

        Reading reading = answer("After calls that were cancelled, read(...)", matters, () -> tested().read(key));
        String inPlace = Objects.requireNonNullElse(reading.tag(), "none");
        assertTrue(possible.contains(inPlace), "Cancelled calls left the tag " + inPlace + ".\n" + matters);
        assertArrayEquals(bytes(inPlace), reading.value(), "A cancelled call left half a record.\n" + matters);
        assertTrue(isReplacedSoon(key), "After calls that were cancelled the record cannot be replaced.\n" + matters);
    }

    private static void cancel(Mono<?> call) {
        call.subscribe(value -> {}, error -> {}).dispose();
    }

    @Test
    void neverBlocksTheThreadThatSubscribes() {
        String key = key("block");
        String matters = """
                In a fleet: a source subscribes on event loops and timers, and a thread that is blocked holds up all on it.
                What to do: use a driver that does not block, or subscribeOn(Schedulers.boundedElastic()).
                """;

        answer(
                "On a thread that must not be blocked, read(...)",
                matters,
                () -> Mono.defer(() -> tested().read(key)).subscribeOn(Schedulers.parallel()));
        String tag = tag(); // drawn here, since that may block
        answer(
                "On a thread that must not be blocked, replace(...)",
                matters,
                () -> Mono.defer(() -> tested().replace(key, null, tag, VALUE, KEEP))
                        .subscribeOn(Schedulers.parallel()));
    }

    @Test
    void signalsErrors() {
        TokenStore away = storeOutOfReach();
        assumeTrue(away != null, "override storeOutOfReach() to have errors checked");

        Duration limit = Duration.ofSeconds(3);
        assertSignalsAnErrorIfAnything("read(...)", limit, () -> away.read(key("away")));
        assertSignalsAnErrorIfAnything(
                "replace(...)", limit, () -> away.replace(key("away"), null, tag(), VALUE, KEEP));
        assertSignalsAnErrorIfAnything(
                "changes()", Duration.ofMillis(500), () -> away.changes().then(Mono.empty()));
    }

    private static void assertSignalsAnErrorIfAnything(
            String call, Duration limit, Supplier<? extends Mono<?>> called) {
        String matters = """
                In a fleet: a source goes on without a store that signals errors. Anything else fails its callers, or is taken \
                for what the store has.
                What to do: signal an error, as Mono.defer does of what is thrown inside of it; make up no answer.
                """;
        AtomicReference<@Nullable Signal<?>> signal = new AtomicReference<>();
        long start = System.nanoTime();
        Disposable subscription;
        try {
            subscription = called.get().materialize().subscribe(signal::set);
        } catch (RuntimeException thrown) {
            throw new AssertionError(call + " of a store out of reach throws " + thrown + "\n" + matters, thrown);
        }
        Duration held = Duration.ofNanos(System.nanoTime() - start);
        poll(limit, () -> signal.get() != null);
        subscription.dispose();

        Signal<?> first = signal.get();
        assertTrue(
                first == null || first.isOnError(),
                call + " of a store out of reach signals " + first + " and no error.\n" + matters);
        assertTrue(held.toSeconds() < 1, """
                %s of a store out of reach held the subscribing thread for %s.
                In a fleet: a source subscribes on event loops and timers, and a thread that is blocked holds up all on it.
                What to do: connect without blocking, or subscribeOn(Schedulers.boundedElastic()).
                """.formatted(call, held));
    }

    @Test
    void hintsTellTheKeyAndTheTagOfAChange() {
        String key = key("hints");
        HeardHints heard = new HeardHints(tested().changes());
        Set<String> won = ConcurrentHashMap.newKeySet();
        Set<String> lost = ConcurrentHashMap.newKeySet();

        changeUntil(key, won, lost, () -> heard.hasHeardOf(key, won) || heard.end() != null);
        heard.leave();

        assertGoesOn(heard);
        assertEquals(
                List.of(),
                heard.changes().stream()
                        .filter(change ->
                                change.key().equals(key) != won.contains(change.tag()) || lost.contains(change.tag()))
                        .toList(),
                """
                There are hints with a wrong key or tag. The key is %s
                In a fleet: siblings go on with their token until an API rejects it or it is due, and wait longer for a new one.
                What to do: hint after each replacement, and only then, with key and tag as replace(...) got them.
                """.formatted(key));
        assumeHints(heard.hasHeardOf(key, won));
    }

    @Test
    void hintsReachAllWhoSubscribe() {
        String key = key("hints");
        Flux<Change> changes = tested().changes();
        List<HeardHints> all = List.of(
                new HeardHints(changes),
                new HeardHints(changes),
                new HeardHints(storeOfSibling().changes()));
        Set<String> won = ConcurrentHashMap.newKeySet();

        changeUntil(
                key,
                won,
                ConcurrentHashMap.newKeySet(),
                () -> all.stream().allMatch(heard -> heard.hasHeardOf(key, won) || heard.end() != null));
        all.forEach(HeardHints::leave);

        all.forEach(TokenStoreContract::assertGoesOn);
        List<Boolean> reached =
                all.stream().map(heard -> heard.hasHeardOf(key, won)).toList();
        assumeHints(reached.contains(true));
        assertEquals(List.of(true, true, true), reached, """
                Hints do not reach all who subscribe to changes(). The third one is the sibling's.
                In a fleet: each source subscribes. One that hears nothing hands out a token that a sibling saw rejected.
                What to do: share one hot stream among all who subscribe, and hint through the store and not in the process.
                """);
    }

    @Test
    void hintsGoOnForTheOthersWhenOneLeaves() {
        String key = key("hints");
        String later = key("later-hints");
        HeardHints leaving = new HeardHints(tested().changes());
        HeardHints staying = new HeardHints(tested().changes());
        Set<String> won = ConcurrentHashMap.newKeySet();
        Set<String> lost = ConcurrentHashMap.newKeySet();
        changeUntil(
                key,
                won,
                lost,
                () -> (leaving.hasHeardOf(key, won) && staying.hasHeardOf(key, won)) || staying.end() != null);
        assertGoesOn(staying);
        assumeHints(leaving.hasHeardOf(key, won) && staying.hasHeardOf(key, won));

        leaving.leave();
        changeUntil(later, won, lost, () -> staying.hasHeardOf(later, won) || staying.end() != null);
        staying.leave();

        assertGoesOn(staying);
        assertTrue(staying.hasHeardOf(later, won), """
                Once a subscriber of changes() has left, another one hears nothing any more.
                In a fleet: closing one source makes the others of its process deaf.
                What to do: end what is behind the hints only when the last subscriber has left.
                """);
    }

    /** Changes a record ten times a second, until somebody heard of it or for as long as a hint may take. */
    private void changeUntil(String key, Set<String> won, Set<String> lost, BooleanSupplier isHeard) {
        assumeTrue(doesHint(), "the store does not override changes(), so it does not hint");
        AtomicReference<@Nullable String> tag = new AtomicReference<>();
        long[] next = {System.nanoTime()};
        poll(HINT_WITHIN, () -> {
            if (System.nanoTime() - next[0] >= 0) {
                next[0] += TimeUnit.MILLISECONDS.toNanos(100);
                String winner = tag();
                String loser = tag();
                won.add(winner);
                lost.add(loser);
                write(key, tag.getAndSet(winner), winner, VALUE);
                replace(key, tag(), loser, VALUE);
            }
            return isHeard.getAsBoolean();
        });
    }

    private boolean doesHint() {
        try {
            return tested().getClass().getMethod("changes").getDeclaringClass() != TokenStore.class;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assumeHints(boolean isHeard) {
        assumeTrue(isHeard, "no change was hinted at within " + HINT_WITHIN + "; if the store is to hint, it does not");
    }

    private static void assertGoesOn(HeardHints heard) {
        assertNull(heard.end(), """
                changes() ended, with the store in reach.
                In a fleet: a source that hears no hints goes on with its token until an API rejects it or it is due.
                What to do: let any number subscribe, and end the stream only with an error when the store is out of reach.
                """);
    }

    private Reading read(String key) {
        return read(tested(), key);
    }

    private static Reading read(TokenStore store, String key) {
        Reading reading = answer("read(...)", () -> store.read(key));
        assertNotNull(reading.now(), """
                A reading has no time.
                In a fleet: an instance needs the time before it takes the lead, and then there may be no record yet.
                What to do: give each reading the store's present time, also one without a record.
                """);
        return reading;
    }

    private boolean replace(String key, @Nullable String expectedTag, String tag, byte[] value) {
        return replace(tested(), key, expectedTag, tag, value);
    }

    private static boolean replace(
            TokenStore store, String key, @Nullable String expectedTag, String tag, byte[] value) {
        return replace(store, key, expectedTag, tag, value, KEEP);
    }

    private static boolean replace(
            TokenStore store, String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
        return answer("replace(...)", () -> store.replace(key, expectedTag, tag, value, keep));
    }

    private void write(String key, @Nullable String expectedTag, String tag, byte[] value) {
        assertTrue(replace(key, expectedTag, tag, value), () ->
                """
                replace(...) answers false although %s.
                In a fleet: nobody can take the lead, so each instance logs in for itself.
                What to do: write the record and answer true.
                """.formatted(expectedTag == null ? "there is no record" : "the expected tag is in place"));
    }

    private void assertRefused(boolean answer, String key, String tag, byte[] value, String fault) {
        assertFalse(answer, fault);
        assertRecord(read(key), tag, value, fault);
    }

    private static void assertRecord(Reading reading, String tag, byte[] value, String fault) {
        assertEquals(tag, reading.tag(), fault);
        assertArrayEquals(value, reading.value(), fault);
    }

    private static void assertNothing(Reading reading, String fault) {
        assertNull(reading.tag(), fault);
        assertNull(reading.value(), fault);
    }

    private static String key(String name) {
        return "contract:" + UUID.randomUUID() + ":" + name;
    }

    private static String tag() {
        return UUID.randomUUID().toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }
}
