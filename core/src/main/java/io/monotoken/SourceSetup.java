package io.monotoken;

import java.net.URI;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.Logger;
import reactor.util.Loggers;
import reactor.util.context.Context;

/**
 * What a source was built from, called in ways in which a part that throws harms nobody.
 *
 * @param refreshTokenStore keeps each new refresh token; null when nobody does
 * @param listeners null when there are none
 * @param resume runs callers that had to wait
 * @param random from 0 to 1
 */
record SourceSetup(
        TokenTransport transport,
        Grant grant,
        RefreshSettings settings,
        LockOutSettings lockOut,
        @Nullable RefreshTokenStore refreshTokenStore,
        @Nullable Listeners listeners,
        SourceClock clock,
        Scheduler resume,
        DoubleSupplier random) {

    /** The logger of all that a source is made of, by name, since no part of it needs the type. */
    static final Logger log = Loggers.getLogger("io.monotoken.TokenSource");

    URI tokenUri() {
        return transport.uri();
    }

    LoginPermit permit(TokenRequest request) {
        return LoginPermit.of(tokenUri(), transport.clientId(), request, lockOut);
    }

    /** Asks the grant for a request; fails with a TimeoutException when that takes too long. */
    Mono<TokenRequest> askGrant() {
        return caught(grant::request).timeout(settings.credentialsTimeout(), clock.timer());
    }

    /** Turns every Throwable into a signal: operators let linkage errors pass, and then callers would wait for ever. */
    static <T> Mono<T> caught(Supplier<Mono<T>> asked) {
        return Mono.create(sink -> {
            try {
                sink.onDispose(asked.get()
                        .subscribe(sink::success, sink::error, sink::success, Context.of(sink.contextView())));
            } catch (Throwable e) {
                sink.error(e);
            }
        });
    }

    void notifyListeners(Consumer<TokenListener> event) {
        if (listeners != null) {
            listeners.tell(event);
        }
    }

    TokenException unavailable(String why) {
        return unavailable(why, null);
    }

    TokenException unavailable(String why, @Nullable Throwable cause) {
        return new TokenException.Unavailable(noToken(why), cause);
    }

    /** {@return the message of a failure that is not the server's} */
    String noToken(String why) {
        String client = transport.clientId().isEmpty() ? "" : " client '" + transport.clientId() + "'";
        return transport.name() + " gave" + client + " no token: " + why;
    }

    /** {@return what a log line may say of the source} */
    String shown() {
        return transport.name() + (transport.clientId().isEmpty() ? "" : ", client '" + transport.clientId() + "'");
    }

    @Override
    public String toString() {
        return "SourceSetup[" + shown() + ", grant=" + grant + ", settings=" + settings + "]";
    }
}
