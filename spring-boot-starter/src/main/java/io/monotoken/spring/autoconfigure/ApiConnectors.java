package io.monotoken.spring.autoconfigure;

import io.monotoken.TokenSource;
import java.lang.reflect.Field;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.autoconfigure.HttpClientSettingsProperties;
import org.springframework.boot.http.client.autoconfigure.HttpClientSettingsPropertyMapper;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.util.ReflectionUtils;

/** Makes Spring Boot's connectors for API requests, which follow no redirects: the JDK's would carry the token anywhere. */
final class ApiConnectors {

    private final ClientHttpConnectorBuilder<?> builder;
    private final HttpClientSettings settings;
    private final @Nullable SslBundles bundles;
    private final Map<String, List<ReloadingConnector>> reloading = new ConcurrentHashMap<>(); // by client

    ApiConnectors(ClientHttpConnectorBuilder<?> builder, HttpClientSettings settings, @Nullable SslBundles bundles) {
        this.builder = builder;
        this.settings = settings;
        this.bundles = bundles;
    }

    ClientHttpConnector connector() {
        return connector(settings);
    }

    /** {@return a connector by the settings of an HTTP service group, if it has some} */
    ClientHttpConnector connector(@Nullable HttpClientSettingsProperties group) {
        return connector(new HttpClientSettingsPropertyMapper(bundles, settings).map(group));
    }

    /**
     * {@return a connector of a client that has an SSL bundle for its API, by the settings of an HTTP service group, if it has
     * some} When the bundle of token requests is reloaded, often the same, the token is given up after all else has followed: it
     * may be bound to the old certificate.
     *
     * @param bundle the bundle's name
     * @param tokens the client's, made before, so that token requests follow the bundle first
     */
    ClientHttpConnector connector(
            ConfiguredClient client, String bundle, TokenSource tokens, @Nullable HttpClientSettingsProperties group) {
        HttpClientSettings shared = new HttpClientSettingsPropertyMapper(bundles, settings).map(group);
        ClientBundles named = new ClientBundles(bundles);
        ReloadingConnector connector = new ReloadingConnector(
                named.bundle(client.property("api.ssl.bundle"), bundle),
                (current, connections) -> counted(connections)
                        .build(shared.withSslBundle(current).withRedirects(HttpRedirects.DONT_FOLLOW)));
        reloading
                .computeIfAbsent(client.name(), first -> {
                    named.onReload(bundle, current -> reload(client.name(), current));
                    String ofTokens = client.sslBundle();
                    if (ofTokens != null && !ofTokens.isBlank()) {
                        named.onReload(ofTokens, current -> giveUp(tokens));
                    }
                    return new CopyOnWriteArrayList<>();
                })
                .add(connector);
        return connector;
    }

    private void reload(String client, SslBundle bundle) {
        reloading.getOrDefault(client, List.of()).forEach(connector -> connector.reload(bundle));
    }

    /** Gives up the token that there is, or that is on its way. */
    private static void giveUp(TokenSource tokens) {
        switch (tokens.state().phase()) {
            case FRESH, STALE, WAITING ->
                tokens.token().subscribe(tokens::invalidate, failure -> {}); // which whoever asks for the token is told
            case IDLE, FAILING, GUARDED, CLOSED -> {}
        }
    }

    /** Other HTTP clients than Reactor Netty close what they do not use by themselves, after a while. */
    private ClientHttpConnectorBuilder<?> counted(CountedConnections connections) {
        return builder instanceof ReactorClientHttpConnectorBuilder reactor
                ? reactor.withHttpClientCustomizer(connections::of)
                : builder;
    }

    /** {@return whether a connector is known to send a redirected request on with all its headers, wherever that leads} */
    static boolean takesTheTokenAlong(Object connector) {
        Field field = connector instanceof JdkClientHttpConnector
                ? ReflectionUtils.findField(JdkClientHttpConnector.class, "httpClient", HttpClient.class)
                : null;
        if (field == null) {
            return false;
        }
        ReflectionUtils.makeAccessible(field);
        return ReflectionUtils.getField(field, connector) instanceof HttpClient client
                && client.followRedirects() != HttpClient.Redirect.NEVER;
    }

    private ClientHttpConnector connector(HttpClientSettings settings) {
        return builder.build(settings.withRedirects(HttpRedirects.DONT_FOLLOW));
    }
}
