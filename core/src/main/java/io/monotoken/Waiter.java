package io.monotoken;

import java.util.concurrent.atomic.AtomicBoolean;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One caller in a lane of a flight: counted while it is there, failed with an exception of its own, and unable to keep
 * its neighbours from hearing, whatever it throws.
 */
final class Waiter implements CoreSubscriber<Token>, Subscription {

    private final CoreSubscriber<? super Token> caller;
    private final Flight flight;
    private final long joinedAt;
    private final AtomicBoolean gone = new AtomicBoolean();
    private Subscription seat = Operators.emptySubscription();

    /**
     * @param flight hears once when this one has heard or left
     */
    Waiter(CoreSubscriber<? super Token> caller, Flight flight, long joinedAt) {
        this.caller = caller;
        this.flight = flight;
        this.joinedAt = joinedAt;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        seat = subscription;
        caller.onSubscribe(this);
    }

    @Override
    public void onNext(Token token) {
        if (leave()) {
            isolated(() -> {
                caller.onNext(token);
                caller.onComplete();
            });
        }
    }

    @Override
    public void onError(Throwable error) {
        if (leave()) {
            isolated(() -> caller.onError(error instanceof TokenException shared ? shared.copy() : error));
        }
    }

    @Override
    public void onComplete() {
        if (leave()) {
            isolated(caller::onComplete);
        }
    }

    @Override
    public void request(long n) {
        seat.request(n);
    }

    @Override
    public void cancel() {
        leave();
        seat.cancel();
    }

    @Override
    public Context currentContext() {
        return caller.currentContext();
    }

    private boolean leave() {
        if (gone.compareAndSet(false, true)) {
            flight.left(joinedAt);
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
