package io.monotoken.keycloak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.monotoken.ClientCredentialsGrant;
import io.monotoken.Grant;
import io.monotoken.PasswordGrant;
import io.monotoken.RefreshTokenGrant;
import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenListener;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;

/** Every grant, renewal and refusal as a real identity provider answers them. */
@ExtendWith(KeycloakExtension.class)
class KeycloakTests {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final String USER = "john.smith@contoso.com";
    private static final String PASSWORD = "P4ssw0rd";
    private static final ClientAuthentication API_CLIENT =
            ClientAuthentication.clientSecretPost("api-client", "api-client-secret");

    private final Keycloak keycloak;
    private final List<TokenSource> opened = new ArrayList<>();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final Queue<String> refreshTokens = new ConcurrentLinkedQueue<>();

    KeycloakTests(Keycloak keycloak) {
        this.keycloak = keycloak;
    }

    @AfterEach
    void forgetRefusalsAndClose() {
        opened.forEach(TokenSource::reset);
        opened.forEach(TokenSource::close);
    }

    private TokenSource source(ClientAuthentication client, Grant grant) {
        return source(client, grant, builder -> {});
    }

    private TokenSource source(ClientAuthentication client, Grant grant, Consumer<TokenSource.Builder> more) {
        return source(
                TokenEndpoint.builder(keycloak.tokenUri())
                        .clientAuthentication(client)
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                grant,
                more);
    }

    private TokenSource source(TokenEndpoint endpoint, Grant grant, Consumer<TokenSource.Builder> more) {
        TokenSource.Builder builder = TokenSource.builder(endpoint, grant)
                .refreshTokenStore(refreshToken -> Mono.fromRunnable(() -> refreshTokens.add(refreshToken)))
                .listener(new TokenListener() {
                    @Override
                    public void requested(String grantType) {
                        requests.add(grantType);
                    }
                });
        more.accept(builder);
        TokenSource source = builder.build();
        opened.add(source);
        return source;
    }

    private static PasswordGrant login(String... scopes) {
        return new PasswordGrant(USER, PASSWORD, List.of(scopes));
    }

    private static Token token(TokenSource source) {
        return Objects.requireNonNull(source.token().block(BOUND));
    }

    private static TokenException failure(TokenSource source) {
        TokenException failure =
                catchThrowableOfType(TokenException.class, () -> source.token().block(BOUND));
        assertThat(failure).isNotNull();
        assertThat(failure.getMessage()).doesNotContain(PASSWORD, "-secret");
        return failure;
    }

    /** {@return the status of a call to an API that looks every token up} */
    private int call(Token token) {
        return Objects.requireNonNull(HttpClient.newConnection()
                .headers(headers -> headers.set("Authorization", token.authorization()))
                .get()
                .uri(keycloak.userInfo())
                .response()
                .map(response -> response.status().code())
                .block(BOUND));
    }

    private Token renewed(TokenSource source, Token old) {
        assertThat(source.invalidate(old)).isTrue();
        return token(source);
    }

    @Test
    void logsInWithOfflineAccess() {
        Token token = token(source(API_CLIENT, login("openid", "offline_access")));

        assertThat(call(token)).isEqualTo(200);
        assertThat(token.scopes()).contains("openid", "offline_access");
        assertThat(Duration.between(token.issuedAt(), token.expiresAt())).isEqualTo(Duration.ofMinutes(5));
        assertThat(token.attributes().keySet()).contains("id_token").doesNotContain("refresh_token");
        assertThat(refreshTokens).hasSize(1);
        assertThat(requests).containsExactly("password");
    }

