package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.mock.http.client.reactive.MockClientHttpRequest;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeStrategies;

/** The header on the wire and as the next filter sees it. */
class AuthorizedRequestTests {

    private static final URI API = URI.create("https://api.example.com/v3/me");

    private final ClientRequest original = ClientRequest.create(HttpMethod.POST, API)
            .header(HttpHeaders.AUTHORIZATION, "Basic former", "Basic too")
            .header("X-Trace", "1")
            .cookie("session", "2")
            .attribute("name", "value")
            .body(BodyInserters.fromValue("body"))
            .httpRequest(http -> http.getHeaders().add("X-Native", "3"))
            .build();

    private final ClientRequest authorized = new AuthorizedRequest(original, "Bearer token");

    @Test
    void writesOneAuthorizationAndAllElse() {
        MockClientHttpRequest http = new MockClientHttpRequest(HttpMethod.POST, API);

        authorized.writeTo(http, ExchangeStrategies.withDefaults()).block(Duration.ofSeconds(5));

        assertThat(http.getHeaders().get(HttpHeaders.AUTHORIZATION)).containsExactly("Bearer token");
        assertThat(http.getHeaders().getFirst("X-Trace")).isEqualTo("1");
        assertThat(http.getHeaders().getFirst("X-Native")).isEqualTo("3");
        assertThat(http.getCookies().getFirst("session")).hasToString("session=2");
        assertThat(http.getAttributes()).containsEntry("name", "value");
        assertThat(http.getBodyAsString().block(Duration.ofSeconds(5))).isEqualTo("body");
    }

    @Test
    void isCopiedWithItsAuthorization() {
        ClientRequest copy = ClientRequest.from(authorized).build();

        assertThat(copy.headers().get(HttpHeaders.AUTHORIZATION)).containsExactly("Bearer token");
        assertThat(copy.headers().getFirst("X-Trace")).isEqualTo("1");
        assertThat(copy.cookies()).isEqualTo(original.cookies());
        assertThat(copy.attributes()).containsEntry("name", "value");
        assertThat(copy.method()).isEqualTo(HttpMethod.POST);
        assertThat(copy.url()).isEqualTo(API);
        assertThat(copy.body()).isSameAs(original.body());
        assertThat(copy.httpRequest()).isSameAs(original.httpRequest());
        assertThat(authorized.logPrefix()).isEqualTo(original.logPrefix());
    }
}
