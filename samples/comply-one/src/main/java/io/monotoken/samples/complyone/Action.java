package io.monotoken.samples.complyone;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** What a button of the live page does. It goes on when the page is closed, and not twice at the same time. */
final class Action {

    private static final Logger LOG = LoggerFactory.getLogger(Action.class);

    private final Button button;
    private final Supplier<Mono<Void>> deed;
    private final Closing closing;
    private final AtomicBoolean underWay = new AtomicBoolean();

    Action(Button button, Supplier<Mono<Void>> deed, Closing closing) {
        this.button = button;
        this.deed = deed;
        this.closing = closing;
    }

    Button button() {
        return button;
    }

    boolean isUnderWay() {
        return underWay.get();
    }

    /** {@return whether it was started; false while it is under way} */
    boolean start() {
        if (!underWay.compareAndSet(false, true)) {
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
