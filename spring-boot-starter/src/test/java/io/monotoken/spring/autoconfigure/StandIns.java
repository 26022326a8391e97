package io.monotoken.spring.autoconfigure;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;

/** A token server and an API, as Stems Accounts and Comply One are. */
public final class StandIns implements AutoCloseable {

    public static final AutoConfigurations AUTO_CONFIGURATIONS = AutoConfigurations.of(
            SslAutoConfiguration.class,
            CodecsAutoConfiguration.class,
            HttpClientAutoConfiguration.class,
            ReactiveHttpClientAutoConfiguration.class,
            WebClientAutoConfiguration.class,
            MonotokenAutoConfiguration.class);

    private final StandInTokenServer server = StandInTokenServer.stemsAccounts().start();
    private final StandInApi api = StandInApi.complyOne(server).start();

    public StandInTokenServer server() {
        return server;
    }

    public StandInApi api() {
        return api;
    }

    /** {@return the properties of a client that is set up for both} */
    public String[] client(String name) {
        return Stream.of(
                        "provider=stems-accounts",
                        "token-uri=" + server.tokenUri(),
                        "client-id=your_client_id",
                        "client-secret=your_client_secret",
                        "username=john.smith@contoso.com",
                        "password=P4ssw0rd",
                        "scopes=email,resources_stems_api,offline_access",
                        "base-url=" + api.baseUrl())
                .map(property -> "monotoken.clients." + name + "." + property)
                .toArray(String[]::new);
    }

    @Override
    public void close() {
        api.close();
        server.close();
    }
}
