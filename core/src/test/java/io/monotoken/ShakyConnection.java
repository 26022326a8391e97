package io.monotoken;

import io.monotoken.TestStore.Operation;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One process's connection to the store: what is sent takes effect whether anybody waits for it or not. */
final class ShakyConnection implements TokenStore {

    private final TestStore store;
    private final TestTime time;
    private final ProcessTimer process;
    private final Random random;
    private final Witness witness;
    private final Sinks.Many<Boolean> cut = Sinks.many().multicast().directBestEffort();
    /** What becomes of an operation. */
    Function<Operation, Fate> fate = operation -> Fate.KIND;
    /** What becomes of a hint. */
    Supplier<HintFate> hintFate = () -> HintFate.KIND;

    enum Fate {
        KIND,
        /** Takes so long that nobody may wait for it any longer. */
        SLOW,
        /** Fails, and nothing is done. */
        REFUSED,
        /** Never answers, and nothing is done. */
        FROZEN,
        /** Is done, and fails. */
        ANSWER_LOST,
        /** Is done, and never answers. */
        ANSWER_HANGS,
        /** Fails, and is done some time later. */
        LATE
    }

    enum HintFate {
        KIND,
        LOST,
        DOUBLED,
        LATE
    }

    /** Is told what the connection did to an operation or a hint. */
    interface Witness {

        Witness NOBODY = new Witness() {};

        default void befell(Operation operation, Fate fate) {}

        /** A write took effect after its failure. */
        default void tookEffectLate(Operation operation) {}

        default void befellHint(HintFate fate) {}
    }

    ShakyConnection(TestStore store, TestTime time, ProcessTimer process, Random random, Witness witness) {
        this.store = store;
        this.time = time;
        this.process = process;
        this.random = random;
        this.witness = witness;
    }

    @Override
    public Mono<Reading> read(String key) {
        return sent(new Operation(key, null), store.read(key));
    }

    @Override
    public Mono<Boolean> replace(String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
        RecordTag parsed = RecordTag.parse(tag);
        return sent(
                new Operation(key, parsed == null ? null : parsed.kind()),
                store.replace(key, expectedTag, tag, value, keep));
    }

    private <T> Mono<T> sent(Operation operation, Mono<T> call) {
        return Mono.defer(() -> {
            Fate fallen = fate.apply(operation);
            if (fallen != Fate.KIND) {
                witness.befell(operation, fallen);
            }
            Sinks.One<T> answer = Sinks.one();
            switch (fallen) {
                case KIND, SLOW -> {
                    int longest = fallen == Fate.SLOW ? 700 : 4;
                    later(drawn(longest), () -> call.subscribe(done -> answered(drawn(longest), answer, done, false)));
                }
                case REFUSED -> answered(drawn(4), answer, null, true);
                case FROZEN -> {}
                case ANSWER_LOST ->
                    later(drawn(4), () -> call.subscribe(done -> answered(drawn(4), answer, null, true)));
                case ANSWER_HANGS -> later(drawn(4), call::subscribe);
                case LATE -> {
                    answered(drawn(4), answer, null, true);
                    later(
                            drawn(30_000),
                            () -> call.subscribe(done -> {
                                if (Boolean.TRUE.equals(done)) {
                                    witness.tookEffectLate(operation);
                                }
                            }));
                }
            }
            return answer.asMono();
        });
    }

    private <T> void answered(long millis, Sinks.One<T> answer, @Nullable T done, boolean failed) {
        process.schedule(
                () -> {
                    if (failed || done == null) {
                        answer.tryEmitError(new IllegalStateException("the store is away"));
                    } else {
                        answer.tryEmitValue(done);
                    }
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    private void later(long millis, Runnable effect) {
        time.timer.schedule(effect, millis, TimeUnit.MILLISECONDS);
    }

    private long drawn(int longest) {
        return 1L + random.nextInt(longest);
    }

    /** Ends the subscription to hints, as a broken connection does. */
    void breakHints() {
        cut.tryEmitNext(true);
    }

    @Override
    public Flux<Change> changes() {
        return Flux.merge(hints(), cut.asFlux().flatMap(broken -> Mono.error(new IllegalStateException("it broke"))));
    }

    private Flux<Change> hints() {
        return store.changes().flatMap(change -> {
            HintFate fallen = hintFate.get();
            if (fallen != HintFate.KIND) {
                witness.befellHint(fallen);
            }
            return switch (fallen) {
                case KIND -> delayed(change, 4);
                case LOST -> Mono.empty();
                case DOUBLED -> Flux.merge(delayed(change, 4), delayed(change, 3_000));
                case LATE -> delayed(change, 30_000);
            };
        });
    }

    private Mono<Change> delayed(Change change, int longest) {
        return Mono.delay(Duration.ofMillis(drawn(longest)), process).thenReturn(change);
    }
}
