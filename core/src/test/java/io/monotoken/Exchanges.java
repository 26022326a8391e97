package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import reactor.test.StepVerifier;

/** One request to a real server and its answer, always bounded. */
final class Exchanges {

    static final Duration BOUND = Duration.ofSeconds(10);

    static final TokenRequest LOGIN = TokenRequest.of("password")
            .with("username", "john.smith@contoso.com")
            .with("password", "P4ssw0rd")
            .with("scope", "email resources_stems_api");

    static final TokenRequest REFRESH =
            TokenRequest.of("refresh_token").with("refresh_token", "a497b7a990bbff512fe90efd395d09fa");

    static final TokenRequest CLIENT = TokenRequest.of("client_credentials");

    static final String TOKEN = "{\"access_token\":\"ad8e51c5a981bb821cfd77cc52154ad0\"}";

    private Exchanges() {}

    static URI uri(MockWebServer server) {
        return server.url("/token").uri();
    }

    static TokenEndpoint endpoint(URI uri) {
        return endpointAt(uri).build();
    }

    static TokenEndpoint.Builder endpointAt(URI uri) {
        return TokenEndpoint.builder(uri)
                .clientAuthentication(ClientAuthentication.post("your_client_id", "your_client_secret"));
    }

    static Answer answer(TokenEndpoint endpoint, TokenRequest request) {
        Answer[] answer = new Answer[1];
        endpoint.exchange(SourceClock.system())
                .send(request)
                .as(StepVerifier::create)
                .consumeNextWith(next -> answer[0] = next)
                .expectComplete()
                .verify(BOUND);
        return answer[0];
    }

    static Answer answer(MockWebServer server, TokenRequest request, MockResponse response) {
        server.enqueue(response);
        return answer(endpoint(uri(server)), request);
    }

    static TokenResponse issued(Answer answer) {
        if (answer instanceof Answer.Failed failed) {
            throw new AssertionError("no token was issued", failed.exception());
        }
        return ((Answer.Issued) answer).response();
    }

    static Answer.Failed failed(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Failed.class);
        return (Answer.Failed) answer;
    }

    static MockResponse json(String body) {
        return json(200, body);
    }

    static MockResponse json(int status, String body) {
        return response(status, "application/json", body);
    }

    static MockResponse response(int status, String contentType, String body) {
        return new MockResponse.Builder()
                .code(status)
                .addHeaderLenient("Content-Type", contentType)
                .body(body)
                .build();
    }
}
