package io.monotoken.benchmarks;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.AccessTokenCache;
import com.azure.core.credential.TokenRequestContext;
import io.monotoken.PasswordGrant;
import io.monotoken.RefreshSettings;
import io.monotoken.Token;
import io.monotoken.TokenListener;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.ByteBufMono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A token server, and those who ask it: a token source, or the request that its peers repeat. */
final class StemsStandIn implements AutoCloseable {

    private static final String CLIENT = "your_client_id";
    private static final String SECRET = "your_client_secret";
    private static final String USER = "john.smith@contoso.com";
    private static final String PASSWORD = "P4ssw0rd";
    private static final List<String> SCOPES = List.of("email", "resources_stems_api", "offline_access");
    private static final JsonMapper JSON = new JsonMapper();

    private final StandInTokenServer server;

    StemsStandIn(Duration latency, Duration life) {
        server = StandInTokenServer.stemsAccounts()
                .latency(latency)
                .accessTokenLife(life)
                .start();
    }

    StandInTokenServer server() {
        return server;
    }

    TokenEndpoint endpoint() {
        return endpointBuilder().build();
    }

    TokenEndpoint.Builder endpointBuilder() {
        return TokenEndpoint.builder(server.tokenUri())
                .clientAuthentication(ClientAuthentication.clientSecretPost(CLIENT, SECRET));
    }

    static PasswordGrant grant(String password) {
        return new PasswordGrant(USER, password, SCOPES);
    }

    static PasswordGrant grant() {
        return grant(PASSWORD);
    }

    /** {@return a grant whose tokens come alone} */
    static PasswordGrant grantWithoutRefreshToken() {
        return new PasswordGrant(USER, PASSWORD, SCOPES.subList(0, 2));
    }

    TokenSource source() {
        return sourceBuilder().build();
    }

    TokenSource.Builder sourceBuilder() {
        return TokenSource.builder(endpoint(), grant());
    }

    TokenSource source(TokenEndpoint endpoint, RefreshSettings settings, TokenListener listener) {
        return TokenSource.builder(endpoint, grant())
                .refresh(settings)
                .listener(listener)
                .build();
    }

    /** {@return one bare token request on a new connection for each subscription} */
    Mono<Token> request() {
        return request(PASSWORD);
    }

    Mono<Token> request(String password) {
        return request(HttpClient.create(ConnectionProvider.newConnection()), password);
    }

    Mono<Token> request(HttpClient client) {
        return request(client, PASSWORD);
    }

    private Mono<Token> request(HttpClient client, String password) {
        String form = "grant_type=password&username=john.smith%40contoso.com&client_id=" + CLIENT + "&client_secret="
                + SECRET + "&scope=" + String.join("+", SCOPES) + "&password=" + password;
        return client.headers(headers -> headers.set(HttpHeaderNames.ACCEPT, "application/json")
                        .set(HttpHeaderNames.CONTENT_TYPE, "application/x-www-form-urlencoded"))
                .post()
                .uri(server.tokenUri())
                .send(ByteBufMono.fromString(Mono.just(form)))
                .responseSingle((response, body) -> response.status().code() == 200
                        ? body.asString().map(StemsStandIn::read)
                        : Mono.error(new IllegalStateException("status " + response.status())));
    }

    private static Token read(String json) {
        JsonNode answer = JSON.readTree(json);
        Instant now = Instant.now();
        long life = answer.get("expires_in").asLong();
        return Token.of(answer.get("access_token").asString(), SCOPES, now, now.plusSeconds(life));
    }

    /** {@return what an application without this library writes: the request behind {@code Mono.cache(ttl)}} */
    Mono<Token> cached() {
        return cached(request());
    }

    /** As well as it can be written in a line: with a margin before expiry, and errors are not kept. */
    static Mono<Token> cached(Mono<Token> request) {
        return cached(request, Schedulers.parallel());
    }

    static Mono<Token> cached(Mono<Token> request, Scheduler timer) {
        return request.cache(
                token -> Duration.between(Instant.now(), token.expiresAt())
                        .multipliedBy(8)
                        .dividedBy(10),
                error -> Duration.ZERO,
                () -> Duration.ZERO,
                timer);
    }

    /** {@return azure-core's token cache over the same token request} */
    Mono<Token> azureCached() {
        AccessTokenCache cache = new AccessTokenCache(context -> request()
                .map(token -> new AccessToken(token.value(), token.expiresAt().atOffset(ZoneOffset.UTC))));
        TokenRequestContext context = new TokenRequestContext().addScopes(SCOPES.toArray(String[]::new));
        return Mono.defer(() -> cache.getToken(context, false))
                .map(token -> Token.of(
                        token.getToken(),
                        SCOPES,
                        Instant.EPOCH,
                        token.getExpiresAt().toInstant()));
    }

    /** {@return a filter that does the least that a token needs} */
    static ExchangeFilterFunction constantHeader(Token token) {
        return (request, next) -> next.exchange(ClientRequest.from(request)
                .headers(headers -> headers.set(HttpHeaders.AUTHORIZATION, token.authorization()))
                .build());
    }

    static WebClient client(StandInApi api, ConnectionProvider connections, ExchangeFilterFunction filter) {
        return WebClient.builder()
                .baseUrl(api.baseUrl().toString())
                .clientConnector(new ReactorClientHttpConnector(HttpClient.create(connections)))
                .filter(filter)
                .build();
    }

    /** {@return as many connections, with room for all that wait for one} */
    static ConnectionProvider connections(int number) {
        return ConnectionProvider.builder("api")
                .maxConnections(number)
                .pendingAcquireMaxCount(-1)
                .build();
    }

    @Override
    public void close() {
        server.close();
    }
}