    @Test
    void renewsByTheRefreshTokenWhichRotates() {
        TokenSource source = source(API_CLIENT, login("openid", "offline_access"));
        Token first = token(source);

        Token second = renewed(source, first);

        assertThat(second).isNotEqualTo(first);
        assertThat(call(second)).isEqualTo(200);
        assertThat(requests).containsExactly("password", "refresh_token");
        assertThat(refreshTokens).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void logsInAgainWithinTheCallWhenItsRefreshTokenWasUsedByAnother() {
        TokenSource source = source(API_CLIENT, login("openid"));
        Token first = token(source);
        String thief = "grant_type=refresh_token&client_id=api-client&client_secret=api-client-secret&refresh_token="
                + URLEncoder.encode(refreshTokens.element(), StandardCharsets.UTF_8);
        assertThat(post(keycloak.tokenUri(), thief)).isEqualTo(200);
        assertThat(post(keycloak.tokenUri(), thief)).isEqualTo(400);

        Token second = renewed(source, first);

        assertThat(call(second)).isEqualTo(200);
        assertThat(requests).containsExactly("password", "refresh_token", "password");
    }

    private static int post(URI uri, String form) {
        return Objects.requireNonNull(HttpClient.newConnection()
                .headers(headers -> headers.set("Content-Type", "application/x-www-form-urlencoded"))
                .post()
                .uri(uri)
                .send(ByteBufFlux.fromString(Mono.just(form)))
                .response()
                .map(response -> response.status().code())
                .block(BOUND));
    }

    @Test
    void startsFromARefreshTokenWithoutAPassword() {
        token(source(API_CLIENT, login("openid", "offline_access")));
        requests.clear();

        Token token = token(source(API_CLIENT, new RefreshTokenGrant(refreshTokens.remove())));

        assertThat(call(token)).isEqualTo(200);
        assertThat(requests).containsExactly("refresh_token");
        assertThat(refreshTokens).hasSize(1);
    }

    @Test
    void servesTwoHundredCallersOverTenShortLivesWithOneRequestForEach() throws InterruptedException {
        CountDownLatch lives = new CountDownLatch(10);
        AtomicLong ended = new AtomicLong();
        AtomicLong served = new AtomicLong();
        AtomicInteger waited = new AtomicInteger();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        TokenSource source = source(
                ClientAuthentication.clientSecretPost("short-lived", "short-lived-secret"),
                login("openid", "offline_access"),
                builder -> builder.listener(new TokenListener() {
                    @Override
                    public void obtained(Token token, Duration took) {
                        lives.countDown();
                    }

                    @Override
                    public void waited(Duration took) {
                        waited.incrementAndGet();
                    }
                }));

        var callers = Flux.range(0, 200)
                .flatMap(
                        caller -> source.token()
                                .doOnNext(token -> {
                                    served.incrementAndGet();
                                    if (!token.expiresAt().isAfter(Instant.now())) {
                                        ended.incrementAndGet();
                                    }
                                })
                                .delayElement(Duration.ofMillis(20))
                                .repeat(),
                        200)
                .subscribe(token -> {}, failures::add);
        boolean lived = lives.await(90, TimeUnit.SECONDS);
        callers.dispose();

        assertThat(failures).isEmpty();
        assertThat(lived).as("ten lives").isTrue();
        assertThat(ended).as("tokens that had ended").hasValue(0);
        assertThat(served.get()).isGreaterThan(1_000);
        assertThat(waited).as("callers who waited, all for the first token").hasValue(200);
        assertThat(requests).startsWith("password").hasSizeBetween(10, 11);
        assertThat(requests.stream().skip(1)).containsOnly("refresh_token");
    }

    @Test
    void sendsAWrongPasswordOnce() {
        TokenSource source = source(API_CLIENT, new PasswordGrant(USER, "wrong", List.of("openid")));

        TokenException first = failure(source);
        TokenException second = failure(source);

        assertThat(first)
                .isInstanceOf(TokenException.Rejected.class)
                .hasMessage(keycloak.tokenUri() + " rejected client 'api-client' (grant password, status 400):"
                        + " invalid_grant; check user name and password, and whether the account is locked");
        assertThat(second.error()).contains("invalid_grant");
        assertThat(requests).containsExactly("password");
    }

    @Test
    void isRejectedAsADisabledClient() {
        TokenException failure = failure(
                source(ClientAuthentication.clientSecretPost("switched-off", "switched-off-secret"), login("openid")));

        assertThat(failure).isInstanceOf(TokenException.Rejected.class);
        assertThat(failure.error()).contains("invalid_client");
        assertThat(failure.status()).hasValue(401);
    }

    @Test
    void isRejectedWithAWrongSecret() {
        TokenException failure =
                failure(source(ClientAuthentication.clientSecretPost("service", "wrong"), clientGrant()));

        assertThat(failure).isInstanceOf(TokenException.Rejected.class);
        assertThat(failure.error()).contains("unauthorized_client");
        assertThat(failure.status()).hasValue(401);
    }

    @Test
    void isRejectedForAnUnknownScope() {
        TokenException failure = failure(source(API_CLIENT, login("no_such_scope")));

        assertThat(failure).isInstanceOf(TokenException.Rejected.class);
        assertThat(failure.error()).contains("invalid_scope");
    }

    private static ClientCredentialsGrant clientGrant() {
        return new ClientCredentialsGrant(List.of("openid"));
    }

    @Test
    void getsATokenForTheClientItselfByFormAndByBasic() {
        String secret = "s3cret +%&=:/ä";

        Token byForm = token(source(ClientAuthentication.clientSecretPost("service", secret), clientGrant()));
        Token byBasic = token(source(ClientAuthentication.clientSecretBasic("service", secret), clientGrant()));

        assertThat(call(byForm)).isEqualTo(200);
        assertThat(call(byBasic)).isEqualTo(200);
        assertThat(requests).containsExactly("client_credentials", "client_credentials");
        assertThat(refreshTokens).isEmpty();
    }

    @Test
    void trustsAPrivateAuthorityThroughTheCustomizer() throws SSLException {
        SslContext trusted = SslContextBuilder.forClient()
                .trustManager(keycloak.trust().trustManager())
                .build();
        TokenEndpoint endpoint = TokenEndpoint.builder(keycloak.tokenUriOverTls())
                .clientAuthentication(API_CLIENT)
                .httpClient(client -> client.secure(ssl -> ssl.sslContext(trusted)))
                .build();

        Token token = token(source(endpoint, login("openid"), builder -> {}));

        assertThat(token.value()).isNotEmpty();
    }

    @Test
    void sendsNothingToAnAuthorityThatItDoesNotTrust() {
        TokenEndpoint endpoint = TokenEndpoint.builder(keycloak.tokenUriOverTls())
                .clientAuthentication(API_CLIENT)
                .build();

        TokenException failure = failure(source(endpoint, login("openid"), builder -> {}));

        assertThat(failure)
                .isInstanceOf(TokenException.Unavailable.class)
                .hasMessage(
                        keycloak.tokenUriOverTls() + " gave client 'api-client' (grant password) no token: TLS failed;"
                                + " check the certificate, its host name and which authorities are trusted");
    }

    @Test
    void logsInAgainAfterAnAdministratorEndedTheSession() {
        TokenSource source = source(API_CLIENT, login("openid"));
        Token first = token(source);
        assertThat(call(first)).isEqualTo(200);

        endSessions();

        assertThat(call(first)).isEqualTo(401);
        Token second = renewed(source, first);
        assertThat(call(second)).isEqualTo(200);
        assertThat(requests).containsExactly("password", "refresh_token", "password");
    }

    private void endSessions() {
        TokenEndpoint master = TokenEndpoint.builder(keycloak.adminTokenUri())
                .clientAuthentication(ClientAuthentication.none("admin-cli"))
                .build();
        Token admin =
                token(source(master, new PasswordGrant("admin", Keycloak.ADMIN_PASSWORD, List.of()), builder -> {}));
        requests.remove("password");
        HttpClient http =
                HttpClient.newConnection().headers(headers -> headers.set("Authorization", admin.authorization()));
        String users = Objects.requireNonNull(http.get()
                .uri(keycloak.admin("/users?username=" + USER))
                .responseSingle((response, body) -> body.asString())
                .block(BOUND));
        Matcher id = Pattern.compile("\"id\":\"([^\"]+)\"").matcher(users);
        assertThat(id.find()).as(users).isTrue();
        Integer status = http.post()
                .uri(keycloak.admin("/users/" + id.group(1) + "/logout"))
                .response()
                .map(response -> response.status().code())
                .block(BOUND);
        assertThat(status).isEqualTo(204);
    }
}
