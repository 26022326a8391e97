package io.monotoken.redis;

import static io.monotoken.redis.RedisFixture.SOON;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** All tests of this module run with BlockHound: here is the proof that it watches. */
class BlockHoundTests {

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private static Mono<Integer> sleep() {
        return Mono.fromCallable(() -> {
            TimeUnit.MILLISECONDS.sleep(1);
            return 1;
        });
    }

    private static boolean isOnAnEventLoop() {
        return Thread.currentThread().getName().startsWith("lettuce-");
    }

    private static void expectRefused(Mono<?> blocking) {
        assertThatThrownBy(() -> blocking.block(SOON)).hasCauseInstanceOf(BlockingOperationError.class);
    }

    @Test
    void watchesTheThreadsThatMustNotBlock() {
        expectRefused(sleep().subscribeOn(Schedulers.parallel()));
    }

    @Test
    void watchesTheEventLoopsOnWhichRedisAnswers() {
        RedisTokenStore store = redis.store(redis.server(RedisBuild.EMBEDDED));
        redis.read(store);

        expectRefused(store.read(redis.key)
                .flatMap(answer -> isOnAnEventLoop() ? sleep() : Mono.empty()) // one that is fast comes on this thread
                .repeatWhenEmpty(1_000, attempts -> attempts));
    }
}
