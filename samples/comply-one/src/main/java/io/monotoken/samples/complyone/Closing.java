package io.monotoken.samples.complyone;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The application's end, for what would go on beyond it, and before the server waits for its connections to end. */
@Component
public final class Closing implements DisposableBean {

    private final Sinks.Empty<Void> begun = Sinks.empty();

    /** {@return completes when the application begins to end} */
    public Mono<Void> begun() {
        return begun.asMono();
    }

    @EventListener(ContextClosedEvent.class)
    void close() {
        begun.tryEmitEmpty();
    }

    /** After a start that failed there is no such event. */
    @Override
    public void destroy() {
        close();
    }
}
