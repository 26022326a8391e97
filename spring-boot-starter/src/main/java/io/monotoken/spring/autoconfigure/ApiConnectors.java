package io.monotoken.spring.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.autoconfigure.HttpClientSettingsProperties;
import org.springframework.boot.http.client.autoconfigure.HttpClientSettingsPropertyMapper;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.http.client.reactive.ClientHttpConnector;

/** Makes Spring Boot's connectors for API requests, which follow no redirects: the JDK's would carry the token anywhere. */
final class ApiConnectors {

    private final ClientHttpConnectorBuilder<?> builder;
    private final HttpClientSettings settings;
    private final @Nullable SslBundles bundles;

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

    private ClientHttpConnector connector(HttpClientSettings settings) {
        return builder.build(settings.withRedirects(HttpRedirects.DONT_FOLLOW));
    }
}
