package io.monotoken.spring.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Proxy;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.ReactorHttpClientBuilder;
import org.springframework.boot.ssl.SslBundles;
import reactor.netty.http.client.HttpClient;
import reactor.netty.transport.ProxyProvider;

/** How token requests travel: by {@code spring.http.clients} where a client has no property of its own. */
final class TokenClientHttp {

    private final HttpClientSettings settings;
    private final ClientBundles bundles;
    private volatile @Nullable ReloadingSslContext followed;

    TokenClientHttp(HttpClientSettings settings, @Nullable SslBundles bundles) {
        this.settings = settings;
        this.bundles = new ClientBundles(bundles);
    }

    ClientBundles bundles() {
        return bundles;
    }

    /** {@return how long connecting may take for a client that does not say} */
    Duration connectTimeout() {
        return requireNonNullElse(
                settings.connectTimeout(), Duration.ofSeconds(TokenEndpoint.DEFAULT_CONNECT_TIMEOUT_SECONDS));
    }

    /** {@return how long an exchange may take for a client that does not say} */
    Duration timeout() {
        return requireNonNullElse(settings.readTimeout(), Duration.ofSeconds(TokenEndpoint.DEFAULT_TIMEOUT_SECONDS));
    }

    UnaryOperator<HttpClient> customizer(ConfiguredClient client) {
        String name = client.name();
        String bundle = client.sslBundle();
        ReloadingSslContext tls = bundle == null ? null : tls(name, bundle);
        followed = tls;
        Proxy proxy = client.proxy();
        String proxyHost = proxy == null ? null : proxyHost(name, proxy);
        // time-outs are the endpoint's own; a password is never redirected; a token request has no cookies
        HttpClientSettings shared = CookieHandling.removedFrom(settings)
                .withTimeouts(null, null)
                .withRedirects(HttpRedirects.DONT_FOLLOW)
                .withSslBundle(tls == null ? settings.sslBundle() : null);
        return prepared -> {
            HttpClient http = new ReactorHttpClientBuilder()
                    .withHttpClientFactory(() -> prepared)
                    .build(shared);
            if (proxy != null && proxyHost != null) {
                http = http.proxy(spec -> describe(spec, proxyHost, proxy));
            }
            return tls == null ? http : http.secure(spec -> spec.sslContext(tls));
        };
    }

    /** {@return another object after each reload of the client's bundle} */
    Object version() {
        ReloadingSslContext tls = followed;
        return tls == null ? "" : tls.version();
    }

    private ReloadingSslContext tls(String name, String bundle) {
        ReloadingSslContext tls =
                new ReloadingSslContext(bundles.bundle(ClientNames.PREFIX + name + ".ssl.bundle", bundle));
        bundles.onReload(bundle, tls::reload);
        return tls;
    }

    private static String proxyHost(String name, Proxy proxy) {
        String property = ClientNames.PREFIX + name + ".proxy.host";
        if (proxy.host() == null || proxy.host().isBlank()) {
            throw new InvalidClientException(
                    new Problem(property + " is missing", "Set " + property + " or remove what is below proxy"));
        }
        if (proxy.host().matches(".*[/:@].*") && !proxy.host().matches("[\\[\\]\\p{XDigit}:]+")) {
            throw new InvalidClientException(new Problem(
                    property + " is no host name",
                    "Write the host's name alone, such as proxy.example.com, and the port at " + ClientNames.PREFIX
                            + name + ".proxy.port"));
        }
        return proxy.host();
    }

    private static void describe(ProxyProvider.TypeSpec spec, String host, Proxy proxy) {
        ProxyProvider.Builder builder =
                spec.type(ProxyProvider.Proxy.HTTP).host(host).port(proxy.port());
        String password = proxy.password();
        if (proxy.username() != null && password != null) {
            builder.username(proxy.username()).password(user -> password);
        }
    }
}
