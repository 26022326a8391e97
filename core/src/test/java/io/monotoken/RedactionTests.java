package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
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
        TokenResponse response = new TokenResponse(SECRET, 60.0, null, SECRET, null, Map.of("id_token", SECRET));
        TokenRequest request = TokenRequest.of("password").with("password", SECRET);
        Lifetime life = new Lifetime(1, 2, 3);
        RefreshToken refreshToken = new RefreshToken(SECRET, Set.of(), 1);
        HeldToken held = new HeldToken(token, life, Disposables.disposed());
        TokenEndpoint endpoint = TokenEndpoint.builder(URI.create("https://idp.example/token?api_key=" + SECRET))
                .clientAuthentication(ClientAuthentication.basic("client", SECRET))
                .build();
        SourceFixture fixture = new SourceFixture();
        fixture.endpoint.answerWith(new Answer.Issued(response, 0));
        fixture.now();
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
                ClientAuthentication.post("client", SECRET),
                ClientAuthentication.basic("client", SECRET),
                ClientAuthentication.basicRaw("client", SECRET),
                new RefreshTokenGrant(SECRET),
                endpoint,
                new Answer.Issued(response, 1),
                new Landing.Arrived(response, 1, Set.of(), refreshToken, true, 0),
                State.initial(0).withHeld(held),
                CredentialGuard.of(URI.create("https://idp.example"), request),
                new ResponseReader.Body.Success(response, ResponseReader.Life.READ),
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
