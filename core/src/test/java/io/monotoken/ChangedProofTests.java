package io.monotoken;

import static io.monotoken.endpoint.Exchanges.CLIENT;
import static io.monotoken.endpoint.Exchanges.TOKEN;
import static io.monotoken.endpoint.Exchanges.answer;
import static io.monotoken.endpoint.Exchanges.uri;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.monotoken.FleetFixture.Instance;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.util.RaceTestUtils;

/** A secret, key or certificate that is replaced ends the pause after the server did not know the client. */
class ChangedProofTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicReference<Mono<Boolean>> changed = new AtomicReference<>(Mono.just(false));

    private TokenAnswer unknownClient() {
        return refused("invalid_client");
    }

    private TokenAnswer refused(String error) {
        return ((TokenAnswer.Failed) ScriptedEndpoint.rejected(400, error)).withProofChanged(Mono.defer(() -> {
            looks.incrementAndGet();
            return changed.get();
        }));
    }

    private void ask() {
        fixture.token().subscribe(token -> {}, error -> {});
        fixture.time.advance(Duration.ZERO);
    }

    @Test
    void endsThePause() {
        endpoint.answerWith(unknownClient());
        fixture.failure();
        endpoint.answerTokens();
        changed.set(Mono.just(true));
        fixture.time.advance(FIVE_SECONDS);

        ask();

        assertThat(fixture.obtain().value()).isEqualTo("access-1");
        assertThat(looks).hasValue(1);
        assertThat(fixture.events).doesNotContain("guard opened");
    }

    @Test
    void endsItAfterARenewalWithATokenInUse() {
        fixture.obtain();
        endpoint.answerWith(unknownClient());
        fixture.time.advance(Duration.ofMinutes(25));
        ask();
        endpoint.answerTokens();
        changed.set(Mono.just(true));
        fixture.time.advance(FIVE_SECONDS);

        ask();
        ask();

        assertThat(endpoint.grants()).containsExactly("password", "refresh_token", "refresh_token");
        assertThat(fixture.obtain().value()).isEqualTo("access-2");
    }

    @Test
    void isLookedForEveryFiveSecondsAtMost() {
        endpoint.answerWith(unknownClient());
        fixture.failure();

        for (int i = 0; i < 280; i++) {
            fixture.time.advanceMillis(100);
            ask();
        }

        assertThat(looks).hasValue(5);
        assertThat(endpoint.requests()).isOne();
    }

    @Test
    void isLookedForByNobodyWhileNobodyAsks() {
        endpoint.answerWith(unknownClient());
        fixture.failure();
        long tasks = fixture.time.timer.getScheduledTaskCount();

        fixture.time.advance(Duration.ofMinutes(10));

        assertThat(looks).hasValue(0);
        assertThat(fixture.time.timer.getScheduledTaskCount()).isEqualTo(tasks);
    }

    @Test
    void letsNobodyWaitForTheLook() {
        endpoint.answerWith(unknownClient());
        fixture.failure();
        changed.set(Mono.never());
        fixture.time.advance(FIVE_SECONDS);

        ask();

        assertThat(fixture.failure()).hasMessage("rejected: invalid_client");
        assertThat(looks).hasValue(1);
    }

    @Test
    void isLookedForAgainAfterALookThatHangs() {
        endpoint.answerWith(unknownClient());
        fixture.failure();
        changed.set(Mono.never());
        fixture.time.advance(FIVE_SECONDS);
        ask();
        fixture.time.advance(FIVE_SECONDS);
        changed.set(Mono.just(true));
        endpoint.answerTokens();

        ask();

        assertThat(looks).hasValue(2);
        assertThat(fixture.obtain().value()).isEqualTo("access-1");
    }

    @Test
    void isLookedForAgainAfterOneThatFailsOrIsEmpty() {
        endpoint.answerWith(unknownClient());
        fixture.failure();
        for (Mono<Boolean> look :
                List.<Mono<Boolean>>of(Mono.error(new IllegalStateException("vault")), Mono.empty(), Mono.defer(() -> {
                    throw new IllegalStateException("vault");
                }))) {
            changed.set(look);
            fixture.time.advance(FIVE_SECONDS);
            ask();
        }

        assertThat(looks).hasValue(3);
        assertThat(endpoint.requests()).isOne();
    }

    @Test
    void doesNotHurryThePauseOfAnotherFailure() {
        endpoint.answerWith(refused("invalid_scope"));
        fixture.failure();
        changed.set(Mono.just(true));
        fixture.time.advance(FIVE_SECONDS);

        ask();
        ask();

        assertThat(looks).hasValue(0);
        assertThat(endpoint.requests()).isOne();
    }

    @Test
    void startsThePausesAnew() {
        endpoint.answerWith(unknownClient());
        fixture.failure();
        changed.set(Mono.just(true));
        for (int i = 0; i < 60; i++) {
            fixture.time.advance(Duration.ofSeconds(1));
            ask();
        }

        assertThat(endpoint.requests()).isBetween(9, 12); // every five seconds, whatever the supplier makes up
    }

    @Test
    void isToldInTheLog() {
        endpoint.answerWith(unknownClient());
        fixture.failure();
        changed.set(Mono.just(true));
        fixture.time.advance(FIVE_SECONDS);
        try (CapturedLog log = CapturedLog.of(TokenSource.class, Level.INFO)) {
            ask();

            assertThat(log.messages())
                    .containsExactly("TokenSource[" + fixture.tokenUri
                            + ", client 'client']: what proves the client has changed; asking again");
        }
    }

    @RepeatedTest(200)
    void isLookedForOnceByCallersWhoComeTogether() {
        endpoint.answerWith(unknownClient());
        fixture.failure();
        fixture.time.advance(FIVE_SECONDS);

        RaceTestUtils.race(
                () -> fixture.token().subscribe(token -> {}, error -> {}),
                () -> fixture.token().subscribe(token -> {}, error -> {}),
                () -> fixture.token().subscribe(token -> {}, error -> {}));
        fixture.time.advance(Duration.ZERO);

        assertThat(looks).hasValue(1);
    }

    @RepeatedTest(200)
    void opensOneRequestForCallersWhoComeAsItChanges() {
        endpoint.answerWith(unknownClient());
        fixture.failure();
        endpoint.answerTokens();
        Sinks.One<Boolean> look = Sinks.one();
        changed.set(look.asMono());
        fixture.time.advance(FIVE_SECONDS);
        ask();

        RaceTestUtils.race(
                () -> look.tryEmitValue(true),
                () -> fixture.token().subscribe(token -> {}, error -> {}),
                () -> fixture.source().reset());

        assertThat(fixture.obtain().value()).isEqualTo("access-1");
        assertThat(endpoint.requests()).isEqualTo(2);
    }

    @RepeatedTest(200)
    void opensNothingOnceTheSourceIsClosed() {
        endpoint.answerWith(unknownClient());
        fixture.failure();
        Sinks.One<Boolean> look = Sinks.one();
        changed.set(look.asMono());
        fixture.time.advance(FIVE_SECONDS);
        ask();

        RaceTestUtils.race(() -> look.tryEmitValue(true), () -> fixture.source().close());
        ask();

        assertThat(endpoint.requests()).isOne();
        assertThat(fixture.source().state().phase()).isEqualTo(TokenSourceState.Phase.CLOSED);
        assertThat(look.currentSubscriberCount()).isZero();
    }

    @Test
    void endsThePauseOfEachInstanceOfAFleet() {
        FleetFixture fleet = new FleetFixture();
        Instance first = fleet.instance();
        Instance second = fleet.instance();
        fleet.endpoint.answerWith(unknownClient());
        first.ask(FIVE_SECONDS);
        second.ask(FIVE_SECONDS);
        fleet.endpoint.answerTokens();
        changed.set(Mono.just(true));
        fleet.advance(FIVE_SECONDS);

        first.ask(FIVE_SECONDS);
        second.ask(FIVE_SECONDS);

        assertThat(first.ask(FIVE_SECONDS)).isInstanceOf(Token.class);
        assertThat(second.ask(FIVE_SECONDS)).isInstanceOf(Token.class);
        assertThat(looks).hasValue(2);
    }

    /** What each way of authentication says of whether it has something else to show by now. */
    @Nested
    class OfAnEndpoint {

        @StartStop
        private final MockWebServer server = new MockWebServer();

        private TokenEndpoint.Builder by(ClientAuthentication authentication) {
            return TokenEndpoint.builder(uri(server)).clientAuthentication(authentication);
        }

        private Mono<Boolean> refused(TokenEndpoint.Builder builder) {
            server.enqueue(new MockResponse.Builder()
                    .code(401)
                    .body("{\"error\":\"invalid_client\"}")
                    .build());
            TokenAnswer.Failed failed = (TokenAnswer.Failed) answer(builder.build(), CLIENT);
            Mono<Boolean> found = failed.proofChanged();
            assertThat(found).isNotNull();
            return found == null ? Mono.empty() : found;
        }

        private @Nullable Boolean is(Mono<Boolean> changed) {
            return changed.block(SourceFixture.BOUND);
        }

        @ParameterizedTest
        @ValueSource(strings = {"post", "basic", "raw", "jwt"})
        void aSecretOfASupplier(String way) {
            AtomicReference<String> secret = new AtomicReference<>("the-first-secret-of-32-characters\n");
            Mono<String> supplier = Mono.fromSupplier(secret::get);
            Mono<Boolean> changed = refused(by(
                    switch (way) {
                        case "post" -> ClientAuthentication.clientSecretPost("orders", supplier);
                        case "basic" -> ClientAuthentication.clientSecretBasic("orders", supplier);
                        case "raw" -> ClientAuthentication.clientSecretBasicRaw("orders", supplier);
                        default ->
                            ClientAuthentication.clientSecretJwt("orders", supplier, AssertionSettings.defaults());
                    }));

            assertThat(is(changed)).isFalse();
            secret.set("the-second-secret-of-32-characters\n");
            assertThat(is(changed)).isTrue();
            secret.set("the-first-secret-of-32-characters\n");
            assertThat(is(changed)).isFalse();
        }

        @Test
        void aKeyOfASupplier() throws GeneralSecurityException {
            KeyPairGenerator keys = KeyPairGenerator.getInstance("Ed25519");
            SigningKey first = SigningKey.of(keys.generateKeyPair().getPrivate());
            AtomicReference<SigningKey> key = new AtomicReference<>(first);
            Mono<Boolean> changed = refused(by(ClientAuthentication.privateKeyJwt(
                    "orders", Mono.fromSupplier(key::get), AssertionSettings.defaults())));

            assertThat(is(changed)).isFalse();
            key.set(first.withKeyId("another"));
            assertThat(is(changed)).isTrue();
            key.set(SigningKey.of(keys.generateKeyPair().getPrivate()));
            assertThat(is(changed)).isTrue();
        }

        @Test
        void anAssertionFile(@TempDir Path directory) throws IOException {
            Path file = Files.writeString(directory.resolve("token"), "a.b.c\n");
            Mono<Boolean> changed = refused(by(ClientAuthentication.assertionFile("orders", file)));

            assertThat(is(changed)).isFalse();
            Files.writeString(file, "d.e.f\n");
            assertThat(is(changed.subscribeOn(Schedulers.parallel()))).isTrue(); // where BlockHound watches
        }

        @Test
        void theCertificateOfItsConnections() {
            AtomicInteger reloads = new AtomicInteger();
            Mono<Boolean> changed =
                    refused(by(ClientAuthentication.tlsClientAuth("orders")).connectionVersion(reloads::get));

            assertThat(is(changed)).isNull();
            reloads.incrementAndGet();
            assertThat(is(changed)).isTrue();
        }

        @Test
        void nothingThatNeverChanges() throws GeneralSecurityException {
            SigningKey key = SigningKey.of(
                    KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate());

            assertThat(is(refused(by(ClientAuthentication.clientSecretPost("orders", "secret")))))
                    .isNull();
            assertThat(is(refused(by(ClientAuthentication.privateKeyJwt("orders", key, AssertionSettings.defaults())))))
                    .isNull();
        }

        @Test
        void noAssertionThatIsAnotherOneEachTime() {
            AtomicInteger made = new AtomicInteger();
            Mono<Boolean> changed = refused(by(ClientAuthentication.assertion(
                    "orders", Mono.fromSupplier(() -> "a.b." + made.incrementAndGet()))));

            assertThat(is(changed)).isNull();
            assertThat(made).hasValue(1);
        }

        @Test
        void throughASource() {
            AtomicReference<String> secret = new AtomicReference<>("old");
            TestTime time = new TestTime();
            TokenSource source = TokenSource.builder(
                            by(ClientAuthentication.clientSecretPost("orders", Mono.fromSupplier(secret::get)))
                                    .build(),
                            new ClientCredentialsGrant(List.of()))
                    .clock(time.clock)
                    .build();
            server.enqueue(new MockResponse.Builder()
                    .code(400)
                    .body("{\"error\":\"invalid_client\"}")
                    .build());
            List<String> got = new ArrayList<>();
            UnaryOperator<Mono<Token>> shown = token -> token.doOnNext(found -> got.add(found.value()));
            shown.apply(source.token()).onErrorComplete().block(SourceFixture.BOUND);
            secret.set("new");
            server.enqueue(new MockResponse.Builder().body(TOKEN).build());
            time.advance(FIVE_SECONDS);

            source.token().onErrorComplete().block(SourceFixture.BOUND);
            time.advance(Duration.ZERO);
            shown.apply(source.token()).block(SourceFixture.BOUND);

            assertThat(got).containsExactly("ad8e51c5a981bb821cfd77cc52154ad0");
            assertThat(server.getRequestCount()).isEqualTo(2);
        }
    }

    @Nested
    class AFingerprint {

        @Test
        void isThatOfTheKeyAndShowsNothingOfIt() throws GeneralSecurityException {
            KeyPairGenerator keys = KeyPairGenerator.getInstance("RSA");
            keys.initialize(2048);
            java.security.PrivateKey key = keys.generateKeyPair().getPrivate();

            assertThat(SigningKey.of(key).fingerprint())
                    .isEqualTo(SigningKey.of(key).fingerprint())
                    .isNotEqualTo(SigningKey.of(key).withAlgorithm("PS256").fingerprint())
                    .isNotEqualTo(SigningKey.of(key).withKeyId("k1").fingerprint())
                    .isNotEqualTo(
                            SigningKey.of(keys.generateKeyPair().getPrivate()).fingerprint())
                    .matches("[0-9a-f]{64}");
        }

        @Test
        void isThatOfAKeyThatItsModuleKeeps() {
            java.security.PrivateKey handle = new java.security.interfaces.RSAPrivateKey() {
                @Override
                public java.math.BigInteger getPrivateExponent() {
                    return java.math.BigInteger.ONE;
                }

                @Override
                public java.math.BigInteger getModulus() {
                    return java.math.BigInteger.ONE.shiftLeft(2047);
                }

                @Override
                public String getAlgorithm() {
                    return "RSA";
                }

                @Override
                public @Nullable String getFormat() {
                    return null;
                }

                @Override
                public byte @Nullable [] getEncoded() {
                    return null;
                }
            };

            assertThat(SigningKey.of(handle).fingerprint())
                    .isEqualTo(SigningKey.of(handle).fingerprint());
        }
    }
}
