package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSource;
import io.monotoken.testing.StandInTokenServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.http.HttpHeaders;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClient.RequestHeadersSpec;
import org.springframework.web.reactive.function.client.WebClient.RequestHeadersUriSpec;
import org.springframework.web.util.UriBuilder;

/** Addresses of clients, from the property to the request line. */
class AddressTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    @StartStop
    private final MockWebServer api = new MockWebServer();

    private final StandIns standIns = new StandIns();

    @AfterEach
    void stop() {
        standIns.close();
    }

    private ApplicationContextRunner withBaseUrl(String baseUrl) {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(standIns.client("comply-one"))
                .withPropertyValues("monotoken.clients.comply-one.base-url=" + baseUrl);
    }

    private String target(String path, UriOf uri) throws Exception {
        api.enqueue(new MockResponse.Builder().build());
        withBaseUrl("http://127.0.0.1:" + api.getPort() + path)
                .run(context -> uri.of(context.getBean(WebClient.class).get())
                        .retrieve()
                        .toBodilessEntity()
                        .block(FIVE_SECONDS));
        var request = Objects.requireNonNull(api.takeRequest(5, TimeUnit.SECONDS));
        assertThat(request.getHeaders().get(HttpHeaders.AUTHORIZATION)).startsWith("Bearer ");
        return request.getTarget();
    }

    @FunctionalInterface
    private interface UriOf {
        RequestHeadersSpec<?> of(RequestHeadersUriSpec<?> request);
    }

    @ParameterizedTest
    @CsvSource({
        "/a%2Fb, /a%2Fb/me",
        "/a%2fb, /a%2fb/me",
        "/a%20b/, /a%20b/me",
        "/a b, /a%20b/me",
        "/caf%C3%A9, /caf%C3%A9/me",
        "/café, /caf%C3%A9/me",
        "/100%25, /100%25/me",
        "/%7Bid%7D, /%7Bid%7D/me",
        "/{id}, /%7Bid%7D/me",
        "/a%3Fb%23c, /a%3Fb%23c/me",
        "/50%, /50%25/me",
        "/v3, /v3/me"
    })
    void ofAnApiIsSentAsItIsWritten(String path, String target) throws Exception {
        assertThat(target(path, request -> request.uri("/me"))).isEqualTo(target);
    }

    @Test
    void ofAnApiLeavesTemplatesToSpring() throws Exception {
        assertThat(target("/a%2Fb", request -> request.uri("/x y/{id}?q={q}", "5/6", "a b&c")))
                .isEqualTo("/a%2Fb/x%20y/5%2F6?q=a%20b%26c");
        assertThat(target("/a%2Fb", request -> request.uri("/{id}", Map.of("id", "%2F"))))
                .isEqualTo("/a%2Fb/%252F");
        assertThat(target(
                        "/a%2Fb?key=%26",
                        request -> request.uri(builder -> builder.path("/x y")
                                .pathSegment("c/d")
                                .queryParam("q", "{q}")
                                .build("é"))))
                .isEqualTo("/a%2Fb/x%20y/c%2Fd?key=%26&q=%C3%A9");
        assertThat(target("/a%2Fb", request -> request.uri(builder -> everySetter(builder, api.getPort()))))
                .isEqualTo("/other/segment?q=1&s=3&o=4&m=5");
    }

    private static URI everySetter(UriBuilder builder, int port) {
        return builder.scheme("http")
                .userInfo(null)
                .host("127.0.0.1")
                .port(String.valueOf(port))
                .port(port)
                .replacePath("/other")
                .pathSegment("segment")
                .query("dropped=1")
                .replaceQuery("q=1")
                .queryParam("r", List.of(2))
                .replaceQueryParam("r")
                .queryParam("s", 2)
                .replaceQueryParam("s", List.of(3))
                .queryParamIfPresent("o", Optional.of(4))
                .queryParams(MultiValueMap.fromSingleValue(Map.of("m", "5")))
                .fragment(null)
                .build(Map.of());
    }

    @Test
    void ofAnApiMayBeSpelledInAnyWayInRequests() throws Exception {
        api.enqueue(new MockResponse.Builder().build());

        withBaseUrl("http://localhost:" + api.getPort())
                .run(context -> context.getBean(WebClient.class)
                        .get()
                        .uri("http://LOCALHOST:{port}/me", api.getPort())
                        .retrieve()
                        .toBodilessEntity()
                        .block(FIVE_SECONDS));

        assertThat(api.getRequestCount()).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%2Fb", "a%20b", "%7Btenant%7D"})
    void ofATokenEndpointIsSentAsItIsWritten(String part) throws Exception {
        api.enqueue(new MockResponse.Builder()
                .addHeader("Content-Type", "application/json")
                .body("{\"access_token\":\"t\",\"expires_in\":60,\"token_type\":\"Bearer\"}")
                .build());

        withBaseUrl("https://api.example.com")
                .withPropertyValues("monotoken.clients.comply-one.token-uri=http://127.0.0.1:" + api.getPort() + "/"
                        + part + "/token")
                .run(context -> context.getBean(TokenSource.class).token().block(FIVE_SECONDS));

        assertThat(Objects.requireNonNull(api.takeRequest(5, TimeUnit.SECONDS)).getTarget())
                .isEqualTo("/" + part + "/token");
    }

    @Test
    void ofATokenEndpointMayBeTheLongFormOfALoopbackAddress() {
        withTokenUri(
                "http://[0:0:0:0:0:0:0:1]:8080/token",
                failure -> assertThat(failure).isNull());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://my_idp/token | my_idp/token; a host name cannot contain an underscore",
                "https://bücher.example/token | .example/token; write its host in ASCII, which begins with xn--",
                "https://127.1/token | 127.1/token; that is no host name"
            })
    void ofATokenEndpointAreRefusedForWhatIsWrongWithThem(String tokenUri, String reason) {
        withTokenUri(
                tokenUri,
                failure -> assertThat(failure)
                        .hasRootCauseInstanceOf(InvalidClientException.class)
                        .rootCause()
                        .hasMessageContaining(reason));
    }

    @Test
    void thatCannotBeReadAreNotShown() {
        withTokenUri(
                "https://idp.example:80:80/tok[en?key=s3cret",
                failure -> assertThat(failure)
                        .rootCause()
                        .hasMessage(
                                "monotoken.clients.comply-one.token-uri is no address: Illegal character in path at position 30"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"base-url", "token-uri"})
    void thatAreEmptyAreRefused(String property) {
        withBaseUrl("https://api.example.com")
                .withPropertyValues("monotoken.clients.comply-one." + property + "=")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage("monotoken.clients.comply-one." + property + " is empty"));
    }

    @ParameterizedTest
    @CsvSource({"${NO_SUCH}, is", "https://${NO_SUCH}/token, has"})
    void thatNothingResolvesAreRefused(String tokenUri, String verb) {
        withTokenUri(
                tokenUri,
                failure -> assertThat(failure)
                        .rootCause()
                        .hasMessage("monotoken.clients.comply-one.token-uri " + verb
                                + " ${NO_SUCH}, which nothing resolves"));
    }

    private void withTokenUri(String tokenUri, Consumer<Throwable> check) {
        withBaseUrl("https://api.example.com")
                .withPropertyValues("monotoken.clients.comply-one.token-uri=" + tokenUri)
                .run(context -> check.accept(context.getStartupFailure()));
    }

    @Test
    void mayHaveBlanksAround() {
        StandInTokenServer server = standIns.server();
        assertThat(AddressProperty.read("token-uri", " " + server.tokenUri() + " "))
                .isEqualTo(server.tokenUri());
    }
}
