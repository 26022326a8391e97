package io.monotoken.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.AssertionSettings;
import io.monotoken.SigningKey;
import io.monotoken.TokenAnswer;
import io.monotoken.TokenRequest;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Each way to prove a client changes while eight callers send requests without a pause, in the three steps that a provider with two
 * keys or secrets allows: the server takes both, the client changes, the server takes the new one. No request fails.
 */
class ProofRotationUnderLoadTests {

    private static final int CALLERS = 8;
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final AssertionSettings SETTINGS =
            AssertionSettings.defaults().withAudience("https://idp.example");
    private static final String OLD = "the-old-secret-of-32-characters-";
    private static final String NEW = "the-new-secret-of-32-characters-";

    private final KeyPair oldKey = pair();
    private final KeyPair newKey = pair();
    private final StandInTokenServer server = StandInTokenServer.builder()
            .client("keys", oldKey.getPublic())
            .client("secrets", OLD)
            .start();

    private static KeyPair pair() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static SigningKey signing(KeyPair pair) {
        return SigningKey.of(pair.getPrivate());
    }

    /** Callers who never stop sending, each request after the answer to its last. */
    private final class Load {

        private final AtomicBoolean stopped = new AtomicBoolean();
        private final AtomicReference<CountDownLatch> rounds = new AtomicReference<>(new CountDownLatch(1));
        private final CountDownLatch ended = new CountDownLatch(1);
        private final AtomicInteger answered = new AtomicInteger();
        private final Queue<String> failed = new ConcurrentLinkedQueue<>();

        Load(ClientAuthentication client) {
            TokenEndpoint endpoint = TokenEndpoint.builder(server.tokenUri())
                    .clientAuthentication(client)
                    .timeout(BOUND)
                    .build();
            Flux.range(0, CALLERS)
                    .flatMap(
                            caller -> endpoint.send(TokenRequest.of("client_credentials"))
                                    .doOnNext(this::count)
                                    .repeat(() -> !stopped.get()),
                            CALLERS)
                    .doFinally(signal -> ended.countDown())
                    .subscribe();
        }

        private void count(TokenAnswer answer) {
            if (answer instanceof TokenAnswer.Failed failure) {
                failed.add(failure.message());
            }
            answered.incrementAndGet();
            Objects.requireNonNull(rounds.get()).countDown();
        }

        /** Waits until whatever was in flight is answered, and as much again: each caller sends one request at a time. */
        void goesOn() throws InterruptedException {
            CountDownLatch enough = new CountDownLatch(CALLERS * 4);
            rounds.set(enough);
            assertThat(enough.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }

        void stop() throws InterruptedException {
            stopped.set(true);
            assertThat(ended.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    /** What a supplier gives at the moment. */
    private static final class Current<T> {

        private volatile T value;

        Current(T value) {
            this.value = value;
        }
    }

    private void rotates(ClientAuthentication client, Runnable both, Runnable change, Runnable last) throws Exception {
        Load load = new Load(client);
        try {
            load.goesOn();
            both.run();
            load.goesOn();
            change.run();
            load.goesOn();
            last.run();
            load.goesOn();
        } finally {
            load.stop();
        }

        assertThat(load.failed).isEmpty();
        assertThat(load.answered.get()).isGreaterThanOrEqualTo(CALLERS * 16);
    }

    private void acceptBothKeys() {
        server.changeClientKeys("keys", oldKey.getPublic(), newKey.getPublic());
    }

    private void acceptNewKey() {
        server.changeClientKeys("keys", newKey.getPublic());
    }

    private void acceptBothSecrets() {
        server.changeClientSecrets("secrets", OLD, NEW);
    }

    private void acceptNewSecret() {
        server.changeClientSecrets("secrets", NEW);
    }

    @Test
    void aKey() throws Exception {
        Current<SigningKey> current = new Current<>(signing(oldKey));

        rotates(
                ClientAuthentication.privateKeyJwt("keys", Mono.fromSupplier(() -> current.value), SETTINGS),
                this::acceptBothKeys,
                () -> current.value = signing(newKey),
                this::acceptNewKey);
    }

    @Test
    void aSecretThatIsSent() throws Exception {
        Current<String> current = new Current<>(OLD);

        rotates(
                ClientAuthentication.clientSecretPost("secrets", Mono.fromSupplier(() -> current.value)),
                this::acceptBothSecrets,
                () -> current.value = NEW,
                this::acceptNewSecret);
    }

    @Test
    void aSecretInTheHeader() throws Exception {
        Current<String> current = new Current<>(OLD);

        rotates(
                ClientAuthentication.clientSecretBasic("secrets", Mono.fromSupplier(() -> current.value)),
                this::acceptBothSecrets,
                () -> current.value = NEW,
                this::acceptNewSecret);
    }

    @Test
    void aSecretThatSigns() throws Exception {
        Current<String> current = new Current<>(OLD);

        rotates(
                ClientAuthentication.clientSecretJwt("secrets", Mono.fromSupplier(() -> current.value), SETTINGS),
                this::acceptBothSecrets,
                () -> current.value = NEW,
                this::acceptNewSecret);
    }

    /** What makes the assertions changes: another key management service, or a workload with another identity. */
    @Test
    void aSupplierOfAssertions() throws Exception {
        Current<SigningKey> current = new Current<>(signing(oldKey));

        rotates(
                ClientAuthentication.assertion(
                        "keys",
                        Mono.defer(() -> SETTINGS.assertion(current.value, "keys", "keys", "https://unused.example"))),
                this::acceptBothKeys,
                () -> current.value = signing(newKey),
                this::acceptNewKey);
    }
}
