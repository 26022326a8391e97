package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import io.monotoken.SigningKey;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class AssertionKeyTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    private final AtomicReference<String> file = new AtomicReference<>("k1");
    private final AtomicInteger parsed = new AtomicInteger();

    private SigningKey parse(String text) {
        parsed.incrementAndGet();
        if (text.isEmpty()) {
            throw new IllegalArgumentException("nothing is there");
        }
        if (text.equals("odd")) {
            throw new IllegalStateException("hush");
        }
        return SigningKey.of(SampleKeys.ED25519.getPrivate()).withKeyId(text);
    }

    private static void expect(Mono<SigningKey> keys, String id) {
        StepVerifier.create(keys.map(key -> key.keyId().orElseThrow()))
                .expectNext(id)
                .expectComplete()
                .verify(FIVE_SECONDS);
    }

    @Test
    void isReadAwayFromTheEventLoop() {
        Queue<String> threads = new ConcurrentLinkedQueue<>();
        Mono<SigningKey> keys = new AssertionKey<>(
                        "assertion.key",
                        () -> {
                            threads.add(Thread.currentThread().getName());
                            return "k1";
                        },
                        this::parse)
                .now();
        threads.clear();

        expect(keys.subscribeOn(Schedulers.parallel()), "k1");

        assertThat(threads).singleElement().asString().startsWith("monotoken-blocking-");
    }

    @Test
    void isMadeAnewOnlyWhereItHasChanged() {
        Mono<SigningKey> keys = new AssertionKey<>("assertion.key", file::get, this::parse).now();

        expect(keys, "k1");
        expect(keys, "k1");
        assertThat(parsed).hasValue(1);
        file.set("k2");
        expect(keys, "k2");
        expect(keys, "k2");
        assertThat(parsed).hasValue(2);
    }

    @Test
    void warnsOnceOfEachThingThatIsWrongUntilAllIsWell() {
        Mono<SigningKey> keys = new AssertionKey<>("assertion.key", file::get, this::parse).now();

        try (LogLines lines = new LogLines(AssertionKey.class, Level.WARN)) {
            for (String text : new String[] {"", "", "odd", "odd", "k1", ""}) {
                file.set(text);
                expect(keys, "k1");
            }

            String start = "WARN assertion.key has no usable key any more, and the last one goes on: ";
            assertThat(lines.all())
                    .containsExactly(
                            start + "nothing is there",
                            start + "java.lang.IllegalStateException",
                            start + "nothing is there");
        }
    }

    @Test
    void needsAKeyToBeginWith() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AssertionKey<>("assertion.key", () -> "", this::parse))
                .withMessage("nothing is there");
    }
}
