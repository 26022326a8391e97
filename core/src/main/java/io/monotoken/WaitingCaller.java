package io.monotoken;

import java.util.concurrent.atomic.AtomicBoolean;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One caller who waits for a flight: counted while it waits, failed with an exception of its own, and unable to keep
 * its neighbours from their signal, whatever it throws.
 */
final class WaitingCaller implements CoreSubscriber<Token>, Subscription {

    private final CoreSubscriber<? super Token> caller;
    private final Runnable onEnd;
    private final AtomicBoolean ended = new AtomicBoolean();
    private Subscription batch = Operators.emptySubscription();

    /**
     * @param onEnd runs once, when the caller got a signal or cancelled
     */
    WaitingCaller(CoreSubscriber<? super Token> caller, Runnable onEnd) {
        this.caller = caller;
        this.onEnd = onEnd;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        batch = subscription;
        caller.onSubscribe(this);
    }

    @Override
    public void onNext(Token token) {
        if (end()) {
            isolated(() -> {
                caller.onNext(token);
                caller.onComplete();
            });
        }
    }

    @Override
    public void onError(Throwable error) {
        if (end()) {
            isolated(() -> caller.onError(error instanceof TokenException shared ? shared.copy() : error));
        }
    }

    @Override
    public void onComplete() {
        if (end()) {
            isolated(caller::onComplete);
        }
    }

    @Override
    public void request(long n) {
        batch.request(n);
    }

    @Override
    public void cancel() {
        end();
        batch.cancel();
    }

    @Override
    public Context currentContext() {
        return caller.currentContext();
    }

    private boolean end() {
        if (ended.compareAndSet(false, true)) {
            onEnd.run();
            return true;
        }
        return false;
    }

    private void isolated(Runnable signal) {
        try {
            signal.run();
        } catch (Throwable e) {
            Operators.onErrorDropped(e, Context.empty());
        }
    }
}
