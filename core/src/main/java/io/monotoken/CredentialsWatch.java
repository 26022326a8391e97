package io.monotoken;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks the grant behind a closed guard whether its credentials have changed: one ask at a time, at most every five
 * seconds, on behalf of a caller who does not wait for it.
 */
final class CredentialsWatch {

    private static final long APART = Duration.ofSeconds(5).toNanos();

    private final SourceSetup setup;
    private final AtomicLong nextAsk;

    CredentialsWatch(SourceSetup setup, long now) {
        this.setup = setup;
        this.nextAsk = new AtomicLong(now + APART);
    }

    /** Asks if it is time; {@code onChange} runs, on any thread, when other credentials would be let through. */
    void askIfDue(long now, Runnable onChange) {
        long due = nextAsk.get();
        if (now - due < 0 || !nextAsk.compareAndSet(due, Long.MAX_VALUE / 2 + now)) {
            return;
        }
        TokenAcquisition.caught(setup.grant()::request)
                .timeout(setup.settings().credentialsTimeout(), setup.clock().timer())
                .filter(request -> CredentialGuard.of(setup.tokenUri(), request).opensFor(setup.clock()))
                .doFinally(signal -> nextAsk.set(now + APART))
                .subscribeOn(setup.resume())
                .subscribe(changed -> onChange.run(), failed -> {});
    }
}
