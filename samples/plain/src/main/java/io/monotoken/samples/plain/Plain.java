package io.monotoken.samples.plain;

import io.monotoken.PasswordGrant;
import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.StemsAccounts;
import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/** Calls an API with Reactor Netty and one token source, a hundred times at once. */
public final class Plain {

    private Plain() {}

    /**
     * Starts the stand-ins of a provider and an API, calls the API and ends.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        try (StandInTokenServer provider = StandInTokenServer.stemsAccounts().start();
                StandInApi api = StandInApi.complyOne(provider).start();
                TokenSource tokens = tokens(provider)) {
            List<Integer> statuses = Objects.requireNonNull(Flux.range(0, 100)
                    .flatMap(i -> call(api, tokens))
                    .collectList()
                    .block());
            System.out.println(statuses.size() + " answers, of status "
                    + statuses.stream().distinct().toList() + ", and token requests: " + provider.tokenRequests());
            provider.revokeAccessTokens();
            System.out.println("After a revocation the status is "
                    + call(api, tokens).block() + ", and token requests: " + provider.tokenRequests());
        }
    }

    static TokenSource tokens(StandInTokenServer provider) {
        TokenEndpoint endpoint = StemsAccounts.endpointAt(provider.tokenUri()) // endpoint() for the real one
                .clientAuthentication(ClientAuthentication.clientSecretPost("your_client_id", "your_client_secret"))
                .build();
        return TokenSource.builder(
                        endpoint,
                        new PasswordGrant(
                                "john.smith@contoso.com",
                                "P4ssw0rd",
                                List.of("email", "resources_stems_api", "offline_access")))
                .build();
    }

    /** {@return the status of the API's answer, to the second try where the token was rejected} */
    static Mono<Integer> call(StandInApi api, TokenSource tokens) {
        URI me = URI.create(api.baseUrl() + "/me");
        return tokens.token()
                .flatMap(token -> status(me, token)
                        .flatMap(status -> status == 401 && tokens.invalidate(token)
                                ? tokens.token().flatMap(another -> status(me, another))
                                : Mono.just(status)));
    }

    private static Mono<Integer> status(URI uri, Token token) {
        return HttpClient.create()
                .headers(headers -> headers.set("Authorization", token.authorization()))
                .get()
                .uri(uri)
                .response()
                .map(response -> response.status().code());
    }
}
