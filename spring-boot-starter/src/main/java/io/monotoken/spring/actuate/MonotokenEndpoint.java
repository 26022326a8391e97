package io.monotoken.spring.actuate;

import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.spring.autoconfigure.MonotokenClients;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/** Actuator endpoint that shows what clients' token sources know, without secrets, and acts on them. */
@Endpoint(id = "monotoken")
public final class MonotokenEndpoint {

    private final MonotokenClients clients;

    MonotokenEndpoint(MonotokenClients clients) {
        this.clients = clients;
    }

    /** What an operator may do. */
    public enum Action {
        /** Invalidates the current token, so that it is renewed as if an API had rejected it. */
        INVALIDATE,
        /** Ends every pause after failures and opens the credential guard. */
        RESET
    }

    /**
     * The states of all clients.
     *
     * @param clients states by the client's name
     */
    public record Clients(Map<String, ClientState> clients) implements OperationResponseBody {}

    /**
     * What became of an action.
     *
     * @param done whether the token is being renewed because of it; always after a reset
     * @param state the state afterwards
     */
    public record Outcome(boolean done, ClientState state) implements OperationResponseBody {}

    /**
     * What {@link TokenSourceState} says, as the body of an answer.
     *
     * @param phase what a caller would meet
     * @param expiresAt when the current token ends
     * @param renewFrom from when a read renews it
     * @param lastSuccess when the request for the last token was sent
     * @param lastFailure why the last request failed, null after a success
     * @param nextAttempt when the next request may be sent, null when at any time
     * @param waiters how many callers wait
     * @param shared what is known of the instances that share the token; null when none does
     */
    public record ClientState(
            TokenSourceState.Phase phase,
            @Nullable Instant expiresAt,
            @Nullable Instant renewFrom,
            @Nullable Instant lastSuccess,
            TokenSourceState.@Nullable Failure lastFailure,
            @Nullable Instant nextAttempt,
            int waiters,
            TokenSourceState.@Nullable Shared shared)
            implements OperationResponseBody {

        static ClientState of(TokenSource tokens) {
            TokenSourceState state = tokens.state();
            return new ClientState(
                    state.phase(),
                    state.expiresAt(),
                    state.renewFrom(),
                    state.lastSuccess(),
                    state.lastFailure(),
                    state.nextAttempt(),
                    state.waiters(),
                    state.shared());
        }
    }

    /** {@return the states of all clients} */
    @ReadOperation
    public Clients clients() {
        Map<String, ClientState> states = new TreeMap<>();
        clients.names().forEach(name -> states.put(name, ClientState.of(clients.tokenSource(name))));
        return new Clients(states);
    }

    /**
     * Returns the state of one client.
     *
     * @param client the client's name
     * @return the state; null, which is status 404, when there is no such client
     */
    @ReadOperation
    public @Nullable ClientState client(@Selector String client) {
        return isKnown(client) ? ClientState.of(clients.tokenSource(client)) : null;
    }

    /**
     * Acts on one client.
     *
     * @param client the client's name
     * @param action what to do
     * @return what became of it, no request is waited for; null when there is no such client
     */
    @WriteOperation
    public @Nullable Outcome act(@Selector String client, Action action) {
        if (!isKnown(client)) {
            return null;
        }
        TokenSource tokens = clients.tokenSource(client);
        boolean done = switch (action) {
            case RESET -> {
                tokens.reset();
                yield true;
            }
            case INVALIDATE -> invalidate(tokens);
        };
        return new Outcome(done, ClientState.of(tokens));
    }

    /** Invalidates only a token that is there: a source without one would send a request, or the operator would wait. */
    private static boolean invalidate(TokenSource tokens) {
        return switch (tokens.state().phase()) {
            case FRESH, STALE ->
                tokens.token()
                        .map(tokens::invalidate)
                        .onErrorReturn(false)
                        .toFuture()
                        .getNow(false);
            case IDLE, WAITING, FAILING, GUARDED, CLOSED -> false;
        };
    }

    private boolean isKnown(String client) {
        return clients.names().contains(client);
    }
}
