package io.monotoken;

import java.net.URI;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * What a source was built from, called in ways in which a part that throws harms nobody.
 *
 * @param keeper keeps what a flight brought, beside the source; null when nobody does
 * @param listeners null when there are none
 * @param resume runs callers that had to wait
 * @param random from 0 to 1
 */
record SourceSetup(
        TokenTransport transport,
        Grant grant,
        RefreshSettings settings,
        LockOutSettings lockOut,
        @Nullable TokenKeeper keeper,
        @Nullable Listeners listeners,
        SourceClock clock,
        Scheduler resume,
        DoubleSupplier random) {

    /** The logger of all that a source is made of, by name, since no part of it needs the type. */
    static final Logger log = Loggers.getLogger("io.monotoken.TokenSource");

    URI tokenUri() {
        return transport.uri();
    }

    /** {@return the tie to other instances; null for a source that shares its token with none} */
    @Nullable
    Fleet fleet() {
        return keeper instanceof Fleet fleet ? fleet : null;
    }

    void inFleet(Consumer<Fleet> action) {
        Fleet fleet = fleet();
        if (fleet != null) {
            action.accept(fleet);
        }
    }

    LoginPermit permit(TokenRequest request) {
        return LoginPermit.of(tokenUri(), transport.clientId(), request, lockOut);
    }

    /** {@return where a store keeps the token of such a request} */
    String recordKey(TokenRequest request) {
        Fleet fleet = fleet();
        return RecordKey.ofToken(
                tokenUri(),
                transport.clientId(),
                request,
                settings.parameters(),
                fleet == null ? null : fleet.settings().subject());
    }

    /** Asks the grant for a request; fails with a TimeoutException when that takes too long. */
    Mono<TokenRequest> askGrant() {
        return Caught.signals(grant::request).timeout(settings.credentialsTimeout(), clock.timer());
    }

    /** Forgets every refusal of an account, here and at other instances. */
    void openAccount(LoginPermit permit) {
        permit.reset();
        inFleet(fleet -> fleet.openAccount(RecordKey.ofAccount(permit.account()), lockOut));
    }

    /** As {@link #openAccount}: the grant knows whose account it is; a constant one at once, any other when it answers. */
    void openGrantsAccount() {
        askGrant()
                .filter(TokenRequest::carriesPassword)
                .doOnNext(request -> openAccount(permit(request)))
                .onErrorComplete()
                .subscribe();
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
        return shown(transport);
    }

    static String shown(TokenTransport transport) {
        return transport.name() + (transport.clientId().isEmpty() ? "" : ", client '" + transport.clientId() + "'");
    }

    @Override
    public String toString() {
        return "SourceSetup[" + shown() + ", grant=" + grant + ", settings=" + settings + "]";
    }
}
