package io.monotoken.benchmarks;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A subscriber that needs no memory of its own; one for each thread. */
@State(Scope.Thread)
public class Taker implements CoreSubscriber<Object> {

    private @Nullable Object taken;

    @Nullable
    Object take(Mono<?> mono) {
        mono.subscribe(this);
        return taken;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Object next) {
        taken = next;
    }

    @Override
    public void onError(Throwable error) {
        throw new AssertionError(error);
    }

    @Override
    public void onComplete() {}
}
