package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.RefreshSettings;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.spring.Markdown;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.http.client.HttpClientSettings;

/** A default stands in the core, in an annotation and in the documentation; it is the same everywhere. */
class DefaultsTests {

    private static MonotokenProperties.Client client() {
        MapConfigurationPropertySource source =
                new MapConfigurationPropertySource(Map.of("monotoken.clients.comply-one.provider", "stems-accounts"));
        MonotokenProperties properties =
                new Binder(source).bind("monotoken", MonotokenProperties.class).get();
        return Objects.requireNonNull(properties.clients().get("comply-one"));
    }

    @Test
    void ofRenewalAreThoseOfTheCore() {
        MonotokenProperties.Refresh refresh = client().refresh();

        assertThat(refresh.timeout()).isEqualTo(RefreshSettings.defaults().timeout());
        assertThat(refresh.defaultLifetime())
                .isEqualTo(RefreshSettings.defaults().defaultLifetime());
        assertThat(refresh.ahead()).isEqualTo(RefreshSettings.defaults().ahead().orElse(null));
        assertThat(refresh.parameters()).isEqualTo(RefreshSettings.defaults().parameters());
    }

    @Test
    void ofAnExchangeAreThoseOfTheCore() {
        TokenClientHttp http = new TokenClientHttp(HttpClientSettings.defaults(), null);

        assertThat(TokenEndpoint.builder(URI.create("https://idp.example/token"))
                        .clientAuthentication(ClientAuthentication.none("id"))
                        .build())
                .asString()
                .contains("timeout=" + http.timeout());
        assertThat(http.connectTimeout()).hasSeconds(TokenEndpoint.DEFAULT_CONNECT_TIMEOUT_SECONDS);
        assertThat(client().timeout()).isNull();
        assertThat(client().connectTimeout()).isNull();
    }

    @Test
    void ofAnExchangeAreWhatTheReadmeSays() {
        assertThat(documented("timeout")).hasSeconds(TokenEndpoint.DEFAULT_TIMEOUT_SECONDS);
        assertThat(documented("connect-timeout")).hasSeconds(TokenEndpoint.DEFAULT_CONNECT_TIMEOUT_SECONDS);
    }

    private static Duration documented(String property) {
        return Markdown.page("README.md").table("| property | type | what it sets | default |").stream()
                .filter(row -> row.get(0).equals("`" + property + "`"))
                .map(row -> row.get(3).replaceFirst(".*else `(.*)`", "$1"))
                .map(DurationStyle::detectAndParse)
                .findFirst()
                .orElseThrow();
    }
}
