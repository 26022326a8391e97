package io.monotoken.endpoint;

import static io.monotoken.endpoint.Exchanges.BOUND;
import static io.monotoken.endpoint.Exchanges.CLIENT;
import static io.monotoken.endpoint.Exchanges.LOGIN;
import static io.monotoken.endpoint.Exchanges.REFRESH;
import static io.monotoken.endpoint.Exchanges.TOKEN;
import static io.monotoken.endpoint.Exchanges.answer;
import static io.monotoken.endpoint.Exchanges.endpoint;
import static io.monotoken.endpoint.Exchanges.endpointAt;
import static io.monotoken.endpoint.Exchanges.failed;
import static io.monotoken.endpoint.Exchanges.issued;
import static io.monotoken.endpoint.Exchanges.json;
import static io.monotoken.endpoint.Exchanges.response;
import static io.monotoken.endpoint.Exchanges.uri;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.monotoken.ClientCredentialsGrant;
import io.monotoken.Grant;
import io.monotoken.PasswordGrant;
import io.monotoken.TokenAnswer;
import io.monotoken.TokenAnswer.Delivery;
import io.monotoken.TokenException;
import io.monotoken.TokenRequest;
import io.monotoken.TokenResponse;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.test.StepVerifier;

class TokenEndpointTests {

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private RecordedRequest sent(TokenEndpoint endpoint, TokenRequest request) throws InterruptedException {
        server.enqueue(json(TOKEN));
        issued(answer(endpoint, request));
        return taken();
    }

    private RecordedRequest taken() throws InterruptedException {
        return requireNonNull(server.takeRequest(BOUND.toMillis(), TimeUnit.MILLISECONDS));
    }

    private static String form(RecordedRequest request) {
        return requireNonNull(request.getBody()).utf8();
    }

    @Nested
    class TheDocumentedExchange {

        @Test
        void sendsThePasswordRequestToTheLetter() throws InterruptedException {
            TokenEndpoint endpoint = endpoint(server.url("/auth/connect/token").uri());
            TokenRequest login = new PasswordGrant(
                            "john.smith@contoso.com", "P4ssw0rd", List.of("email", "resources_stems_api"))
                    .request()
                    .block(BOUND);

            RecordedRequest request = sent(endpoint, requireNonNull(login));

            assertThat(request.getRequestLine()).isEqualTo("POST /auth/connect/token HTTP/1.1");
            assertThat(new TreeSet<>(request.getHeaders().names()))
                    .usingElementComparator(String.CASE_INSENSITIVE_ORDER)
                    .containsExactly("Accept", "Content-Length", "Content-Type", "Host", "User-Agent");
            assertThat(request.getHeaders().values("Accept")).containsExactly("application/json");
            assertThat(request.getHeaders().values("Content-Type"))
                    .containsExactly("application/x-www-form-urlencoded");
            assertThat(request.getHeaders().values("Host")).containsExactly("localhost:" + server.getPort());
            assertThat(form(request))
                    .isEqualTo("grant_type=password&username=john.smith%40contoso.com&password=P4ssw0rd"
                            + "&scope=email+resources_stems_api"
                            + "&client_id=your_client_id&client_secret=your_client_secret");
        }

        @Test
        void sendsTheRefreshRequestWithoutAScope() throws InterruptedException {
            RecordedRequest request = sent(endpoint(uri(server)), REFRESH);

            assertThat(request.getRequestLine()).isEqualTo("POST /token HTTP/1.1");
            assertThat(request.getHeaders().get("Accept")).isEqualTo("application/json");
            assertThat(request.getHeaders().get("Content-Type")).isEqualTo("application/x-www-form-urlencoded");
            assertThat(form(request))
                    .isEqualTo("grant_type=refresh_token&refresh_token=a497b7a990bbff512fe90efd395d09fa"
                            + "&client_id=your_client_id&client_secret=your_client_secret");
        }

