package io.monotoken.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monotoken.TokenStore.Change;
import io.monotoken.TokenStore.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What a test can do with the store. {@code InMemoryTokenStoreContractTests} show that it is one. */
class InMemoryTokenStoreTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ManualClock clock = new ManualClock();
    private final InMemoryTokenStore store = new InMemoryTokenStore(clock);

    @Test
    void forgetsARecordWhenItsTimeIsOver() {
        replace(null, "one");

        clock.advance(MINUTE.minusNanos(1));
        assertThat(read().tag()).isEqualTo("one");

        clock.advance(Duration.ofNanos(1));
        assertThat(read().tag()).isNull();
        assertThat(read().value()).isNull();
        assertThat(replace("one", "two")).isFalse();
        assertThat(replace(null, "two")).isTrue();
    }

    @Test
    void hasAClockThatStandsStillWhileTheMachinesGoesBack() {
        Instant before = read().now();

        clock.advance(MINUTE.negated());
        assertThat(read().now()).isEqualTo(before);

        clock.advance(MINUTE.plusSeconds(1));
        assertThat(read().now()).isEqualTo(before.plusSeconds(1));
    }

    @Test
    void forgetsEverythingWhenItIsCleared() {
        replace(null, "one");

        store.clear();

        assertThat(read().tag()).isNull();
    }

    @Test
    void hasWhatItHadWhenItAnswersAgain() {
        replace(null, "one");

        store.stopAnswering();
        assertThatThrownBy(this::read)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this store was told to stop answering; answerAgain() ends it");
        assertThatThrownBy(() -> replace("one", "two")).isInstanceOf(IllegalStateException.class);

        store.answerAgain();
        assertThat(read().tag()).isEqualTo("one");
    }

    @Test
    void hintsAtWhatASubscriberOfItsHintsChanges() {
        Sinks.One<Change> heard = Sinks.one();
        store.changes()
                .concatMap(change -> change.tag().equals("one")
                        ? store.replace("key", "one", "two", value("two"), MINUTE)
                                .then(Mono.empty())
                        : Mono.just(change))
                .subscribe(heard::tryEmitValue);

        replace(null, "one");

        assertThat(heard.asMono().block(FIVE_SECONDS)).isEqualTo(new Change("key", "two"));
    }

    private Reading read() {
        return Objects.requireNonNull(store.read("key").block(FIVE_SECONDS));
    }

    private boolean replace(@Nullable String expectedTag, String tag) {
        return Objects.requireNonNull(
                store.replace("key", expectedTag, tag, value(tag), MINUTE).block(FIVE_SECONDS));
    }

    private static byte[] value(String tag) {
        return tag.getBytes(US_ASCII);
    }
}
