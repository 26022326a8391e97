package io.monotoken.testing;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** The kit finds what is wrong with a store: each broken one fails the tests that are about its fault, and no others. */
class TokenStoreContractTests {

    /** Broken stores, and the tests that fail. */
    private static final Map<String, Set<String>> FAULTS = """
            NotAtomic: letsOneOfManyFirstWritersWin, letsOneOfManyWritersWin
            NotAtomicAtFirst: letsOneOfManyFirstWritersWin
            LastWriterWins: hintsTellTheKeyAndTheTagOfAChange, letsOneOfManyWritersWin, refusesAnotherTagThanTheOneInPlace, \
            tellsTagsApartThatDifferInCase
            OverwritesWhereNothingIsExpected: answersFalseForATagThatWasOvertaken, asksAnewForEachSubscription, \
            doesNothingBeforeItIsSubscribedTo, expectsNothingWhereTheExpectedTagIsNull, letsOneOfManyFirstWritersWin
            WritesWhereSomethingIsExpected: refusesAnExpectedTagWhereNothingIs
            NeverReplaces: answersFalseForATagThatWasOvertaken, answersTrueForATagThatIsInPlace, \
            asksAnewForEachSubscription, clockNeverGoesBack, goesOnAfterCallsThatWereCancelled, \
            keepsAReplacementByItsOwnTime, keepsKeysAndTagsAsTheyAre, keepsRecordsOfDifferentKeysApart, \
            letsOneOfManyWritersWin, neverMixesTwoRecordsInOneReading, readsTheLastOfManyWrites, \
            replacesTheRecordWithTheExpectedTag
            TakesTagsForTheSame: tellsTagsApartThatDifferInCase
            FalseForATagInPlace: answersTrueForATagThatIsInPlace, answersTrueToAllWhoRepeatATagAtOnce
            TrueForAnOvertakenTag: answersFalseForATagThatWasOvertaken, asksAnewForEachSubscription
            OverwritesOnRepetition: changesNothingForATagThatIsInPlace
            ErrorForALostRace: answersFalseForATagThatWasOvertaken, asksAnewForEachSubscription, \
            doesNothingBeforeItIsSubscribedTo, expectsNothingWhereTheExpectedTagIsNull, \
            hintsGoOnForTheOthersWhenOneLeaves, hintsReachAllWhoSubscribe, hintsTellTheKeyAndTheTagOfAChange, \
            letsOneOfManyFirstWritersWin, letsOneOfManyWritersWin, refusesAnExpectedTagWhereNothingIs, \
            refusesAnotherTagThanTheOneInPlace, tellsTagsApartThatDifferInCase

            ForgetsEarly: keepsARecordAsLongAsItWasAskedTo
            ForgetsWhatLivesLong: keepsARecordForMonths
            KeepsTheEndOfTheFirst: keepsAReplacementByItsOwnTime
            HidesWhatIsThere: replacesWhatItShowsAfterARecordsEnd
            JumpingClock: clockGoesOnAsTimeDoes
            TwoClocks: clockNeverGoesBack
            StandingClock: clockGoesOnAsTimeDoes, keepsARecordAsLongAsItWasAskedTo
            NoTimeWithoutARecord: clockGoesOnAsTimeDoes, clockNeverGoesBack, doesNothingBeforeItIsSubscribedTo, \
            keepsARecordAsLongAsItWasAskedTo, keepsAReplacementByItsOwnTime, readsNothingWhereNothingWasWritten, \
            refusesAnExpectedTagWhereNothingIs, replacesWhatItShowsAfterARecordsEnd

            EndsValuesAtAZero: readsWhatWasWritten
            EscapesTags: keepsKeysAndTagsAsTheyAre
            MixesUpKeys: keepsRecordsOfDifferentKeysApart
            TornReadings: neverMixesTwoRecordsInOneReading
            StaleReplica: readsTheLastOfManyWrites
            KeepsTheCallersArray: keepsACopyOfTheValue
            HandsOutItsArray: handsOutACopyOfTheValue
            EmptyForAMissingRecord: asksAnewForEachSubscription, clockGoesOnAsTimeDoes, clockNeverGoesBack, \
            doesNothingBeforeItIsSubscribedTo, keepsARecordAsLongAsItWasAskedTo, keepsAReplacementByItsOwnTime, \
            neverBlocksTheThreadThatSubscribes, readsNothingWhereNothingWasWritten, \
            refusesAnExpectedTagWhereNothingIs, replacesWhatItShowsAfterARecordsEnd

            WritesEagerly: asksAnewForEachSubscription, doesNothingBeforeItIsSubscribedTo
            ReadsEagerly: asksAnewForEachSubscription, doesNothingBeforeItIsSubscribedTo
            RemembersAnswers: asksAnewForEachSubscription
            KeepsPermitsOfCancelledCalls: goesOnAfterCallsThatWereCancelled
            Blocks: neverBlocksTheThreadThatSubscribes
            ThrowsWhenAway: signalsErrors
            FalseWhenAway: signalsErrors
            WaitsWhenAway: signalsErrors

            HintsAtTheWrongTag: hintsTellTheKeyAndTheTagOfAChange
            HintsAtTheWrongKey: hintsTellTheKeyAndTheTagOfAChange
            HintsAtLostRaces: hintsTellTheKeyAndTheTagOfAChange
            HintsAtItsOwnChangesOnly: hintsReachAllWhoSubscribe
            HintsToOneSubscriber: hintsGoOnForTheOthersWhenOneLeaves, hintsReachAllWhoSubscribe
            HintsEnd: hintsGoOnForTheOthersWhenOneLeaves, hintsReachAllWhoSubscribe, hintsTellTheKeyAndTheTagOfAChange
            HintsEndWithTheFirstWhoLeaves: hintsGoOnForTheOthersWhenOneLeaves
            """.lines()
            .filter(line -> !line.isEmpty())
            .map(line -> line.split(": "))
            .collect(toMap(line -> line[0], line -> new TreeSet<>(Set.of(line[1].split(", ")))));

