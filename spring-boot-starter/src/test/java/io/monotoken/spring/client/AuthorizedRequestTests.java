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

    private static MockClientHttpRequest written(ClientRequest request) {
        MockClientHttpRequest http = new MockClientHttpRequest(HttpMethod.POST, API);
        request.writeTo(http, ExchangeStrategies.withDefaults()).block(Duration.ofSeconds(5));
        return http;
    }

    @Test
    void writesOneAuthorizationAndAllElse() {
        MockClientHttpRequest http = written(authorized);

        assertThat(http.getHeaders().get(HttpHeaders.AUTHORIZATION)).containsExactly("Bearer token");
        assertThat(http.getHeaders().getFirst("X-Trace")).isEqualTo("1");
        assertThat(http.getHeaders().getFirst("X-Native")).isEqualTo("3");
        assertThat(http.getCookies().getFirst("session")).hasToString("session=2");
        assertThat(http.getAttributes()).containsEntry("name", "value");
        assertThat(http.getBodyAsString().block(Duration.ofSeconds(5))).isEqualTo("body");
    }

    @Test
    void showsNoAuthorization() {
        ClientRequest bare = ClientRequest.create(HttpMethod.POST, API)
                .header("X-Trace", "1")
                .build();

        assertThat(authorized.headers().headerNames()).containsExactly("X-Trace");
        assertThat(new AuthorizedRequest(bare, "Bearer token").headers().headerNames())
                .containsExactly("X-Trace");
    }

    @Test
    void isCopiedWithItsAuthorization() {
        ClientRequest copy =
                ClientRequest.from(authorized).header("X-More", "4").build();

        MockClientHttpRequest http = written(copy);
        assertThat(http.getHeaders().get(HttpHeaders.AUTHORIZATION)).containsExactly("Bearer token");
        assertThat(http.getHeaders().getFirst("X-Native")).isEqualTo("3");
        assertThat(http.getHeaders().getFirst("X-More")).isEqualTo("4");
        assertThat(copy.headers().containsHeader(HttpHeaders.AUTHORIZATION)).isFalse();
        assertThat(copy.headers().getFirst("X-Trace")).isEqualTo("1");
        assertThat(copy.cookies()).isEqualTo(original.cookies());
        assertThat(copy.attributes()).containsEntry("name", "value");
        assertThat(copy.method()).isEqualTo(HttpMethod.POST);
        assertThat(copy.url()).isEqualTo(API);
        assertThat(http.getBodyAsString().block(Duration.ofSeconds(5))).isEqualTo("body");
        assertThat(authorized.logPrefix()).isEqualTo(original.logPrefix());
    }

    @Test
    void isMadeAnewWithItsAuthorizationFromHeadersAndBody() {
        ClientRequest anew = ClientRequest.create(HttpMethod.POST, API)
                .headers(headers -> headers.addAll(authorized.headers()))
                .body(authorized.body())
                .build();

        MockClientHttpRequest http = written(anew);

        assertThat(http.getHeaders().get(HttpHeaders.AUTHORIZATION)).containsExactly("Bearer token");
        assertThat(http.getBodyAsString().block(Duration.ofSeconds(5))).isEqualTo("body");
    }

    @Test
    void isCopiedWithItsAuthorizationAndAnotherBody() {
        ClientRequest copy = ClientRequest.from(authorized)
                .body(BodyInserters.fromValue("signed"))
                .build();

        MockClientHttpRequest http = written(copy);

        assertThat(http.getHeaders().get(HttpHeaders.AUTHORIZATION)).containsExactly("Bearer token");
        assertThat(http.getBodyAsString().block(Duration.ofSeconds(5))).isEqualTo("signed");
    }
}
