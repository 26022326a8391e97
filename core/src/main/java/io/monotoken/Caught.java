package io.monotoken;

import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** Calls of parts that somebody else wrote. */
final class Caught {

    private Caught() {}

    /** Turns every Throwable into a signal: operators let linkage errors pass, and then callers would wait for ever. */
    static <T> Mono<T> signals(Supplier<Mono<T>> asked) {
        return Mono.create(sink -> {
            try {
                sink.onDispose(asked.get()
                        .subscribe(sink::success, sink::error, sink::success, Context.of(sink.contextView())));
            } catch (Throwable e) {
                sink.error(e);
            }
        });
    }
}
