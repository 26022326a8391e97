package io.monotoken.spring.actuate;

import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.spring.MonotokenClients;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import reactor.core.publisher.Mono;

/** Actuator endpoint that shows what clients' token sources know, without secrets, and acts on them. */
@Endpoint(id = "monotoken")
public final class MonotokenEndpoint {

    private final MonotokenClients clients;

    MonotokenEndpoint(MonotokenClients clients) {
        this.clients = clients;
    }

    /** What an operator may do. */
    public enum Action {
        /** Has the current token renewed, as if an API had rejected it. */
        INVALIDATE,
        /** Ends every pause after failures and opens the credential guard. */
        RESET
    }

    /**
     * The states of all clients.
     *
     * @param clients states by the client's name
     */
    public record Clients(Map<String, TokenSourceState> clients) {}

    /**
     * What became of an action.
     *
     * @param done whether there was a token to invalidate and the time for it had come; always after a reset
     * @param state the state afterwards
     */
    public record Outcome(boolean done, TokenSourceState state) {}

    /** {@return the states of all clients} */
    @ReadOperation
    public Clients clients() {
        Map<String, TokenSourceState> states = new TreeMap<>();
        clients.names()
                .forEach(name -> states.put(name, clients.tokenSource(name).state()));
        return new Clients(states);
    }

    /**
     * Returns the state of one client.
     *
     * @param client the client's name
     * @return the state; null, which is status 404, when there is no such client
     */
    @ReadOperation
    public @Nullable TokenSourceState client(@Selector String client) {
        return clients.names().contains(client) ? clients.tokenSource(client).state() : null;
    }

    /**
     * Acts on one client.
     *
     * @param client the client's name
     * @param action what to do
     * @return what became of it; no request is waited for
     */
    @WriteOperation
    public Mono<Outcome> act(@Selector String client, Action action) {
        if (!clients.names().contains(client)) {
            throw new InvalidEndpointRequestException(
                    "no client '" + client + "'; known are " + clients.names(),
                    "no such client; known are " + clients.names());
        }
        TokenSource tokens = clients.tokenSource(client);
        if (action == Action.RESET) {
            tokens.reset();
            return Mono.just(new Outcome(true, tokens.state()));
        }
        if (tokens.state().expiresAt() == null) {
            return Mono.just(new Outcome(false, tokens.state()));
        }
        return tokens.token().map(tokens::invalidate).map(done -> new Outcome(done, tokens.state()));
    }
}
