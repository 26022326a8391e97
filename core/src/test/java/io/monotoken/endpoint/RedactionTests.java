package io.monotoken.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.PasswordGrant;
import io.monotoken.TokenRequest;
import io.monotoken.TokenResponse;
import io.monotoken.TokenSource;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing of the endpoint that holds a secret prints it. */
class RedactionTests {

    private static final String SECRET = "s3cr3t-v4lue";

    static List<Object> holders() {
        TokenResponse response = TokenResponse.builder(SECRET)
                .refreshToken(SECRET)
                .attributes(Map.of("id_token", SECRET))
                .build();
        TokenEndpoint endpoint = TokenEndpoint.builder(URI.create("https://idp.example/token?api_key=" + SECRET))
                .clientAuthentication(ClientAuthentication.clientSecretBasic("client", SECRET))
                .build();
        ClientProof proof = Objects.requireNonNull(ClientAuthentication.clientSecretPost("client", SECRET)
                .proof(endpoint.uri())
                .block());
        return List.of(
                ClientAuthentication.clientSecretPost("client", SECRET),
                ClientAuthentication.clientSecretBasic("client", SECRET),
                ClientAuthentication.clientSecretBasicRaw("client", SECRET),
                proof,
                proof.writeTo(TokenRequest.of("password").with("password", SECRET)),
                endpoint,
                endpoint.name(),
                new ResponseReader.Body.Success(response, ResponseReader.Life.READ),
                TokenSource.builder(endpoint, new PasswordGrant("ann", SECRET, List.of()))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("holders")
    void showsNoSecret(Object holder) {
        assertThat(holder.toString()).doesNotContain(SECRET);
    }
}
