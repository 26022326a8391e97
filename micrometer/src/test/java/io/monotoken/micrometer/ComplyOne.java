package io.monotoken.micrometer;

import io.monotoken.PasswordGrant;
import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenListener;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.StemsAccounts;
import io.monotoken.testing.StandInTokenServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import reactor.test.StepVerifier;

/** A token source as a service without Spring makes it. */
final class ComplyOne {

    static final Duration BOUND = Duration.ofSeconds(10);

    private ComplyOne() {}

    static TokenSource tokens(StandInTokenServer server, TokenListener... listeners) {
        return tokens(server.tokenUri(), server.password(), listeners);
    }

    static TokenSource tokens(URI tokenUri, String password, TokenListener... listeners) {
        TokenSource.Builder builder = TokenSource.builder(
                StemsAccounts.endpointAt(tokenUri)
                        .clientAuthentication(
                                ClientAuthentication.clientSecretPost("your_client_id", "your_client_secret"))
                        .build(),
                new PasswordGrant(
                        "john.smith@contoso.com", password, List.of("email", "resources_stems_api", "offline_access")));
        for (TokenListener listener : listeners) {
            builder.listener(listener);
        }
        return builder.build();
    }

    static Token token(TokenSource tokens) {
        return Objects.requireNonNull(tokens.token().block(BOUND));
    }

    static void fail(TokenSource tokens) {
        tokens.token()
                .as(StepVerifier::create)
                .expectError(TokenException.class)
                .verify(BOUND);
    }
}
