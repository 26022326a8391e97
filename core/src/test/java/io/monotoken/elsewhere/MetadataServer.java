package io.monotoken.elsewhere;

import io.monotoken.TokenAnswer;
import io.monotoken.TokenAnswer.Delivery;
import io.monotoken.TokenRequest;
import io.monotoken.TokenResponse;
import io.monotoken.TokenTransport;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A cloud's metadata server: a GET, answered with the instant of expiry instead of a lifetime. */
public record MetadataServer(HttpClient http, URI uri) implements TokenTransport {

    private static final JsonMapper JSON = JsonMapper.shared();

    @Override
    public Mono<TokenAnswer> send(TokenRequest request) {
        return http.headers(headers -> headers.set("Metadata", "true"))
                .get()
                .uri(uri)
                .responseSingle((response, body) -> body.asString()
                        .defaultIfEmpty("")
                        .map(text -> answer(response.status().code(), text)))
                .timeout(Duration.ofSeconds(5));
    }

    private TokenAnswer answer(int status, String text) {
        if (status != 200) {
            return TokenAnswer.unavailable(Delivery.ANSWERED, name() + " answered " + status)
                    .withStatus(status);
        }
        JsonNode members = JSON.readTree(text);
        Instant expiry = Instant.ofEpochSecond(members.path("expires_on").asLong());
        return new TokenAnswer.Issued(
                TokenResponse.builder(members.path("access_token").asString())
                        .expiresIn(Duration.between(Instant.now(), expiry))
                        .build());
    }
}