        @Test
        void readsTheDocumentedAnswer() {
            TokenAnswer answer = answer(server, LOGIN, json("""
                            {
                            "access_token": "ad8e51c5a981bb821cfd77cc52154ad0",
                            "expires_in": 1800,
                            "token_type": "Bearer",
                            "refresh_token": "a497b7a990bbff512fe90efd395d09fa"
                            }"""));

            assertThat(issued(answer))
                    .usingRecursiveComparison()
                    .isEqualTo(TokenResponse.builder("ad8e51c5a981bb821cfd77cc52154ad0")
                            .expiresIn(Duration.ofMinutes(30))
                            .refreshToken("a497b7a990bbff512fe90efd395d09fa")
                            .build());
        }

        @Test
        void encodesEveryCharacterAsUtf8() throws InterruptedException {
            String awkward = "a b+c&d=e%f;g/h?i#j\"k'l<m>n\\o€pé\uD83D\uDE00~.-_*\t\u0000";

            RecordedRequest request =
                    sent(endpoint(uri(server)), TokenRequest.of("password").with("password", awkward));

            assertThat(form(request))
                    .startsWith("grant_type=password&password=a+b%2Bc%26d%3De%25f%3Bg%2Fh%3Fi%23j%22k%27l%3Cm%3En%5Co"
                            + "%E2%82%ACp%C3%A9%F0%9F%98%80%7E.-_*%09%00&client_id=");
        }

        @Test
        void sendsExtraParametersWithSeveralValues() throws InterruptedException {
            TokenRequest request = requireNonNull(new ClientCredentialsGrant(
                            List.of("a", "b"),
                            Map.of("resource", List.of("https://one.example", "https://two.example")))
                    .request()
                    .block(BOUND));

            assertThat(form(sent(endpoint(uri(server)), request)))
                    .startsWith("grant_type=client_credentials&scope=a+b"
                            + "&resource=https%3A%2F%2Fone.example&resource=https%3A%2F%2Ftwo.example&client_id=");
        }

        @Test
        void sendsWhatAUsersOwnGrantWrites() throws InterruptedException {
            Grant exchange = () -> Mono.just(TokenRequest.of("urn:ietf:params:oauth:grant-type:token-exchange")
                    .with("subject_token", "s"));

            assertThat(form(sent(
                            endpoint(uri(server)),
                            requireNonNull(exchange.request().block(BOUND)))))
                    .startsWith("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
                            + "&subject_token=s&client_id=");
        }

        @Test
        void usesAConnectionOfItsOwnForEachRequest() throws InterruptedException {
            TokenEndpoint endpoint = endpoint(uri(server));

            int first = sent(endpoint, LOGIN).getConnectionIndex();
            int second = sent(endpoint, LOGIN).getConnectionIndex();

            assertThat(second).isNotEqualTo(first);
        }

        @Test
        void sendsNothingBeforeSubscriptionAndAgainForEach() {
            server.enqueue(json(TOKEN));
            server.enqueue(json(TOKEN));
            Mono<TokenAnswer> cold = endpoint(uri(server)).send(LOGIN);
            assertThat(server.getRequestCount()).isZero();

            for (int i = 1; i <= 2; i++) {
                cold.as(StepVerifier::create)
                        .expectNextCount(1)
                        .expectComplete()
                        .verify(BOUND);
                assertThat(server.getRequestCount()).isEqualTo(i);
            }
        }
    }

    @Nested
    class ClientAuthenticationOnTheWire {

        private static final String ID = "cli ent:ä";
        private static final String SECRET = "s3cr+t:/ %€";

        private RecordedRequest sentBy(ClientAuthentication authentication) throws InterruptedException {
            return sent(
                    TokenEndpoint.builder(uri(server))
                            .clientAuthentication(authentication)
                            .build(),
                    CLIENT);
        }

        private static String basicPair(RecordedRequest request) {
            String header = requireNonNull(request.getHeaders().get("Authorization"));
            assertThat(header).startsWith("Basic ");
            return new String(Base64.getDecoder().decode(header.substring(6)), UTF_8);
        }

