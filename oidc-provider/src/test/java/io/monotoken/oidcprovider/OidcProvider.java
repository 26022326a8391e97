package io.monotoken.oidcprovider;

import io.monotoken.SigningKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** oidc-provider in a process of its own, on free ports of 127.0.0.1. */
final class OidcProvider implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(1);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HeldCertificate authority = new HeldCertificate.Builder()
            .commonName("sample-authority")
            .certificateAuthority(0)
            .build();
    private final HeldCertificate selfSigned =
            new HeldCertificate.Builder().commonName("has-own-certificate").build();
    private final Path home = Path.of(Objects.requireNonNull(System.getProperty("oidc-provider.home"), "home"));
    private final Path log = home.resolve("server.log");
    private final Process process;
    private final JsonNode told;

    private OidcProvider() throws IOException {
        Files.createDirectories(home);
        for (String file : List.of("package.json", "package-lock.json", "server.mjs")) {
            try (var resource = Objects.requireNonNull(OidcProvider.class.getResourceAsStream("/server/" + file))) {
                Files.copy(resource, home.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Node.install(home);
        process = new ProcessBuilder("node", "server.mjs")
                .directory(home.toFile())
                .redirectError(log.toFile())
                .start();
        told = ready();
    }

    static OidcProvider started() {
        try {
            return new OidcProvider();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode ready() throws IOException {
        HeldCertificate own = new HeldCertificate.Builder()
                .signedBy(authority)
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        Map<String, String> given = Map.of(
                "authority", authority.certificatePem(),
                "certificate", own.certificatePem(),
                "key", own.privateKeyPkcs8Pem(),
                "selfSigned", selfSigned.certificatePem());
        process.getOutputStream().write((JSON.writeValueAsString(given) + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = CompletableFuture.supplyAsync(() -> lineOf(output))
                .completeOnTimeout(null, START.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        if (line == null) {
            close();
            throw new IOException("the server did not start; it wrote:\n" + Files.readString(log));
        }
        return JSON.readTree(line);
    }

    private static @Nullable String lineOf(BufferedReader output) {
        try {
            return output.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String issuer() {
        return told.get("issuer").asString();
    }

    URI tokenUri() {
        return URI.create(issuer() + "/token");
    }

    URI userInfo() {
        return URI.create(issuer() + "/me");
    }

    /** {@return where certificates are asked for that the authority has signed} */
    URI overTls(String path) {
        return URI.create(told.get("mtls").asString() + path);
    }

    /** {@return where any certificate is asked for} */
    URI overTlsWithAnyCertificate(String path) {
        return URI.create(told.get("anyCertificate").asString() + path);
    }

    /** {@return the key that the client signs with, as the server's own library wrote it} */
    SigningKey key(String algorithm) {
        return SigningKey.ofJwk(told.get("keys").get(algorithm).toString());
    }

    /** {@return a key with the name of one that the client has} */
    SigningKey otherKey() {
        return SigningKey.ofJwk(told.get("other").toString());
    }

    HandshakeCertificates trust() {
        return new HandshakeCertificates.Builder()
                .addTrustedCertificate(authority.certificate())
                .build();
    }

    /** {@return a certificate of the authority that the server trusts} */
    HeldCertificate certificate(String commonName) {
        return new HeldCertificate.Builder()
                .commonName(commonName)
                .signedBy(authority)
                .build();
    }

    /** {@return the certificate that the server knows by itself} */
    HeldCertificate selfSigned() {
        return selfSigned;
    }

    /** The server ends with its input. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
