package io.monotoken.spring.autoconfigure;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Connects every client to the stand-ins of a test, as the client and the user that they know. */
final class StandInConnectionDetails implements MonotokenConnectionDetails {

    private final StandInTokenServer server;
    private final @Nullable StandInApi api;

    StandInConnectionDetails(StandInTokenServer server, @Nullable StandInApi api) {
        this.server = server;
        this.api = api;
    }

    @Override
    public URI tokenUri(String client) {
        return server.tokenUri();
    }

    @Override
    public @Nullable URI baseUrl(String client) {
        return api == null ? null : api.baseUrl();
    }

    @Override
    public String clientId(String client) {
        return server.clientId();
    }

    @Override
    public String clientSecret(String client) {
        return server.clientSecret();
    }

    @Override
    public String username(String client) {
        return server.username();
    }

    @Override
    public String password(String client) {
        return server.password();
    }
}