        @Test
        void postPutsIdAndSecretIntoTheForm() throws InterruptedException {
            RecordedRequest request = sentBy(ClientAuthentication.clientSecretPost(ID, SECRET));

            assertThat(request.getHeaders().get("Authorization")).isNull();
            assertThat(form(request))
                    .isEqualTo("grant_type=client_credentials&client_id=cli+ent%3A%C3%A4"
                            + "&client_secret=s3cr%2Bt%3A%2F+%25%E2%82%AC");
        }

        @Test
        void basicEncodesEachHalfFirst() throws InterruptedException {
            RecordedRequest request = sentBy(ClientAuthentication.clientSecretBasic(ID, SECRET));

            assertThat(basicPair(request)).isEqualTo("cli+ent%3A%C3%A4:s3cr%2Bt%3A%2F+%25%E2%82%AC");
            assertThat(URLDecoder.decode(basicPair(request).split(":", 2)[1], UTF_8))
                    .isEqualTo(SECRET);
            assertThat(form(request)).isEqualTo("grant_type=client_credentials");
        }

        @Test
        void rawBasicEncodesNothing() throws InterruptedException {
            RecordedRequest request = sentBy(ClientAuthentication.clientSecretBasicRaw("client", SECRET));

            assertThat(basicPair(request)).isEqualTo("client:" + SECRET);
            assertThat(form(request)).isEqualTo("grant_type=client_credentials");
        }

        @Test
        void noneSendsTheIdAlone() throws InterruptedException {
            RecordedRequest request = sentBy(ClientAuthentication.none(ID));

            assertThat(request.getHeaders().get("Authorization")).isNull();
            assertThat(form(request)).isEqualTo("grant_type=client_credentials&client_id=cli+ent%3A%C3%A4");
        }

        @Test
        void isTheOnlyOneEvenIfTheCustomizerBringsAnother() throws InterruptedException {
            TokenEndpoint endpoint = endpointAt(uri(server))
                    .httpClient(
                            client -> client.headers(headers -> headers.set("Authorization", "Basic b3RoZXI6c2VjcmV0")))
                    .build();

            assertThat(sent(endpoint, CLIENT).getHeaders().get("Authorization")).isNull();
        }

        private static ClientProof proof(ClientAuthentication authentication) {
            return Objects.requireNonNull(authentication
                    .proof(URI.create("https://idp.example/token"))
                    .block());
        }

