package io.monotoken;

import java.net.URI;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * What a source was built from.
 *
 * @param refreshTokenStore keeps each new refresh token; null when nobody does
 * @param resume where waiters go on
 * @param random from 0 to 1
 */
record SourceSetup(
        TokenExchange exchange,
        Grant grant,
        RefreshSettings settings,
        @Nullable Function<String, Mono<Void>> refreshTokenStore,
        List<TokenListener> listeners,
        SourceClock clock,
        Scheduler resume,
        DoubleSupplier random) {

    private static final Logger log = Loggers.getLogger(TokenSource.class);

    URI tokenUri() {
        return exchange.uri();
    }

    String clientId() {
        return exchange.clientId();
    }

    /** Tells the listeners, whose failures harm nobody. */
    void hear(Consumer<TokenListener> event) {
        for (int i = 0; i < listeners.size(); i++) { // no iterator: a reader of a fresh token comes by here
            try {
                event.accept(listeners.get(i));
            } catch (Throwable e) {
                log.warn("a TokenListener failed with {}", e.getClass().getName());
            }
        }
    }

    @Override
    public String toString() {
        return "SourceSetup[" + TokenEndpoint.withoutQuery(tokenUri()) + ", client '" + clientId() + "', grant=" + grant
                + ", settings=" + settings + "]";
    }

    TokenException unavailable(String why) {
        return unavailable(why, null);
    }

    TokenException unavailable(String why, @Nullable Throwable cause) {
        return new TokenException.Unavailable(
                TokenEndpoint.withoutQuery(tokenUri()) + " gave client '" + clientId() + "' no token: " + why, cause);
    }
}
