package io.monotoken;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * Asks the grant behind a closed guard whether its credentials have changed: one ask at a time, at most every five
 * seconds, on behalf of a caller who does not wait for it.
 */
final class CredentialsWatch implements Disposable {

    private static final long APART = Duration.ofSeconds(5).toNanos();

    private final SourceSetup setup;
    private final AtomicLong nextAsk;
    private final Disposable.Swap ask = Disposables.swap();

    CredentialsWatch(SourceSetup setup, long now) {
        this.setup = setup;
        this.nextAsk = new AtomicLong(now + APART);
    }

    /** Asks if it is time; {@code onChange} runs, on any thread, when other credentials would be let through. */
    void askIfDue(long now, Runnable onChange) {
        long due = nextAsk.get();
        if (setup.grant().isConstant() || now - due < 0 || !nextAsk.compareAndSet(due, now + Long.MAX_VALUE / 2)) {
            return;
        }
        ask.update(setup.clock()
                .timer()
                .schedule(() -> ask.update(asked(now, onChange).subscribe())));
    }

    private Mono<TokenRequest> asked(long now, Runnable onChange) {
        return setup.askGrant()
                .doOnNext(request -> {
                    if (setup.permit(request).wait(setup.clock()) == 0) {
                        onChange.run();
                    }
                })
                .onErrorComplete()
                .doFinally(signal -> nextAsk.set(now + APART));
    }

    @Override
    public void dispose() {
        ask.dispose();
    }
}
