package io.monotoken.spring.autoconfigure;

import io.monotoken.BlockingCall;
import io.monotoken.SigningKey;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.Logger;
import reactor.util.Loggers;

/*
 * Shared state  `loaded` and `warning`, each replaced as a whole; two threads that read the same file at once make the same of it.
 * Invariant     there is a key, since the first one was read before there was an AssertionKey.
 * Transitions   another key, once what it is read from is another and makes a key; whatever else is there changes nothing.
 * Time          none: what is there is compared and not when it was put there, as clocks of file systems are coarse.
 */
/**
 * The key that signs assertions, as its file or SSL bundle has it now. Where that has no usable key any more, the last one goes
 * on, with a warning.
 *
 * @param <T> what the key is read from, equal as long as it has not changed
 */
final class AssertionKey<T> {

    private static final Logger log = Loggers.getLogger(AssertionKey.class);

    private final String property;
    private final Supplier<T> origin;
    private final Function<T, SigningKey> reader;

    private volatile Loaded<T> loaded;
    private volatile @Nullable String warning;

    private record Loaded<T>(T from, SigningKey key) {}

    /**
     * Reads the first key.
     *
     * @param property the full name of the property that says where it is
     * @param origin what the key is read from, as it is now; fails with an {@link IllegalArgumentException}, as the reader does
     * @throws IllegalArgumentException if there is no key to sign with
     */
    AssertionKey(String property, Supplier<T> origin, Function<T, SigningKey> reader) {
        this.property = property;
        this.origin = origin;
        this.reader = reader;
        T first = origin.get();
        this.loaded = new Loaded<>(first, reader.apply(first));
    }

    /** {@return the key of now; reads it for each subscription, away from the event loop} */
    Mono<SigningKey> now() {
        return BlockingCall.mono(this::current);
    }

    private SigningKey current() {
        Loaded<T> last = loaded;
        try {
            T from = origin.get();
            if (!from.equals(last.from())) {
                last = new Loaded<>(from, reader.apply(from));
                loaded = last;
                log.info("{} has another key, which signs from now on", property);
            }
            warning = null;
        } catch (IllegalArgumentException e) {
            warn(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            warn(e.getClass().getName()); // somebody else's, whose words may have a part of the key
        }
        return last.key();
    }

    /** Once for each thing that is wrong, until all is well again. */
    private void warn(String what) {
        if (!what.equals(warning)) {
            warning = what;
            log.warn("{} has no usable key any more, and the last one goes on: {}", property, what);
        }
    }
}