        @Test
        void isTheOnlyOneEvenIfTheGrantBringsAnother() {
            ClientProof post = proof(ClientAuthentication.clientSecretPost("id", "secret"));
            ClientProof basic = proof(ClientAuthentication.clientSecretBasic("id", "secret"));
            TokenRequest secret = CLIENT.with("client_secret", "other");
            TokenRequest id = CLIENT.with("client_id", "other");

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> post.writeTo(secret))
                    .withMessage("the grant must not write client_secret, which the endpoint's clientAuthentication"
                            + " writes; keep one of them");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> basic.writeTo(secret))
                    .withMessage("the grant must not write client_secret, which the endpoint's clientAuthentication"
                            + " writes; keep one of them");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> post.writeTo(id))
                    .withMessage("the grant must not write client_id, which the endpoint's clientAuthentication"
                            + " writes; keep one of them");
        }

        @Test
        void doesNotProbeForAnotherAfterARefusal() {
            server.enqueue(json(401, "{\"error\":\"invalid_client\"}"));

            failed(answer(endpoint(uri(server)), CLIENT));

            assertThat(server.getRequestCount()).isEqualTo(1);
        }

        @Test
        void hidesItsSecret() {
            assertThat(ClientAuthentication.clientSecretPost("id", "hush"))
                    .hasToString("ClientAuthentication[method=client_secret_post, clientId=id, secret=REDACTED]");
            assertThat(ClientAuthentication.clientSecretBasic("id", "hush"))
                    .hasToString("ClientAuthentication[method=client_secret_basic, clientId=id, secret=REDACTED]");
            assertThat(ClientAuthentication.clientSecretBasicRaw("id", "hush"))
                    .hasToString("ClientAuthentication[method=client_secret_basic_raw, clientId=id, secret=REDACTED]");
            assertThat(ClientAuthentication.none("id")).hasToString("ClientAuthentication[method=none, clientId=id]");
        }

        @Test
        void refusesWhatItCannotSend() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClientAuthentication.none(" "))
                    .withMessage("clientId must not be blank");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClientAuthentication.none("id\r\nX-Evil: yes"))
                    .withMessage("clientId must not contain control characters; was it read from a file with its last"
                            + " line end?");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClientAuthentication.clientSecretPost("id", "hush\n"))
                    .withMessage("clientSecret must not contain control characters; was it read from a file with its"
                            + " last line end?");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClientAuthentication.clientSecretBasicRaw("a:b", "secret"))
                    .withMessage(
                            "clientId must not contain a colon without form encoding, was 'a:b'; use clientSecretBasic or clientSecretPost");
        }

        @Test
        @SuppressWarnings("NullAway") // what Java callers may do all the same
        void refusesAMissingSecret() {
            assertThatNullPointerException()
                    .isThrownBy(() -> ClientAuthentication.clientSecretPost("id", (String) null))
                    .withMessage("clientSecret");
            assertThatNullPointerException()
                    .isThrownBy(() -> ClientAuthentication.clientSecretBasic("id", (String) null))
                    .withMessage("clientSecret");
            assertThatNullPointerException()
                    .isThrownBy(() -> ClientAuthentication.clientSecretBasicRaw("id", (String) null))
                    .withMessage("clientSecret");
            assertThatNullPointerException()
                    .isThrownBy(() -> ClientAuthentication.none(null))
                    .withMessage("clientId");
        }
    }

    @Nested
    class Building {

        @ParameterizedTest
        @ValueSource(
                strings = {"http://idp.example/token", "ftp://idp.example/token", "http://127.0.0.1.example/token"})
        void refusesAnythingButHttps(String uri) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> endpoint(URI.create(uri + "?api_key=hush")))
                    .withMessage("the token URI must use https, was " + uri
                            + "; plain http is for loopback addresses, or for any host after allowPlainHttp()");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "http://localhost:8080/token",
                    "http://127.9.9.9/token",
                    "http://[::1]/token",
                    "http://[0:0:0:0:0:0:0:1]/token",
                    "http://[::ffff:127.0.0.1]/token",
                    "HTTPS://idp.example/t"
                })
        void acceptsLoopbackAndHttps(String uri) {
            assertThat(endpoint(URI.create(uri)).uri()).isEqualTo(URI.create(uri));
        }

        @Test
        void acceptsPlainHttpOnRequest() {
            URI plain = URI.create("http://idp.example/token");

            assertThat(endpointAt(plain).allowPlainHttp().build().uri()).isEqualTo(plain);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "https://user:hush@idp.example/token",
                    "https://user:hush@under_score/token",
                    "user:hush@idp.example/token",
                    "https://idp.example/token#hush"
                })
        void refusesUserInfoAndFragmentsWithoutShowingThem(String uri) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> endpoint(URI.create(uri)))
                    .withMessage("the token URI must not have user info or a fragment; give the client's id and secret"
                            + " through clientAuthentication");
        }

        @ParameterizedTest
        @ValueSource(strings = {"/token", "idp.example/token", "https:idp.example", "https:///token"})
        void refusesAUriWithoutAHost(String uri) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> endpoint(URI.create(uri + "?api_key=hush")))
                    .withMessage("the token URI must be absolute and name a host, was " + uri);
        }

        @ParameterizedTest
        @CsvSource({
            "https://a_b/token, a host name cannot contain an underscore",
            "https://bücher.example/token, 'write its host in ASCII, which begins with xn-- for a name in other letters'",
            "https://b%C3%BCcher.example/token, 'write its host in ASCII, which begins with xn-- for a name in other"
                    + " letters'",
            "https://10.1/token, that is no host name"
        })
        void saysWhatIsWrongWithAHost(String uri, String reason) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> endpoint(URI.create(uri + "?api_key=hush")))
                    .withMessage("the token URI must be absolute and name a host, was " + uri + "; " + reason);
        }

        @Test
        void refusesAMissingAuthentication() {
            assertThatIllegalStateException()
                    .isThrownBy(
                            () -> TokenEndpoint.builder(StemsAccounts.TOKEN_URI).build())
                    .withMessage("clientAuthentication is missing; use ClientAuthentication.none(clientId) for a public"
                            + " client");
        }

        @Test
        void refusesTimeoutsOfZeroAndLess() {
            TokenEndpoint.Builder builder = endpointAt(StemsAccounts.TOKEN_URI);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder.timeout(Duration.ZERO))
                    .withMessage("timeout must be at least a millisecond, was PT0S; the default is PT5S");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder.connectTimeout(Duration.ofSeconds(-1)))
                    .withMessage("connectTimeout must be at least a millisecond, was PT-1S; the default is PT2S");
        }

        @Test
        void refusesTimeoutsThatContradictEachOtherInEitherOrder() {
            String message = "connectTimeout PT3S is longer than timeout PT1S, which contains it; shorten the first or"
                    + " lengthen the second";

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> endpointAt(StemsAccounts.TOKEN_URI)
                            .connectTimeout(Duration.ofSeconds(3))
                            .timeout(Duration.ofSeconds(1))
                            .build())
                    .withMessage(message);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> endpointAt(StemsAccounts.TOKEN_URI)
                            .timeout(Duration.ofSeconds(1))
                            .connectTimeout(Duration.ofSeconds(3))
                            .build())
                    .withMessage(message);
        }

        @Test
        void acceptsTimeoutsOfADayAndRefusesLongerOnes() throws InterruptedException {
            TokenEndpoint patient = endpointAt(uri(server))
                    .timeout(Duration.ofDays(1))
                    .connectTimeout(Duration.ofDays(1))
                    .build();

            sent(patient, LOGIN);
            assertThatThrownBy(() -> endpointAt(uri(server)).timeout(Duration.ofMillis(Long.MAX_VALUE)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("timeout must be a day at most, was PT");
        }

        @Test
        void isDescribedWithoutQueryAndSecret() {
            assertThat(endpoint(URI.create("https://idp.example/token?api_key=hush")))
                    .hasToString("TokenEndpoint[uri=https://idp.example/token, authentication=ClientAuthentication["
                            + "method=client_secret_post, clientId=your_client_id, secret=REDACTED], timeout=PT5S]");
        }
    }

    @Nested
    class AQueryInTheUri {

        private TokenEndpoint withQuery() {
            return endpoint(server.url("/token?api_key=h%20ush&b").uri());
        }

        @Test
        void isSentAsItIs() throws InterruptedException {
            assertThat(sent(withQuery(), LOGIN).getRequestLine()).isEqualTo("POST /token?api_key=h%20ush&b HTTP/1.1");
        }

        @Test
        void isNotShown() {
            server.enqueue(json(400, "{\"error\":\"invalid_grant\"}"));

            assertThat(failed(answer(withQuery(), LOGIN)).exception())
                    .hasMessage(server.url("/token")
                            + " rejected client 'your_client_id' (grant password, status 400): invalid_grant; check user"
                            + " name and password, and whether the account is locked");
        }
    }

    @Nested
    class TheCustomizer {

        private TokenEndpoint customized(UnaryOperator<HttpClient> customizer) {
            return endpointAt(uri(server)).httpClient(customizer).build();
        }

        @Test
        void changesTheClient() throws InterruptedException {
            TokenEndpoint endpoint = customized(client -> client.headers(headers -> headers.set("X-Tenant", "one")));

            assertThat(sent(endpoint, LOGIN).getHeaders().get("X-Tenant")).isEqualTo("one");
        }

        @Test
        void cannotTurnRedirectsOn() {
            server.enqueue(new MockResponse.Builder()
                    .code(307)
                    .setHeader("Location", server.url("/elsewhere"))
                    .build());

            failed(answer(customized(client -> client.followRedirect((request, response) -> true)), LOGIN));

            assertThat(server.getRequestCount()).isEqualTo(1);
        }

        @Test
        void cannotSendTheFormAgainToAuthenticate() {
            server.enqueue(json(401, "{\"error\":\"invalid_client\"}"));

            failed(answer(
                    customized(client -> client.httpAuthentication(
                            (request, response) -> true, (request, address) -> request.header("X-Again", "yes"))),
                    LOGIN));

            assertThat(server.getRequestCount()).isEqualTo(1);
        }

        @Test
        void cannotTurnRepeatsOn() throws Exception {
            try (RawServer resetting = RawServer.holding(RawServer::reset)) {
                TokenEndpoint endpoint = endpointAt(resetting.uri())
                        .httpClient(client -> client.disableRetry(false))
                        .build();

                failed(answer(endpoint, LOGIN));

                assertThat(resetting.connections()).isEqualTo(1);
            }
        }

        @Test
        void cannotTurnDecompressionOn() throws InterruptedException {
            TokenEndpoint endpoint = customized(client -> client.compress(true));

            assertThat(sent(endpoint, LOGIN).getHeaders().get("Accept-Encoding"))
                    .isNull();
        }

        @Test
        void cannotTurnTheProtocolIntoAnother() throws InterruptedException {
            TokenEndpoint endpoint = customized(client -> client.protocol(HttpProtocol.H2C, HttpProtocol.HTTP11));

            assertThat(sent(endpoint, LOGIN).getHeaders().get("Upgrade")).isNull();
        }

        @Test
        void cannotTurnWiretapOn() throws InterruptedException {
            Logger wire = (Logger) LoggerFactory.getLogger("wire");
            ListAppender<ILoggingEvent> events = new ListAppender<>();
            events.start();
            wire.addAppender(events);
            wire.setLevel(Level.TRACE);
            try {
                sent(customized(client -> client.wiretap("wire")), LOGIN);
            } finally {
                wire.setLevel(null);
                wire.detachAppender(events);
            }

            assertThat(events.list).isEmpty();
        }

        @Test
        void runsOnceForAllRequests() throws InterruptedException {
            AtomicInteger runs = new AtomicInteger();
            TokenEndpoint endpoint = customized(client -> {
                runs.incrementAndGet();
                return client;
            });

            sent(endpoint, LOGIN);
            sent(endpoint, LOGIN);

            assertThat(runs).hasValue(1);
        }
    }

    @Nested
    class Failures {

        private String where() {
            return server.url("/token").toString();
        }

        @Test
        void rejectedCarriesTheCodeAndSaysWhatToCheck() {
            TokenAnswer.Failed failed = failed(
                    answer(server, LOGIN, json(400, "{\"error\":\"invalid_grant\",\"error_description\":\"no\"}")));

            assertThat(failed.delivery()).isEqualTo(Delivery.ANSWERED);
            assertThat(failed.exception())
                    .isInstanceOf(TokenException.Rejected.class)
                    .hasNoCause()
                    .hasMessage(where() + " rejected client 'your_client_id' (grant password, status 400):"
                            + " invalid_grant; check user name and password, and whether the account is locked");
            assertThat(failed.exception().status()).hasValue(400);
            assertThat(failed.exception().error()).hasValue("invalid_grant");
            assertThat(failed.exception().retryAfter()).isEmpty();
        }

        @Test
        void eachCodeHasAnAdvice() {
            Map<String, String> advice = Map.of(
                    "invalid_client", "check the client's id and secret and how it authenticates",
                    "invalid_grant", "check whether the refresh token has expired, was revoked or was used before",
                    "invalid_scope", "check which scopes the client is registered for",
                    "unauthorized_client", "check that the client may use this grant",
                    "unsupported_grant_type", "the provider does not offer this grant",
                    "invalid_request", "check the provider's documentation of this code",
                    "mfa_required", "check the provider's documentation of this code");

            advice.forEach((code, words) -> assertThat(
                            failed(answer(server, REFRESH, json(400, "{\"error\":\"" + code + "\"}")))
                                    .exception())
                    .isInstanceOf(TokenException.Rejected.class)
                    .hasMessage(where() + " rejected client 'your_client_id' (grant refresh_token, status 400): " + code
                            + "; " + words));
        }

        @Test
        void anAssertionThatIsRefusedIsNotCalledAPassword() {
            TokenRequest assertion = TokenRequest.of("urn:ietf:params:oauth:grant-type:jwt-bearer")
                    .with("assertion", "header.claims.signature");

            assertThat(failed(answer(server, assertion, json(400, "{\"error\":\"invalid_grant\"}")))
                            .exception())
                    .hasMessageEndingWith("invalid_grant; check who signed the grant's assertion, of whom, for which"
                            + " audience and until when it is good, and check this machine's clock, since the answer has"
                            + " no date to compare it with");
        }

        @Test
        void rejectedWithoutACodeCarriesTheStatus() {
            TokenAnswer.Failed failed =
                    failed(answer(server, LOGIN, response(401, "text/html; charset=utf-8", "<html>")));

            assertThat(failed.exception())
                    .isInstanceOf(TokenException.Rejected.class)
                    .hasMessage(where() + " rejected client 'your_client_id' without an OAuth error (grant password,"
                            + " status 401, text/html, 6 bytes); check the client's id and secret and how it"
                            + " authenticates");
            assertThat(failed.exception().status()).hasValue(401);
            assertThat(failed.exception().error()).isEmpty();
        }

        @Test
        void unavailableCarriesTheServersWait() {
            TokenAnswer.Failed failed = failed(answer(
                    server,
                    LOGIN,
                    new MockResponse.Builder()
                            .code(503)
                            .setHeader("Retry-After", "7")
                            .build()));

            assertThat(failed.delivery()).isEqualTo(Delivery.ANSWERED);
            assertThat(failed.exception())
                    .isInstanceOf(TokenException.Unavailable.class)
                    .hasNoCause()
                    .hasMessage(where() + " is not available for client 'your_client_id' (grant password, status 503,"
                            + " no media type, 0 bytes)");
            assertThat(failed.exception().status()).hasValue(503);
            assertThat(failed.exception().retryAfter()).hasValue(Duration.ofSeconds(7));
        }

        @Test
        void unavailableCarriesTheCodeToo() {
            assertThat(failed(answer(server, LOGIN, json(400, "{\"error\":\"temporarily_unavailable\"}")))
                            .exception())
                    .isInstanceOf(TokenException.Unavailable.class)
                    .hasMessage(where() + " is not available for client 'your_client_id' (grant password, status 400):"
                            + " temporarily_unavailable");
        }

        @Test
        void unavailableKeepsTheCauseWhenTheConnectionBroke() throws Exception {
            try (RawServer silent = RawServer.answering("")) {
                TokenAnswer.Failed failed = failed(answer(endpoint(silent.uri()), LOGIN));

                assertThat(failed.delivery()).isEqualTo(Delivery.UNANSWERED);
                assertThat(failed.exception())
                        .isInstanceOf(TokenException.Unavailable.class)
                        .hasCauseInstanceOf(java.io.IOException.class)
                        .hasMessage(silent.uri() + " gave client 'your_client_id' (grant password) no token: the"
                                + " connection broke before a complete answer came");
                assertThat(failed.exception().status()).isEmpty();
            }
        }

        @Test
        void malformedCarriesStatusMediaTypeAndLength() {
            TokenAnswer.Failed failed = failed(answer(server, LOGIN, response(200, "text/html", "<html></html>")));

            assertThat(failed.delivery()).isEqualTo(Delivery.ANSWERED);
            assertThat(failed.exception())
                    .isInstanceOf(TokenException.Malformed.class)
                    .hasNoCause()
                    .hasMessage(where() + " gave client 'your_client_id' an answer that is no token response (grant"
                            + " password, status 200, text/html, 13 bytes): it is not a JSON object");
            assertThat(failed.exception().status()).hasValue(200);
        }
    }

    @Test
    void acceptsOtherNamesForBearerWhenTold() {
        server.enqueue(json("{\"access_token\":\"t\",\"token_type\":\"bearertoken\"}"));
        TokenEndpoint apigee =
                endpointAt(uri(server)).bearerTypes(Set.of("BearerToken")).build();

        assertThat(issued(answer(apigee, LOGIN)).accessToken()).isEqualTo("t");
    }
}
