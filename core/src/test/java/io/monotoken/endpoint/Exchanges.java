package io.monotoken.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenAnswer;
import io.monotoken.TokenRequest;
import io.monotoken.TokenResponse;
import java.net.URI;
import java.time.Duration;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import reactor.test.StepVerifier;

/** One request to a real server and its answer, always bounded. */
public final class Exchanges {

    public static final Duration BOUND = Duration.ofSeconds(10);

    public static final TokenRequest LOGIN = TokenRequest.of("password")
            .with("username", "john.smith@contoso.com")
            .with("password", "P4ssw0rd")
            .with("scope", "email resources_stems_api");

    public static final TokenRequest REFRESH =
            TokenRequest.of("refresh_token").with("refresh_token", "a497b7a990bbff512fe90efd395d09fa");

    public static final TokenRequest CLIENT = TokenRequest.of("client_credentials");

    public static final String TOKEN = "{\"access_token\":\"ad8e51c5a981bb821cfd77cc52154ad0\"}";

    private Exchanges() {}

    public static URI uri(MockWebServer server) {
        return server.url("/token").uri();
    }

    public static TokenEndpoint endpoint(URI uri) {
        return endpointAt(uri).build();
    }

    public static TokenEndpoint.Builder endpointAt(URI uri) {
        return TokenEndpoint.builder(uri)
                .clientAuthentication(ClientAuthentication.clientSecretPost("your_client_id", "your_client_secret"));
    }

    public static TokenAnswer answer(TokenEndpoint endpoint, TokenRequest request) {
        TokenAnswer[] answer = new TokenAnswer[1];
        endpoint.send(request)
                .as(StepVerifier::create)
                .consumeNextWith(next -> answer[0] = next)
                .expectComplete()
                .verify(BOUND);
        return answer[0];
    }

    public static TokenAnswer answer(MockWebServer server, TokenRequest request, MockResponse response) {
        server.enqueue(response);
        return answer(endpoint(uri(server)), request);
    }

    public static TokenResponse issued(TokenAnswer answer) {
        if (answer instanceof TokenAnswer.Failed failed) {
            throw new AssertionError("no token was issued", failed.exception());
        }
        return ((TokenAnswer.Issued) answer).response();
    }

    public static TokenAnswer.Failed failed(TokenAnswer answer) {
        assertThat(answer).isInstanceOf(TokenAnswer.Failed.class);
        return (TokenAnswer.Failed) answer;
    }

    public static MockResponse json(String body) {
        return json(200, body);
    }

    public static MockResponse json(int status, String body) {
        return response(status, "application/json", body);
    }

    public static MockResponse response(int status, String contentType, String body) {
        return new MockResponse.Builder()
                .code(status)
                .addHeaderLenient("Content-Type", contentType)
                .body(body)
                .build();
    }
}
