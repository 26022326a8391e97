package io.monotoken;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * Looks during a pause whether what the server refused has changed: the user's credentials behind a closed guard, or what proves
 * who the client is. One look at a time, at most every five seconds, on behalf of a caller who does not wait for it.
 */
final class CredentialsWatch implements Disposable {

    private static final long APART = Duration.ofSeconds(5).toNanos();

    private final SourceSetup setup;
    private final Mono<Boolean> changed;
    private final AtomicLong nextAsk;
    private final Disposable.Swap ask = Disposables.swap();

    private CredentialsWatch(SourceSetup setup, Mono<Boolean> changed, long now) {
        this.setup = setup;
        this.changed = changed;
        this.nextAsk = new AtomicLong(now + APART);
    }

    /** Asks the grant for credentials that the guard would let through; a constant one is never asked. */
    static CredentialsWatch ofTheUser(SourceSetup setup, long now) {
        Mono<Boolean> changed = setup.grant().isConstant()
                ? Mono.empty()
                : setup.askGrant().map(request -> setup.permit(request).wait(setup.clock()) == 0);
        return new CredentialsWatch(setup, changed, now);
    }

    /**
     * Asks whether the client would prove itself otherwise.
     *
     * @param changed as {@link TokenAnswer.Failed#withProofChanged} has it
     */
    static CredentialsWatch ofTheClient(SourceSetup setup, Mono<Boolean> changed, long now) {
        Mono<Boolean> inTime = Caught.signals(() -> changed)
                .timeout(setup.settings().credentialsTimeout(), setup.clock().timer());
        return new CredentialsWatch(setup, inTime, now);
    }

    /** Asks if it is time; {@code onChange} runs, on any thread, when there is something else to send. */
    void askIfDue(long now, Runnable onChange) {
        long due = nextAsk.get();
        if (now - due < 0 || !nextAsk.compareAndSet(due, now + Long.MAX_VALUE / 2)) {
            return;
        }
        ask.update(setup.clock()
                .timer()
                .schedule(() -> ask.update(asked(now, onChange).subscribe())));
    }

    private Mono<Boolean> asked(long now, Runnable onChange) {
        return changed.doOnNext(isOther -> {
                    if (isOther) {
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
