package io.monotoken;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** All tests of this module run with BlockHound: here is the proof that it watches. */
class BlockHoundTests {

    @Test
    void watchesTheThreadsThatMustNotBlock() {
        Mono<Integer> blocking = Mono.fromCallable(() -> {
                    TimeUnit.MILLISECONDS.sleep(1);
                    return 1;
                })
                .subscribeOn(Schedulers.parallel());

        assertThatThrownBy(() -> blocking.block(Duration.ofSeconds(10)))
                .hasCauseInstanceOf(BlockingOperationError.class);
    }
}
