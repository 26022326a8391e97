package io.monotoken.samples.complyone.live;

import io.monotoken.samples.complyone.Answer;
import io.monotoken.samples.complyone.CalledService;
import io.monotoken.samples.complyone.Callers;
import io.monotoken.samples.complyone.Closing;
import java.time.Duration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;

/** Twenty requests a second from the end of the story on; none to the real service. */
@Component
final class Traffic {

    private static final Duration PACE = Duration.ofMillis(50);
    private static final int MOST_AT_ONCE = 400; // twenty seconds' worth: more than any caller waits

    private final Flux<Answer> flow;

    Traffic(Callers callers, CalledService called, Closing closing) {
        flow = called.isReal()
                ? Flux.empty()
                : Flux.interval(PACE)
                        .onBackpressureDrop()
                        .takeUntilOther(closing.begun())
                        .flatMap(tick -> callers.one(), MOST_AT_ONCE);
    }

    /** The story is told before the application counts as ready. */
    @EventListener(ApplicationReadyEvent.class)
    void start() {
        flow.subscribe();
    }
}
