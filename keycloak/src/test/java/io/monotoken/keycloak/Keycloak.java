package io.monotoken.keycloak;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.util.retry.Retry;

/** A Keycloak with the sample realm, in a process of its own, on free ports of 127.0.0.1. */
final class Keycloak implements AutoCloseable {

    static final String ADMIN_PASSWORD = "sample-admin-password";

    private static final Duration START = Duration.ofMinutes(5);
    private static final Duration STOP = Duration.ofSeconds(30);

    private final HeldCertificate authority = new HeldCertificate.Builder()
            .commonName("sample-authority")
            .certificateAuthority(0)
            .build();
    private final ClientKeys clientKeys = new ClientKeys();
    private final int http = freePort();
    private final int https = freePort();
    private final Path home = Path.of(Objects.requireNonNull(System.getProperty("keycloak.home"), "keycloak.home"));
    private final Path log = home.resolveSibling("keycloak.log");
    private final Process process;
    private final Thread atExit = new Thread(this::stop, "keycloak-stop");

    private Keycloak() throws IOException {
        process = start();
        Runtime.getRuntime().addShutdownHook(atExit);
        awaitReady();
    }

    static Keycloak started() {
        try {
            return new Keycloak();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process start() throws IOException {
        Path realms = Files.createDirectories(home.resolve("data/import"));
        try (var realm = Objects.requireNonNull(Keycloak.class.getResourceAsStream("/sample-realm.json"))) {
            String text = new String(realm.readAllBytes(), StandardCharsets.UTF_8);
            Files.writeString(
                    realms.resolve("sample-realm.json"),
                    text.replace("@keys@", clientKeys.published().replace("\"", "\\\"")));
        }
        HeldCertificate own = new HeldCertificate.Builder()
                .signedBy(authority)
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        Path authorities = Files.writeString(home.resolve("authority.pem"), authority.certificatePem());
        Path certificate = Files.writeString(home.resolve("own.pem"), own.certificatePem());
        Path key = Files.writeString(home.resolve("own-key.pem"), own.privateKeyPkcs8Pem());
        ProcessBuilder builder = new ProcessBuilder(List.of(
                home.resolve("bin/kc.sh").toString(),
                "start-dev",
                "--db=dev-mem",
                "--cache=local",
                "--import-realm",
                "--features=jwt-authorization-grant",
                "--https-client-auth=request",
                "--truststore-paths=" + authorities,
                "--http-host=127.0.0.1",
                "--http-port=" + http,
                "--https-port=" + https,
                "--https-certificate-file=" + certificate,
                "--https-certificate-key-file=" + key));
        builder.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", "admin");
        builder.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN_PASSWORD);
        builder.environment().put("JAVA_OPTS_APPEND", "-Xmx512m");
        File output = log.toFile();
        return builder.redirectErrorStream(true).redirectOutput(output).start();
    }

    private void awaitReady() throws IOException {
        try {
            HttpClient.newConnection()
                    .get()
                    .uri(realm("sample"))
                    .response()
                    .filter(response -> response.status().code() == 200)
                    .switchIfEmpty(Mono.error(() -> new IOException("not ready")))
                    .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, Duration.ofMillis(500))
                            .filter(error -> process.isAlive()))
                    .block(START);
        } catch (RuntimeException e) {
            stop();
            List<String> lines = Files.readAllLines(log);
            throw new IllegalStateException(
                    "Keycloak did not start; the end of " + log + ":\n"
                            + String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size())),
                    e);
        }
    }

    URI tokenUri() {
        return URI.create(realm("sample") + "/protocol/openid-connect/token");
    }

    URI tokenUriOverTls() {
        return URI.create("https://127.0.0.1:" + https + "/realms/sample/protocol/openid-connect/token");
    }

    URI adminTokenUri() {
        return URI.create(realm("master") + "/protocol/openid-connect/token");
    }

    URI userInfo() {
        return URI.create(realm("sample") + "/protocol/openid-connect/userinfo");
    }

    URI admin(String path) {
        return URI.create("http://127.0.0.1:" + http + "/admin/realms/sample" + path);
    }

    /** {@return the issuer that an assertion is for} */
    String issuer() {
        return realm("sample");
    }

    URI userInfoOverTls() {
        return URI.create("https://127.0.0.1:" + https + "/realms/sample/protocol/openid-connect/userinfo");
    }

    /** {@return the keys of the clients that sign} */
    ClientKeys clientKeys() {
        return clientKeys;
    }

    HandshakeCertificates trust() {
        return new HandshakeCertificates.Builder()
                .addTrustedCertificate(authority.certificate())
                .build();
    }

    /** {@return a certificate of the authority that Keycloak trusts, on a key of its own} */
    HeldCertificate certificate(String commonName) {
        return new HeldCertificate.Builder()
                .commonName(commonName)
                .signedBy(authority)
                .build();
    }

    private String realm(String name) {
        return "http://127.0.0.1:" + http + "/realms/" + name;
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        stop();
    }

    private void stop() {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
