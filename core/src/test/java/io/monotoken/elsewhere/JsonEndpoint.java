package io.monotoken.elsewhere;

import io.monotoken.TokenAnswer;
import io.monotoken.TokenAnswer.Delivery;
import io.monotoken.TokenRequest;
import io.monotoken.TokenResponse;
import io.monotoken.TokenTransport;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An endpoint that wants the fields as a JSON object instead of a form. */
public record JsonEndpoint(HttpClient http, URI uri, String clientId, String clientSecret) implements TokenTransport {

    private static final JsonMapper JSON = JsonMapper.shared();

    @Override
    public Mono<TokenAnswer> send(TokenRequest request) {
        return Mono.defer(() -> {
            AtomicBoolean written = new AtomicBoolean();
            return http.disableRetry(true)
                    .followRedirect(false)
                    .doOnRequest((sent, connection) -> written.set(true))
                    .headers(headers -> headers.set("Content-Type", "application/json"))
                    .post()
                    .uri(uri)
                    .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(
                            JSON.writeValueAsString(json(request)).getBytes(StandardCharsets.UTF_8))))
                    .responseSingle((response, body) -> body.asString()
                            .defaultIfEmpty("")
                            .map(text -> answer(response.status().code(), text)))
                    .timeout(Duration.ofSeconds(5))
                    .onErrorResume(error -> Mono.just(TokenAnswer.unavailable(
                                    written.get() ? Delivery.UNANSWERED : Delivery.NOT_SENT,
                                    name() + " gave no answer; is it running?")
                            .withCause(error)));
        });
    }

    private Map<String, String> json(TokenRequest request) {
        Map<String, String> json = new LinkedHashMap<>();
        request.fields().forEach(field -> json.put(field.getKey(), field.getValue()));
        json.put("client_id", clientId);
        json.put("client_secret", clientSecret);
        return json;
    }

    private TokenAnswer answer(int status, String text) {
        JsonNode members = JSON.readTree(text);
        if (members.has("error")) {
            return TokenAnswer.rejected(name() + " refused client '" + clientId + "'")
                    .withStatus(status)
                    .withError(members.path("error").asString());
        }
        return new TokenAnswer.Issued(
                TokenResponse.builder(members.path("access_token").asString())
                        .expiresIn(Duration.ofSeconds(members.path("expires_in").asLong()))
                        .refreshToken(members.path("refresh_token").asString(null))
                        .build());
    }

    @Override
    public String toString() {
        return "JsonEndpoint[" + name() + "]";
    }
}
