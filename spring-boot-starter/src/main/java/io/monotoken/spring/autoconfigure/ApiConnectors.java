package io.monotoken.spring.autoconfigure;

import java.lang.reflect.Field;
import java.net.http.HttpClient;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.autoconfigure.HttpClientSettingsProperties;
import org.springframework.boot.http.client.autoconfigure.HttpClientSettingsPropertyMapper;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.util.ReflectionUtils;

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
