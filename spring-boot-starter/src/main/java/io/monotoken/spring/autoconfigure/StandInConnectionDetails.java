package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Connects every client to the stand-ins of a test, as the client and the user that they know. Nothing that the application
 * itself knows of a client's identity is used, so that a test cannot send a real secret to a real provider.
 */
final class StandInConnectionDetails implements MonotokenConnectionDetails {

    private static final Logger log = Loggers.getLogger(StandInConnectionDetails.class);

    private final StandInTokenServer server;
    private final @Nullable StandInApi api;
    private final List<MonotokenConnectionDetails> others;

    private StandInConnectionDetails(
            StandInTokenServer server, @Nullable StandInApi api, List<MonotokenConnectionDetails> others) {
        this.server = server;
        this.api = api;
        this.others = others;
    }

    /** {@return the stand-ins, or the application's own details where there is no stand-in} */
    static Connections insteadOf(
            List<MonotokenConnectionDetails> details,
            ObjectProvider<StandInTokenServer> servers,
            ObjectProvider<StandInApi> apis) {
        StandInApi api = only(apis, StandInApi.class);
        StandInTokenServer own = only(servers, StandInTokenServer.class);
        StandInTokenServer server = own == null && api != null ? api.tokenServer() : own;
        if (server == null) {
            return Connections.of(details);
        }
        if (!details.isEmpty()) {
            log.info(
                    "Tokens come from the stand-in at {}; of the application's connection details {} no credentials are"
                            + " used",
                    server.tokenUri(),
                    details.stream().map(detail -> detail.getClass().getName()).toList());
        }
        return new Connections(
                List.of(new StandInConnectionDetails(server, api, List.copyOf(details))), true, api != null);
    }

    private static <T> @Nullable T only(ObjectProvider<T> beans, Class<T> type) {
        T only = beans.getIfUnique();
        if (only == null && beans.stream().findAny().isPresent()) {
            throw new InvalidClientException(new Problem(
                    "there are several beans of type " + type.getSimpleName()
                            + ", and one of them has to serve all clients",
                    "Declare one, or mark one @Primary. For clients that are connected to several, start the stand-ins"
                            + " outside of the context and declare a MonotokenConnectionDetails bean"));
        }
        return only;
    }

    @Override
    public URI tokenUri(String client) {
        return server.tokenUri();
    }

    /** Without a stand-in for the API, a test may have another one, which the application's details may know. */
    @Override
    public @Nullable URI baseUrl(String client) {
        return api != null
                ? api.baseUrl()
                : others.stream()
                        .map(other -> other.baseUrl(client))
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
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

    @Override
    public String refreshToken(String client) {
        return server.refreshToken();
    }
}
