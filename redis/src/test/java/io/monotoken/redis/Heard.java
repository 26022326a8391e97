package io.monotoken.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenStore;
import io.monotoken.TokenStore.Change;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;

/** What one subscriber of the hints hears. */
final class Heard {

    private final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
    private final CompletableFuture<Throwable> error = new CompletableFuture<>();
    private final Disposable subscription;

    Heard(TokenStore store) {
        this.subscription = store.changes().subscribe(changes::add, error::complete);
    }

    Change next() throws InterruptedException {
        return Objects.requireNonNull(changes.poll(10, TimeUnit.SECONDS), "no hint");
    }

    Throwable error() {
        return error(RedisFixture.SOON);
    }

    Throwable error(Duration within) {
        assertThat(error).succeedsWithin(within);
        return error.join();
    }

    void stop() {
        subscription.dispose();
    }
}
