package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** Nothing that holds a secret prints it. */
class RedactionTests {

    private static final String SECRET = "s3cr3t-v4lue";

    static List<Object> holders() {
        Token token = new Token(
                SECRET, Set.of("email"), Instant.EPOCH, Instant.EPOCH.plusSeconds(60), Map.of("id_token", SECRET));
        TokenResponse response = TokenResponse.builder(SECRET)
                .expiresIn(Duration.ofSeconds(60))
                .refreshToken(SECRET)
                .attributes(Map.of("id_token", SECRET))
                .build();
        TokenRequest request = TokenRequest.of("password").with("password", SECRET);
        Lifetime life = new Lifetime(1, 2, 3, 4);
        RefreshToken refreshToken = new RefreshToken(SECRET, Set.of(), false, 1);
        HeldToken held = new HeldToken(token, life, Disposables.disposed());
        TokenEndpoint endpoint = TokenEndpoint.builder(URI.create("https://idp.example/token?api_key=" + SECRET))
                .clientAuthentication(ClientAuthentication.clientSecretBasic("client", SECRET))
                .build();
        SourceFixture fixture = new SourceFixture();
        fixture.endpoint.answerWith(new TokenAnswer.Issued(response));
        fixture.obtain();
        return List.of(
                token,
                response,
                request,
                refreshToken,
                held,
                Mono.just(token),
                new Credentials("ann", SECRET),
                new PasswordGrant("ann", SECRET, List.of()),
                new ClientCredentialsGrant(List.of(), Map.of("assertion", List.of(SECRET))),
                new RefreshTokenGrant(SECRET),
                new TokenAnswer.Issued(response),
                new Outcome.Obtained(response, 1, Set.of(), refreshToken, true, 0),
                State.initial(0).withInvalidated(held),
                LoginPermit.of(URI.create("https://idp.example"), "client", request, LockOutSettings.defaults()),
                fixture.setup(),
                fixture.source(),
                fixture.source().state(),
                TokenSource.fixed(token),
                TokenSource.builder(endpoint, new PasswordGrant("ann", SECRET, List.of()))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("holders")
    void showsNoSecret(Object holder) {
        assertThat(holder.toString()).doesNotContain(SECRET);
    }
}
