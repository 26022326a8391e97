package io.monotoken.benchmarks;

import io.monotoken.Token;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * The least that sharing one request takes: a lock, a list, and a loop when the answer is there. It cannot be cancelled,
 * knows no errors and hands everything out on the thread that read the answer.
 */
final class ListOfCallers extends Mono<Token> {

    private final Mono<Token> request;
    private final List<CoreSubscriber<? super Token>> callers = new ArrayList<>();
    private boolean requested;
    private @Nullable Token token;

    ListOfCallers(Mono<Token> request) {
        this.request = request;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Token> caller) {
        caller.onSubscribe(Operators.emptySubscription());
        if (joins(caller)) {
            request.subscribe(this::serve);
        }
    }

    private synchronized boolean joins(CoreSubscriber<? super Token> caller) {
        if (token != null) {
            hand(token, caller);
            return false;
        }
        callers.add(caller);
        boolean first = !requested;
        requested = true;
        return first;
    }

    private synchronized void serve(Token answer) {
        token = answer;
        callers.forEach(caller -> hand(answer, caller));
        callers.clear();
    }

    private static void hand(Token token, CoreSubscriber<? super Token> caller) {
        caller.onNext(token);
        caller.onComplete();
    }
}
