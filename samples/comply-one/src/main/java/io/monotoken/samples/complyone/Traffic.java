package io.monotoken.samples.complyone;

import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Twenty requests a second, for as long as somebody watches and after the story; none to the real service. */
@Component
final class Traffic {

    private static final Duration PACE = Duration.ofMillis(50);
    private static final int MOST_AT_ONCE = 400; // twenty seconds' worth: more than any caller waits

    private final Flux<Answer> flow;

    Traffic(Callers callers, Story story, ObjectProvider<StandIns> played) {
        flow = played.getIfAvailable() == null
                ? Flux.never()
                : story.end()
                        .thenMany(Flux.interval(PACE).onBackpressureDrop())
                        .flatMap(tick -> callers.one(), MOST_AT_ONCE)
                        .share();
    }

    /** {@return what to dispose of when this watcher goes; the last one takes the traffic along} */
    Disposable watch() {
        return flow.subscribe();
    }
}
