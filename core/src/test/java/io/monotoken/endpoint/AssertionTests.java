package io.monotoken.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import io.monotoken.AssertionSettings;
import io.monotoken.JwtBearerGrant;
import io.monotoken.PasswordGrant;
import io.monotoken.SigningKey;
import io.monotoken.TokenAnswer;
import io.monotoken.TokenAnswer.Delivery;
import io.monotoken.TokenRequest;
import io.monotoken.TokenSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Clients that prove who they are anew for each request. */
class AssertionTests {

    private static final String SECRET = "a-client-secret-of-32-characters";
    private static final String JWT = "eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJl";

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private TokenEndpoint endpoint(ClientAuthentication authentication) {
        return TokenEndpoint.builder(Exchanges.uri(server))
                .clientAuthentication(authentication)
                .timeout(Duration.ofSeconds(2))
                .build();
    }

    private Map<String, String> form() throws InterruptedException {
        RecordedRequest request = Objects.requireNonNull(server.takeRequest(10, TimeUnit.SECONDS));
        String body = Objects.requireNonNull(request.getBody()).utf8();
        return Arrays.stream(body.split("&", -1))
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(
                        field -> field[0], field -> URLDecoder.decode(field[1], StandardCharsets.UTF_8)));
    }

    private static SigningKey key() {
        try {
            return SigningKey.of(
                    KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aSignedAssertionGoesWithIdAndTypeAndWithoutAHeader() throws Exception {
        server.enqueue(Exchanges.json(Exchanges.TOKEN));

        Exchanges.issued(Exchanges.answer(
                endpoint(ClientAuthentication.privateKeyJwt("orders", key(), AssertionSettings.defaults())),
                Exchanges.CLIENT));

        Map<String, String> form = form();
        assertThat(form)
                .containsEntry("client_id", "orders")
                .containsEntry("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .doesNotContainKey("client_secret");
        assertThat(SignedJWT.parse(form.get("client_assertion")).getPayload().toJSONObject())
                .containsEntry("iss", "orders")
                .containsEntry("sub", "orders")
                .containsEntry("aud", Exchanges.uri(server).toString());
    }

    /** Such callers would otherwise hold the threads that sign for them, and all of them would fail together. */
    @ParameterizedTest
    @ValueSource(strings = {"key", "file"})
    void aProofWaitsForNoneOfTheCallersThatBlock(String kind, @TempDir Path folder) throws Exception {
        server.enqueue(Exchanges.json(Exchanges.TOKEN));
        Path file = Files.writeString(folder.resolve("assertion"), JWT);
        TokenSource tokens = TokenSource.builder(
                        endpoint(
                                kind.equals("key")
                                        ? ClientAuthentication.privateKeyJwt(
                                                "orders", key(), AssertionSettings.defaults())
                                        : ClientAuthentication.assertionFile("orders", file)),
                        () -> Mono.just(Exchanges.CLIENT))
                .build();
        int callers = Schedulers.DEFAULT_BOUNDED_ELASTIC_SIZE;
        CountDownLatch all = new CountDownLatch(callers);

        List<String> values = Flux.range(0, callers)
                .flatMap(
                        number -> Mono.fromCallable(() -> {
                                    all.countDown();
                                    all.await(10, TimeUnit.SECONDS);
                                    return Objects.requireNonNull(tokens.token().block(Exchanges.BOUND))
                                            .value();
                                })
                                .subscribeOn(Schedulers.boundedElastic()),
                        callers)
                .collectList()
                .block(Exchanges.BOUND);

        assertThat(values).hasSize(callers).containsOnly("ad8e51c5a981bb821cfd77cc52154ad0");
        tokens.close();
    }

    /** RFC 7521, section 4, and RFC 7523, sections 2.1 and 2.2: names and values, encoded as their examples have them. */
    @Test
    void bothAssertionsOfOneRequestAreOnTheWireAsTheRfcsWriteThem() throws Exception {
        server.enqueue(Exchanges.json(Exchanges.TOKEN));
        TokenRequest request = Objects.requireNonNull(new JwtBearerGrant(
                        key(),
                        AssertionSettings.defaults().withAudience("https://idp.example"),
                        "orders",
                        "ann",
                        List.of("read"))
                .request()
                .block(Exchanges.BOUND));

        Exchanges.issued(Exchanges.answer(
                endpoint(ClientAuthentication.privateKeyJwt("orders", key(), AssertionSettings.defaults())), request));

        String body = Objects.requireNonNull(Objects.requireNonNull(server.takeRequest(10, TimeUnit.SECONDS))
                        .getBody())
                .utf8();
        String part = "[\\w-]+";
        String jwt = part + "\\." + part + "\\." + part;
        assertThat(body.split("&"))
                .satisfiesExactlyInAnyOrder(
                        field -> assertThat(field)
                                .isEqualTo("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"),
                        field -> assertThat(field).matches("assertion=" + jwt),
                        field -> assertThat(field).isEqualTo("scope=read"),
                        field -> assertThat(field).isEqualTo("client_id=orders"),
                        field -> assertThat(field)
                                .isEqualTo("client_assertion_type="
                                        + "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"),
                        field -> assertThat(field).matches("client_assertion=" + jwt));
    }

    /** A query may hold an API key, which is not for everybody who sees the assertion. */
    @Test
    void anAudienceHasNoQuery() throws Exception {
        server.enqueue(Exchanges.json(Exchanges.TOKEN));
        TokenEndpoint endpoint = TokenEndpoint.builder(URI.create(Exchanges.uri(server) + "?api_key=hush"))
                .clientAuthentication(ClientAuthentication.privateKeyJwt("orders", key(), AssertionSettings.defaults()))
                .build();

        Exchanges.issued(Exchanges.answer(endpoint, Exchanges.CLIENT));

        assertThat(SignedJWT.parse(form().get("client_assertion")).getPayload().toJSONObject())
                .containsEntry("aud", Exchanges.uri(server).toString());
    }

    @Test
    void aSecretThatSignsIsNotSent() throws Exception {
        server.enqueue(Exchanges.json(Exchanges.TOKEN));

        Exchanges.issued(Exchanges.answer(
                endpoint(ClientAuthentication.clientSecretJwt("orders", SECRET, AssertionSettings.defaults())),
                Exchanges.CLIENT));

        assertThat(form().values()).noneMatch(value -> value.contains(SECRET));
    }

    @Test
    void loginAndRefreshHaveOneOfTheirOwn() throws Exception {
        String answer = "{\"access_token\":\"a%d\",\"expires_in\":1800,\"refresh_token\":\"r%d\"}";
        server.enqueue(Exchanges.json(String.format(answer, 1, 1)));
        server.enqueue(Exchanges.json(String.format(answer, 2, 2)));
        try (TokenSource source = TokenSource.builder(
                        endpoint(ClientAuthentication.privateKeyJwt("orders", key(), AssertionSettings.defaults())),
                        new PasswordGrant("ann", "P4ssw0rd", List.of()))
                .build()) {
            source.invalidate(source.token().blockOptional(Exchanges.BOUND).orElseThrow());
            Map<String, String> login = form();
            Map<String, String> refresh = form();

            assertThat(refresh).containsEntry("grant_type", "refresh_token").containsKey("client_assertion");
            assertThat(refresh.get("client_assertion")).isNotEqualTo(login.get("client_assertion"));
        }
    }

    @Test
    void aSecretIsAskedForEachTimeAndLosesItsLineEnd() throws Exception {
        AtomicInteger n = new AtomicInteger();
        TokenEndpoint endpoint = endpoint(ClientAuthentication.clientSecretPost(
                "orders", Mono.fromSupplier(() -> "secret-" + n.incrementAndGet() + "\n")));
        server.enqueue(Exchanges.json(Exchanges.TOKEN));
        server.enqueue(Exchanges.json(Exchanges.TOKEN));

        Exchanges.issued(Exchanges.answer(endpoint, Exchanges.CLIENT));
        Exchanges.issued(Exchanges.answer(endpoint, Exchanges.CLIENT));

        assertThat(form()).containsEntry("client_secret", "secret-1");
        assertThat(form()).containsEntry("client_secret", "secret-2");
    }

    @Test
    void aSuppliedSecretGoesIntoTheHeaderToo() throws Exception {
        server.enqueue(Exchanges.json(Exchanges.TOKEN));

        Exchanges.issued(Exchanges.answer(
                endpoint(ClientAuthentication.clientSecretBasic("orders", Mono.just("s"))), Exchanges.CLIENT));

        assertThat(Objects.requireNonNull(server.takeRequest(10, TimeUnit.SECONDS))
                        .getHeaders()
                        .get("Authorization"))
                .isEqualTo("Basic b3JkZXJzOnM=");
    }

    @Test
    void aSuppliedSecretGoesIntoTheHeaderAsItIs() throws Exception {
        server.enqueue(Exchanges.json(Exchanges.TOKEN));

        Exchanges.issued(Exchanges.answer(
                endpoint(ClientAuthentication.clientSecretBasicRaw("orders", Mono.just("s:+\n"))), Exchanges.CLIENT));

        assertThat(Objects.requireNonNull(server.takeRequest(10, TimeUnit.SECONDS))
                        .getHeaders()
                        .get("Authorization"))
                .isEqualTo("Basic b3JkZXJzOnM6Kw==");
        assertThatThrownBy(() -> ClientAuthentication.clientSecretBasicRaw("or:ders", Mono.just("s")))
                .hasMessageContaining("must not contain a colon");
    }

    @Test
    void aKeyIsAskedForEachTime() throws Exception {
        AtomicInteger n = new AtomicInteger();
        TokenEndpoint endpoint = endpoint(ClientAuthentication.privateKeyJwt(
                "orders",
                Mono.fromSupplier(() -> key().withKeyId("k" + n.incrementAndGet())),
                AssertionSettings.defaults()));
        server.enqueue(Exchanges.json(Exchanges.TOKEN));
        server.enqueue(Exchanges.json(400, "{\"error\":\"invalid_client\"}"));

        Exchanges.issued(Exchanges.answer(endpoint, Exchanges.CLIENT));
        TokenAnswer.Failed refused = Exchanges.failed(Exchanges.answer(endpoint, Exchanges.CLIENT));

        assertThat(SignedJWT.parse(form().get("client_assertion")).getHeader().getKeyID())
                .isEqualTo("k1");
        assertThat(SignedJWT.parse(form().get("client_assertion")).getHeader().getKeyID())
                .isEqualTo("k2");
        assertThat(refused.message()).contains("the key 'k2'");
    }

    @Test
    void aSuppliedSecretSignsAndIsNotSent() throws Exception {
        server.enqueue(Exchanges.json(Exchanges.TOKEN));

        Exchanges.issued(Exchanges.answer(
                endpoint(ClientAuthentication.clientSecretJwt(
                        "orders", Mono.just(SECRET + "\n"), AssertionSettings.defaults())),
                Exchanges.CLIENT));

        Map<String, String> form = form();
        assertThat(SignedJWT.parse(form.get("client_assertion")).verify(new MACVerifier(SECRET)))
                .isTrue();
        assertThat(form.values()).noneMatch(value -> value.contains(SECRET));
    }

    @Test
    void aSuppliedSecretThatCannotSignIsNotSent() {
        TokenAnswer.Failed answer = Exchanges.failed(Exchanges.answer(
                endpoint(ClientAuthentication.clientSecretJwt(
                        "orders", Mono.just("short"), AssertionSettings.defaults())),
                Exchanges.CLIENT));

        assertThat(answer.delivery()).isEqualTo(Delivery.NOT_SENT);
        assertThat(answer.message())
                .contains("the secret has 5 bytes, and HS256 needs 32")
                .doesNotContain("short");
    }

    @Test
    void aCertificateNeedsNoMoreThanTheId() throws Exception {
        TokenEndpoint endpoint = endpoint(ClientAuthentication.tlsClientAuth("orders"));
        server.enqueue(Exchanges.json(Exchanges.TOKEN));
        server.enqueue(new MockResponse.Builder()
                .code(401)
                .addHeader("Content-Type", "application/json")
                .addHeader(
                        "Date", "Thu, 01 Jan 2026 00:00:00 GMT") // which matters where something says when it was made
                .body("{\"error\":\"invalid_client\"}")
                .build());

        Exchanges.issued(Exchanges.answer(endpoint, Exchanges.CLIENT));
        TokenAnswer.Failed refused = Exchanges.failed(Exchanges.answer(endpoint, Exchanges.CLIENT));

        assertThat(form()).containsOnlyKeys("grant_type", "client_id").containsEntry("client_id", "orders");
        assertThat(refused.message())
                .endsWith(
                        "check which certificate the provider knows for the client, and that the connection shows it");
    }

    @Test
    void aFileIsReadForEachRequest(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("token");
        TokenEndpoint endpoint = endpoint(ClientAuthentication.assertionFile("orders", file));
        TokenAnswer.Failed missing = Exchanges.failed(Exchanges.answer(endpoint, Exchanges.CLIENT));
        Files.writeString(file, JWT + "\n");
        server.enqueue(Exchanges.json(Exchanges.TOKEN));

        Exchanges.issued(Exchanges.answer(endpoint, Exchanges.CLIENT));

        assertThat(missing.message()).contains(" is not there").contains("client 'orders'");
        assertThat(missing.delivery()).isEqualTo(Delivery.NOT_SENT);
        assertThat(form()).containsEntry("client_assertion", JWT);
    }

    @Test
    void aFileThatCannotBeOneIsNamed(@TempDir Path folder) throws Exception {
        Path empty = Files.createFile(folder.resolve("empty"));
        Path large = Files.writeString(folder.resolve("large"), "a".repeat(70_000));

        assertThat(unsent(folder)).contains("the file " + folder + " is a directory");
        assertThat(unsent(empty)).contains("the file " + empty + " is empty");
        assertThat(unsent(large)).contains("the file " + large + " is longer than an assertion can be");
    }

    private String unsent(Path file) {
        TokenEndpoint endpoint = endpoint(ClientAuthentication.assertionFile("orders", file));
        return Exchanges.failed(Exchanges.answer(endpoint, Exchanges.CLIENT)).message();
    }

    @Test
    void theFinalLineEndOfTheGrantsAssertionIsLeftOut() {
        JwtBearerGrant grant = new JwtBearerGrant(Mono.just(JWT + "\r\n"), List.of(), Map.of());

        assertThat(Objects.requireNonNull(grant.request().block()).first("assertion"))
                .isEqualTo(JWT);
    }

    @Test
    void aFileThatIsReplacedUnderLoadIsReadWholeAndSoon(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), JWT);
        String next = "eyJhbGciOiJub25lIn0.e30.bmV4dA";
        Queue<String> sent = new ConcurrentLinkedQueue<>();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                sent.add(Objects.requireNonNull(request.getBody())
                        .utf8()
                        .replaceAll(".*client_assertion=([^&]*).*", "$1"));
                return Exchanges.json(Exchanges.TOKEN);
            }
        });
        TokenEndpoint endpoint = endpoint(ClientAuthentication.assertionFile("orders", file));

        Flux<TokenAnswer> load = Flux.range(0, 400)
                .flatMap(
                        n -> {
                            if (n == 200) {
                                replace(file, next);
                            }
                            return endpoint.send(Exchanges.CLIENT);
                        },
                        8);
        List<TokenAnswer> answers = Objects.requireNonNull(load.collectList().block(Exchanges.BOUND.multipliedBy(3)));

        assertThat(answers).hasSize(400).allMatch(TokenAnswer.Issued.class::isInstance);
        assertThat(sent).containsOnly(JWT, next);
        assertThat(sent.stream().skip(220)).as("but for those in flight").containsOnly(next);
    }

    private static void replace(Path file, String text) {
        try {
            Path beside = Files.writeString(file.resolveSibling("next"), text);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Nested
    class WhatCannotBeHad {

        private void isNotSent(Mono<String> supplier, String why) {
            List<Function<Mono<String>, ClientAuthentication>> ways = List.of(
                    assertion -> ClientAuthentication.assertion("orders", assertion),
                    secret -> ClientAuthentication.clientSecretPost("orders", secret),
                    secret -> ClientAuthentication.clientSecretBasic("orders", secret),
                    secret -> ClientAuthentication.clientSecretBasicRaw("orders", secret),
                    secret -> ClientAuthentication.clientSecretJwt("orders", secret, AssertionSettings.defaults()),
                    key -> ClientAuthentication.privateKeyJwt(
                            "orders", key.map(SigningKey::ofSecret), AssertionSettings.defaults()));
            for (Function<Mono<String>, ClientAuthentication> way : ways) {
                TokenAnswer.Failed answer = Exchanges.failed(Exchanges.answer(
                        TokenEndpoint.builder(Exchanges.uri(server))
                                .clientAuthentication(way.apply(supplier))
                                .timeout(Duration.ofMillis(200))
                                .connectTimeout(Duration.ofMillis(200))
                                .build(),
                        Exchanges.CLIENT));

                assertThat(answer.delivery()).isEqualTo(Delivery.NOT_SENT);
                assertThat(answer.message())
                        .contains("was not asked, since what proves client 'orders' could not be had")
                        .contains(why)
                        .doesNotContain("hush");
            }
            assertThat(server.getRequestCount()).isZero();
        }

        @Test
        void failed() {
            isNotSent(Mono.error(new IOException("hush")), "failed with java.io.IOException");
        }

        @Test
        void threw() {
            isNotSent(
                    Mono.fromSupplier(() -> {
                        throw new IllegalArgumentException("hush");
                    }),
                    "failed with java.lang.IllegalArgumentException");
        }

        @Test
        void isEmpty() {
            isNotSent(Mono.empty(), "nothing came");
        }

        @Test
        void hangs() {
            isNotSent(Mono.never(), "did not come within 200 ms");
        }

        @Test
        void cannotBeSent() {
            isNotSent(Mono.just("hush\u0000"), "it");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "hush",
                    "hush.hush",
                    "hush.hush.",
                    "hush .e30.c2ln",
                    "hush.e30.c2ln.x.y",
                    "hush.e30.c2ln\n\n"
                })
        void isNoJwt(String text) {
            TokenAnswer.Failed answer = Exchanges.failed(Exchanges.answer(
                    endpoint(ClientAuthentication.assertion("orders", Mono.just(text))), Exchanges.CLIENT));

            assertThat(answer.message()).contains("it is no JWT").doesNotContain("hush");
            assertThat(server.getRequestCount()).isZero();
        }
    }

    @Test
    void aGrantMustNotBringAnotherAssertion() {
        TokenRequest request = Exchanges.CLIENT.with("client_assertion", JWT);

        assertThatThrownBy(() -> endpoint(ClientAuthentication.assertion("orders", Mono.just(JWT)))
                        .send(request)
                        .block(Exchanges.BOUND))
                .hasMessageContaining("must not write client_assertion");
    }

    @ParameterizedTest
    @CsvSource({
        "-40, this machine's clock is 40 s behind the server's",
        "40, this machine's clock is 40 s ahead of the server's",
        "3600, this machine's clock is 3600 s ahead of the server's"
    })
    void aRefusalNamesKeyAudienceAndADifferenceOfClocks(int ahead, String clocks) {
        Instant served = Instant.parse("2026-01-01T00:00:00Z");
        String message = refusedAt(served.plusSeconds(ahead), served);

        assertThat(message)
                .contains(
                        "check that the provider has the key 'k1' for EdDSA and takes the audience https://idp.example")
                .contains(clocks);
    }

    @Test
    void aRefusalNamesNoClocksThatAgree() {
        Instant served = Instant.parse("2026-01-01T00:00:00Z");

        assertThat(refusedAt(served.plusSeconds(30), served)).doesNotContain("clock");
    }

    /** Keycloak sends no date. */
    @Test
    void aRefusalWithoutADateAsksForALookAtTheClock() {
        String message = refused(
                401, "{\"error\":\"invalid_client\"}", null, Instant.parse("2026-01-01T00:00:00Z"), Exchanges.CLIENT);

        assertThat(message)
                .endsWith(
                        "takes the audience https://idp.example, and check this machine's clock, since the answer has no"
                                + " date to compare it with");
    }

    /** Not every server says {@code invalid_client}: some take another word, or none. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "401 | {\"error\":\"unauthorized_client\"} | server's: set one of them right",
                "400 | {\"error\":\"unauthorized_client\"} | server's: set one of them right",
                "401 | no | server's: set one of them right",
                "403 | {} | server's: set one of them right"
            })
    void aRefusalInOtherWordsNamesThemToo(int status, String body, String end) {
        Instant served = Instant.parse("2026-01-01T00:00:00Z");
        // a bare 403 is a refusal of a login only, since gateways throttle with it
        TokenRequest login = Exchanges.CLIENT.with("password", "P4ssw0rd");

        assertThat(refused(status, body, served, served.plusSeconds(40), login))
                .contains("check that the provider has the key 'k1' for EdDSA")
                .contains("40 s ahead")
                .endsWith(end);
    }

    @Test
    void aRefusalOfTheGrantsAssertionNamesTheClocks() {
        Instant served = Instant.parse("2026-01-01T00:00:00Z");
        TokenRequest grant = TokenRequest.of(JwtBearerGrant.GRANT_TYPE).with("assertion", JWT);

        assertThat(refused(400, "{\"error\":\"invalid_grant\"}", served, served.minusSeconds(40), grant))
                .endsWith(
                        "invalid_grant; check who signed the grant's assertion, of whom, for which audience and until when"
                                + " it is good; this machine's clock is 40 s behind the server's: set one of them right");
    }

    private String refusedAt(Instant now, Instant served) {
        return refused(401, "{\"error\":\"invalid_client\"}", served, now, Exchanges.CLIENT);
    }

    private String refused(int status, String body, @Nullable Instant served, Instant now, TokenRequest request) {
        MockResponse.Builder answer = new MockResponse.Builder()
                .code(status)
                .addHeader("Content-Type", "application/json")
                .body(body);
        if (served != null) {
            answer.addHeader("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(served.atOffset(ZoneOffset.UTC)));
        }
        server.enqueue(answer.build());
        AssertionSettings settings = AssertionSettings.defaults().withAudience("https://idp.example");
        return Exchanges.failed(Exchanges.answer(
                        TokenEndpoint.builder(Exchanges.uri(server))
                                .clientAuthentication(
                                        ClientAuthentication.privateKeyJwt("orders", key().withKeyId("k1"), settings))
                                .wallClock(() -> now)
                                .build(),
                        request))
                .message();
    }

    @Test
    void anEchoIsRedacted() {
        server.enqueue(Exchanges.json(400, "{\"error\":\"invalid_client\",\"error_description\":\"bad " + JWT + "\"}"));

        TokenAnswer.Failed answer = Exchanges.failed(
                Exchanges.answer(endpoint(ClientAuthentication.assertion("orders", Mono.just(JWT))), Exchanges.CLIENT));

        assertThat(answer.message()).doesNotContain(JWT);
    }

    @Test
    void nothingOfThemIsShown() {
        for (ClientAuthentication authentication : List.of(
                ClientAuthentication.assertion("orders", Mono.just(JWT)),
                ClientAuthentication.clientSecretJwt("orders", SECRET, AssertionSettings.defaults()),
                ClientAuthentication.clientSecretPost("orders", Mono.just(SECRET)))) {
            assertThat(authentication.toString()).contains("orders").doesNotContain(JWT, SECRET);
        }
    }

    @Test
    void theJwtBearerGrantShowsANewOneForEachLogin() throws Exception {
        server.enqueue(Exchanges.json(Exchanges.TOKEN));
        server.enqueue(Exchanges.json(Exchanges.TOKEN));
        JwtBearerGrant grant = new JwtBearerGrant(
                key(),
                AssertionSettings.defaults().withAudience("https://idp.example"),
                "orders",
                "ann@example.com",
                List.of("read"));
        TokenEndpoint endpoint = endpoint(ClientAuthentication.none("orders"));

        Exchanges.answer(endpoint, Objects.requireNonNull(grant.request().block(Exchanges.BOUND)));
        Exchanges.answer(endpoint, Objects.requireNonNull(grant.request().block(Exchanges.BOUND)));

        Map<String, String> first = form();
        assertThat(first)
                .containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
                .containsEntry("scope", "read");
        SignedJWT assertion = SignedJWT.parse(first.get("assertion"));
        assertThat(assertion.getHeader().getType().getType()).isEqualTo("JWT");
        assertThat(assertion.getPayload().toJSONObject())
                .containsEntry("sub", "ann@example.com")
                .containsEntry("aud", "https://idp.example");
        assertThat(form().get("assertion")).isNotEqualTo(first.get("assertion"));
    }

    @Test
    void theJwtBearerGrantNeedsAnAudience() {
        assertThatThrownBy(() ->
                        new JwtBearerGrant(key(), AssertionSettings.defaults(), "orders", "ann@example.com", List.of()))
                .hasMessageContaining("withAudience");
        assertThat(new JwtBearerGrant(Mono.just(JWT), List.of("read"), Map.of()))
                .asString()
                .doesNotContain(JWT);
    }
}