    private static final Set<String> STORES = FAULTS.keySet();

    private static Events events;

    @BeforeAll
    static void runTheKitOnEachStore() {
        events = EngineTestKit.engine("junit-jupiter")
                .selectors(Arrays.stream(BrokenTokenStores.class.getDeclaredClasses())
                        .filter(kit -> kit != BrokenTokenStores.HardlyAtomic.class)
                        .filter(kit -> !Modifier.isAbstract(kit.getModifiers()))
                        .map(kit -> selectClass(kit))
                        .toArray(DiscoverySelector[]::new))
                .configurationParameter(BrokenTokenStores.PARAMETER, "true")
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "48")
                .execute()
                .testEvents();
    }

    @ParameterizedTest
    @FieldSource("STORES")
    void findsTheFault(String store) {
        assertThat(tests(events.failed(), store)).isEqualTo(FAULTS.get(store));
    }

    @Test
    void passesAStoreWithoutAFault() {
        assertThat(tests(events.succeeded(), "Whole")).isEqualTo(allTests());
        assertThat(events.failed().stream().map(TokenStoreContractTests::store)).doesNotContain("Whole");
    }

    @Test
    void passesAStoreThatDoesNotHint() {
        Set<String> aboutHints =
                allTests().stream().filter(test -> test.startsWith("hints")).collect(Collectors.toSet());

        assertThat(Stream.of("WithoutHints", "WithoutChanges")).allSatisfy(store -> {
            assertThat(tests(events.failed(), store)).isEmpty();
            assertThat(tests(events.aborted(), store)).containsAll(aboutHints);
        });
    }

    @Test
    void leavesOutErrorsUnlessItIsGivenAStoreThatIsOutOfReach() {
        assertThat(tests(events.aborted(), "NotAtomic")).containsExactly("signalsErrors");
    }

    @Test
    void hasNoTestThatNeverFails() {
        assertThat(FAULTS.values().stream().flatMap(Set::stream).collect(Collectors.toSet()))
                .isEqualTo(allTests());
    }

    @Test
    void failsNoStoreThatIsNotBroken() {
        assertThat(events.failed().stream().map(TokenStoreContractTests::store).collect(Collectors.toSet()))
                .isEqualTo(STORES);
    }

    @Test
    void saysWhatComesOfAFaultInAFleetAndWhatToDo() {
        assertThat(STORES)
                .flatMap(TokenStoreContractTests::failures)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(AssertionError.class)
                        .message()
                        .containsSubsequence("\nIn a fleet: ", "\nWhat to do: "));
    }

    @Test
    void failsAsThePageOnTestingShows() throws IOException {
        String page = Files.readString(Path.of("../docs/testing.md"));

        assertThat(failures("NotAtomic"))
                .extracting(Throwable::getMessage)
                .anySatisfy(message ->
                        assertThat(page).containsIgnoringWhitespaces(message.substring(0, message.indexOf("\n ==>"))));
    }

    private static List<Throwable> failures(String store) {
        return events.failed().stream()
                .filter(failed -> store(failed).equals(store))
                .map(failed -> failed.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow())
                .toList();
    }

    /** By chance only: two writers must meet within a tenth of a microsecond. They do in nearly every run on two cores. */
    @Test
    void findsAStoreThatHasNoTimeBetweenReadingAndWriting() {
        assertThat(Stream.generate(() -> EngineTestKit.engine("junit-jupiter")
                                .selectors(
                                        selectMethod(BrokenTokenStores.HardlyAtomic.class, "letsOneOfManyWritersWin"))
                                .configurationParameter(BrokenTokenStores.PARAMETER, "true")
                                .execute()
                                .testEvents()
                                .failed()
                                .count())
                        .limit(20)
                        .anyMatch(failed -> failed == 1))
                .isTrue();
    }

    private static Set<String> allTests() {
        return Arrays.stream(TokenStoreContract.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> method.getName())
                .collect(Collectors.toSet());
    }

    private static Set<String> tests(Events some, String store) {
        return some.stream()
                .filter(event -> store(event).equals(store))
                .map(event -> method(event).getMethodName())
                .collect(toCollection(TreeSet::new));
    }

    private static String store(Event event) {
        return method(event).getJavaClass().getSimpleName();
    }

    private static MethodSource method(Event event) {
        return (MethodSource) event.getTestDescriptor().getSource().orElseThrow();
    }
}
