package io.monotoken.samples.complyone.live;

import io.monotoken.samples.complyone.Closing;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** What a button of the live page does. It goes on when the page is closed, and not twice at the same time. */
final class Action {

    private static final Logger LOG = LoggerFactory.getLogger(Action.class);

    private final Button button;
    private final Supplier<@Nullable String> obstacle;
    private final Supplier<Mono<Void>> deed;
    private final Closing closing;
    private final AtomicBoolean underWay = new AtomicBoolean();

    /**
     * @param obstacle says in two or three words why there is nothing to be done now, null when there is
     */
    Action(Button button, Supplier<@Nullable String> obstacle, Supplier<Mono<Void>> deed, Closing closing) {
        this.button = button;
        this.obstacle = obstacle;
        this.deed = deed;
        this.closing = closing;
    }

    Button button() {
        return button;
    }

    /** {@return why it cannot be started now, in two or three words; null when it can} */
    @Nullable
    String obstacle() {
        return underWay.get() ? "under way" : obstacle.get();
    }

    /** {@return whether it was started; false while there is an obstacle} */
    boolean start() {
        if (obstacle() != null || !underWay.compareAndSet(false, true)) {
            return false;
        }
        Mono.defer(deed)
                .takeUntilOther(closing.begun())
                .doFinally(end -> underWay.set(false))
                .subscribe(nothing -> {}, failure -> LOG.warn("Action {} failed", button.name(), failure));
        return true;
    }

    /**
     * The button.
     *
     * @param name in the address
     * @param label what is on it
     * @param effect what to look for in the picture
     */
    record Button(String name, String label, String effect) {}
}
