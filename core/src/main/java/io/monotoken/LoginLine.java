package io.monotoken;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;

/** The time that a flight spends in line behind other logins of the same user: limited, and not counted as the flight's. */
final class LoginLine {

    private final SourceSetup setup;
    private final AtomicLong startedAt;
    private volatile long joinedAt;
    private volatile boolean waiting;

    LoginLine(SourceSetup setup) {
        this.setup = setup;
        this.startedAt = new AtomicLong(setup.clock().now());
    }

    /** {@return nanoseconds that are left for the flight} */
    long left() {
        long now = setup.clock().now();
        long inLine = waiting ? now - joinedAt : 0;
        return startedAt.get() + inLine + setup.settings().timeout().toNanos() - now;
    }

    /** {@return completes when nothing is left} */
    Mono<Void> timeIsUp() {
        return Mono.defer(
                        () -> Mono.delay(Duration.ofNanos(left()), setup.clock().timer()))
                .repeat(() -> left() > 0)
                .then();
    }

    /** {@return the turn; fails with a TimeoutException when it does not come within the time that a flight may take} */
    <T> Mono<T> await(Mono<T> turn) {
        return Mono.defer(() -> {
            joinedAt = setup.clock().now();
            waiting = true;
            return turn.timeout(setup.settings().timeout(), setup.clock().timer())
                    .doOnTerminate(() -> {
                        startedAt.addAndGet(setup.clock().now() - joinedAt);
                        waiting = false;
                    });
        });
    }
}
