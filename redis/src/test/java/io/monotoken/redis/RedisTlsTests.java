package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static io.monotoken.redis.RedisFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.SslOptions;
import io.monotoken.TokenStore.Change;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** A server that speaks TLS, with a certificate of an authority that nobody else knows. */
@ParameterizedClass
@EnumSource(RedisBuild.class)
class RedisTlsTests {

    private static final HeldCertificate AUTHORITY =
            new HeldCertificate.Builder().certificateAuthority(0).build();
    private static final String OUT_OF_REACH = "Redis is out of reach: Unable to connect to 127.0.0.1";
    private static final String ADVICE =
            "; check whether the server speaks TLS there, its certificate, the host name in it,"
                    + " and which authorities the client trusts";

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    @TempDir
    private Path files;

    private final RedisBuild build;
    private final int port = RedisProcess.freePort();

    RedisTlsTests(RedisBuild build) {
        this.build = build;
    }

    private static HeldCertificate.Builder certificateFor(String host) {
        return new HeldCertificate.Builder().addSubjectAlternativeName(host);
    }

    /** {@return a server that speaks TLS on {@link #port}} */
    private RedisProcess server(HeldCertificate.Builder certificate, String clientCertificates) {
        HeldCertificate held = certificate.signedBy(AUTHORITY).build();
        try {
            return redis.server(
                    build,
                    "--tls-port",
                    Integer.toString(port),
                    "--tls-cert-file",
                    file("certificate.pem", held.certificatePem()),
                    "--tls-key-file",
                    file("key.pem", held.privateKeyPkcs8Pem()),
                    "--tls-ca-cert-file",
                    file("authority.pem", AUTHORITY.certificatePem()),
                    "--tls-auth-clients",
                    clientCertificates);
        } catch (IllegalStateException failure) {
            assumeThat(failure.getMessage())
                    .as("this redis-server was built without TLS")
                    .doesNotContain("Bad directive");
            throw failure;
        }
    }

    private String file(String name, String content) {
        try {
            return Files.writeString(files.resolve(name), content).toString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private RedisTokenStore store(Consumer<SslContextBuilder> trust) {
        return store("rediss://127.0.0.1:" + port, SslOptions.builder().sslContext(trust));
    }

    private RedisTokenStore store(String address, SslOptions.Builder tls) {
        RedisClient client = redis.client(RedisClient.create(address));
        client.setOptions(ClientOptions.builder().sslOptions(tls.build()).build());
        return redis.store(client);
    }

    private static void trusting(SslContextBuilder context) {
        context.trustManager(AUTHORITY.certificate());
    }

    private void readsAndReplaces(RedisTokenStore store) {
        assertThat(redis.replace(store, null, "one")).isTrue();
        assertThat(redis.read(store).tag()).isEqualTo("one");
    }

    private static String failure(Mono<?> call) {
        RedisException failure = catchThrowableOfType(RedisException.class, () -> call.block(SOON));
        assertThat(failure).as("failure").isNotNull();
        return String.valueOf(failure.getMessage());
    }

    @Test
    void carriesRecordsAndHints() throws InterruptedException {
        RedisProcess server = server(certificateFor("127.0.0.1"), "no");
        RedisTokenStore store = store(RedisTlsTests::trusting);
        Heard heard = new Heard(store);
        eventually(
                () -> server.operator().pubsubNumsub("monotoken:changes").get("monotoken:changes"),
                count -> count == 1);

        readsAndReplaces(store);

        assertThat(heard.next()).isEqualTo(new Change(redis.key, "one"));
        heard.stop();
    }

    @Test
    void showsACertificateOfTheClientWhereTheServerAsksForOne() {
        server(certificateFor("127.0.0.1"), "yes");
        HeldCertificate client =
                new HeldCertificate.Builder().signedBy(AUTHORITY).build();

        readsAndReplaces(store(context -> {
            trusting(context);
            context.keyManager(client.keyPair().getPrivate(), client.certificate());
        }));
        assertThat(failure(store(RedisTlsTests::trusting).read(redis.key)))
                .startsWith(OUT_OF_REACH)
                .endsWith("Received fatal alert: certificate_required" + ADVICE);
    }

    @Test
    void failsForACertificateOfAnAuthorityThatIsNotTrusted() {
        server(certificateFor("127.0.0.1"), "no");
        RedisTokenStore store = store(context -> {});
        String refusal = "unable to find valid certification path to requested target" + ADVICE;

        assertThat(failure(store.read(redis.key))).startsWith(OUT_OF_REACH).endsWith(refusal);
        assertThat(failure(store.changes().next())).startsWith(OUT_OF_REACH).endsWith(refusal);
    }

    @Test
    void failsForACertificateOfAnotherHost() {
        server(certificateFor("elsewhere.example"), "no");

        assertThat(failure(store(RedisTlsTests::trusting).read(redis.key)))
                .startsWith(OUT_OF_REACH)
                .endsWith("No subject alternative names matching IP address 127.0.0.1 found" + ADVICE);
    }

    @Test
    void failsWhereOnlyOneSideSpeaksTls() {
        RedisProcess server = server(certificateFor("127.0.0.1"), "no");
        SslOptions.Builder impatient = SslOptions.builder().handshakeTimeout(Duration.ofSeconds(1));

        assertThat(failure(
                        store("rediss://127.0.0.1:" + server.port(), impatient).read(redis.key)))
                .startsWith(OUT_OF_REACH)
                .endsWith("handshake timed out after 1000ms" + ADVICE);
        assertThat(failure(store("redis://127.0.0.1:" + port, impatient).read(redis.key)))
                .startsWith(OUT_OF_REACH);
    }
}
