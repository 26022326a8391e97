package io.monotoken;

import java.net.URI;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * What a source was built from.
 *
 * @param resume where waiters go on
 * @param random from 0 to 1
 */
record SourceSetup(
        URI tokenUri,
        String clientId,
        TokenExchange exchange,
        Grant grant,
        RefreshSettings settings,
        TokenListener listener,
        SourceClock clock,
        Scheduler resume,
        DoubleSupplier random) {

    private static final Logger log = Loggers.getLogger(TokenSource.class);

    /** Tells the listener, whose failures harm nobody. */
    void hear(Consumer<TokenListener> event) {
        try {
            event.accept(listener);
        } catch (Throwable e) {
            log.warn("a TokenListener failed with {}", e.getClass().getName());
        }
    }

    @Override
    public String toString() {
        return "SourceSetup[" + TokenEndpoint.withoutQuery(tokenUri) + ", client '" + clientId + "', grant=" + grant
                + ", settings=" + settings + "]";
    }

    TokenException unavailable(String why) {
        return unavailable(why, null);
    }

    TokenException unavailable(String why, @Nullable Throwable cause) {
        return new TokenException.Unavailable(
                TokenEndpoint.withoutQuery(tokenUri) + " gave client '" + clientId + "' no token: " + why, cause);
    }
}
