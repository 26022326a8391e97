package io.monotoken;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.util.Logger;
import reactor.util.Loggers;

/** Those who are notified of what a source does. One that fails is logged, and harms nobody. */
final class Listeners {

    private static final Logger log = Loggers.getLogger("io.monotoken.TokenSource");

    private final List<TokenListener> listeners;

    private Listeners(List<TokenListener> listeners) {
        this.listeners = listeners;
    }

    /** {@return null for none, since each reader of a fresh token asks} */
    static @Nullable Listeners of(List<TokenListener> listeners) {
        return listeners.isEmpty() ? null : new Listeners(listeners);
    }

    void tell(Consumer<TokenListener> event) {
        for (TokenListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (Throwable e) {
                log.warn("a TokenListener failed with {}", e.getClass().getName());
            }
        }
    }
}
