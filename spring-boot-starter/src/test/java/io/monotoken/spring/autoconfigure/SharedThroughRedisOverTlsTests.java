package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.TokenStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** A Redis that speaks TLS, as {@code spring.data.redis.ssl} describes it. */
class SharedThroughRedisOverTlsTests {

    private static final Duration BOUND = Duration.ofSeconds(20);

    private final StandIns standIns = new StandIns();
    private final HeldCertificate authority =
            new HeldCertificate.Builder().certificateAuthority(0).build();

    @TempDir
    private Path files;

    private RedisServer redis;
    private ApplicationContextRunner instance;

    @BeforeEach
    void start() throws IOException {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .signedBy(authority)
                .build();
        int port = freePort();
        redis = new RedisServer(
                        "--tls-port",
                        Integer.toString(port),
                        "--tls-cert-file",
                        file("certificate.pem", certificate.certificatePem()),
                        "--tls-key-file",
                        file("key.pem", certificate.privateKeyPkcs8Pem()),
                        "--tls-ca-cert-file",
                        file("authority.pem", authority.certificatePem()),
                        "--tls-auth-clients",
                        "no")
                .start();
        instance = new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, DataRedisAutoConfiguration.class))
                .withPropertyValues(standIns.client("comply-one"))
                .withPropertyValues(
                        "spring.data.redis.host=127.0.0.1",
                        "spring.data.redis.port=" + port,
                        "monotoken.store.redis.enabled=true",
                        "monotoken.store.redis.keys.k1=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
                        "monotoken.clients.comply-one.shared=true");
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(files.resolve(name), content).toString();
    }

    @AfterEach
    void stop() {
        redis.close();
        standIns.close();
    }

    private static Token token(ApplicationContext instance) {
        return Objects.requireNonNull(
                instance.getBean(TokenSource.class).token().block(BOUND));
    }

    private static TokenSourceState.Shared shared(ApplicationContext instance) {
        return Objects.requireNonNull(
                instance.getBean(TokenSource.class).state().shared());
    }

    @Test
    void logsInOnceForAll() {
        ApplicationContextRunner trusting = instance.withPropertyValues(
                "spring.ssl.bundle.pem.redis.truststore.certificate=" + authority.certificatePem(),
                "spring.data.redis.ssl.bundle=redis");

        trusting.run(one -> trusting.run(other -> {
            assertThat(token(one)).isEqualTo(token(other));

            assertThat(shared(one).awaySince()).isNull();
            assertThat(shared(other).awaySince()).isNull();
            assertThat(standIns.server().passwordRequests()).isOne();
        }));
    }

    @Test
    void goesOnAloneWithACertificateThatIsNotTrusted() {
        instance.withPropertyValues("spring.data.redis.ssl.enabled=true").run(alone -> {
            token(alone);

            assertThat(shared(alone).awaySince()).isNotNull();
            assertThatThrownBy(() -> alone.getBean(TokenStore.class).read("key").block(BOUND))
                    .hasMessageStartingWith("Redis is out of reach: Unable to connect to 127.0.0.1")
                    .hasMessageContaining("unable to find valid certification path to requested target;"
                            + " check whether the server speaks TLS there, its certificate");
        });
    }
}
