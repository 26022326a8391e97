package io.monotoken.spring.actuate;

import io.monotoken.spring.actuate.MonotokenEndpoint.Action;
import io.monotoken.spring.actuate.MonotokenEndpoint.Outcome;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/** Answers 404 over HTTP when someone acts on an unknown client; without it, a write without a result would be a success. */
@EndpointWebExtension(endpoint = MonotokenEndpoint.class)
final class MonotokenWebExtension {

    private final MonotokenEndpoint endpoint;

    MonotokenWebExtension(MonotokenEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    @WriteOperation
    public WebEndpointResponse<Outcome> act(@Selector String client, Action action) {
        Outcome outcome = endpoint.act(client, action);
        return outcome == null
                ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND)
                : new WebEndpointResponse<>(outcome);
    }
}
