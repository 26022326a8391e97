package io.monotoken.benchmarks;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.monotoken.AssertionSettings;
import io.monotoken.SigningKey;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * An assertion costs what its signature costs. Both sides make the claims, the id and the signature anew, on another thread where a
 * private key signs, and the caller waits for it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AssertionBenchmark {

    private static final String SECRET = "a-client-secret-of-32-characters";
    private static final String CLIENT = "orders";
    private static final String ISSUER = "https://idp.example";
    private static final Duration LIFE = Duration.ofSeconds(AssertionSettings.DEFAULT_LIFETIME_SECONDS);
    private static final JOSEObjectType TYPE = new JOSEObjectType("client-authentication+jwt");

    /** Which methods stand beside each other; nimbus needs another library for EdDSA. */
    private static final Map<String, String> PEERS =
            Map.of("es256", "nimbusEs256", "rs256", "nimbusRs256", "hs256", "nimbusHs256");

    private final AssertionSettings settings = AssertionSettings.defaults().withAudience(ISSUER);
    private final SigningKey es256;
    private final SigningKey rs256;
    private final SigningKey edDsa;
    private final SigningKey hs256 = SigningKey.ofSecret(SECRET).withKeyId("k1");
    private final JWSSigner nimbusEs256;
    private final JWSSigner nimbusRs256;
    private final JWSSigner nimbusHs256;

    /** Makes a key of each kind. */
    public AssertionBenchmark() {
        try {
            KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
            curve.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair ec = curve.generateKeyPair();
            KeyPairGenerator rsaKeys = KeyPairGenerator.getInstance("RSA");
            rsaKeys.initialize(2048);
            KeyPair rsa = rsaKeys.generateKeyPair();
            KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            es256 = SigningKey.of(ec.getPrivate()).withKeyId("k1");
            rs256 = SigningKey.of(rsa.getPrivate()).withKeyId("k1");
            edDsa = SigningKey.of(edwards.getPrivate()).withKeyId("k1");
            nimbusEs256 = new ECDSASigner((ECPrivateKey) ec.getPrivate());
            nimbusRs256 = new RSASSASigner(rsa.getPrivate());
            nimbusHs256 = new MACSigner(SECRET);
        } catch (GeneralSecurityException | JOSEException e) {
            throw new IllegalStateException("every JDK has these", e);
        }
    }

    private @Nullable String ours(SigningKey key) {
        return settings.assertion(key, CLIENT, CLIENT, ISSUER).block();
    }

    private static @Nullable String nimbus(JWSAlgorithm algorithm, JWSSigner signer) {
        Mono<String> signed = Mono.fromCallable(() -> {
            Instant now = Instant.now();
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(algorithm).type(TYPE).keyID("k1").build(),
                    new JWTClaimsSet.Builder()
                            .issuer(CLIENT)
                            .subject(CLIENT)
                            .audience(ISSUER)
                            .jwtID(UUID.randomUUID().toString())
                            .issueTime(Date.from(now))
                            .expirationTime(Date.from(now.plus(LIFE)))
                            .build());
            jwt.sign(signer);
            return jwt.serialize();
        });
        return (algorithm.equals(JWSAlgorithm.HS256) ? signed : signed.subscribeOn(Schedulers.boundedElastic()))
                .block();
    }

    /** {@return an assertion signed with P-256} */
    @Benchmark
    public @Nullable Object es256() {
        return ours(es256);
    }

    /** {@return an assertion signed with RSA of 2048 bits} */
    @Benchmark
    public @Nullable Object rs256() {
        return ours(rs256);
    }

    /** {@return an assertion signed with Ed25519} */
    @Benchmark
    public @Nullable Object edDsa() {
        return ours(edDsa);
    }

    /** {@return an assertion signed with a secret} */
    @Benchmark
    public @Nullable Object hs256() {
        return ours(hs256);
    }

    /** {@return the peer with P-256} */
    @Benchmark
    public @Nullable Object nimbusEs256() {
        return nimbus(JWSAlgorithm.ES256, nimbusEs256);
    }

    /** {@return the peer with RSA of 2048 bits} */
    @Benchmark
    public @Nullable Object nimbusRs256() {
        return nimbus(JWSAlgorithm.RS256, nimbusRs256);
    }

    /** {@return the peer with a secret} */
    @Benchmark
    public @Nullable Object nimbusHs256() {
        return nimbus(JWSAlgorithm.HS256, nimbusHs256);
    }

    static List<Row> measure(Pace pace) {
        JmhRounds rounds = new JmhRounds(
                AssertionBenchmark.class,
                List.of("es256", "nimbusEs256", "rs256", "nimbusRs256", "edDsa", "hs256", "nimbusHs256"),
                pace);
        List<Row> rows = new ArrayList<>();
        for (String method : List.of("es256", "rs256", "edDsa", "hs256")) {
            String claim = "assertion, " + (method.equals("edDsa") ? "EdDSA" : method.toUpperCase(Locale.ROOT));
            Series ours = rounds.time(method);
            String peer = PEERS.get(method);
            Row row = Row.of(claim, Row.MONOTOKEN, "µs an assertion", ours);
            if (peer == null) {
                rows.add(row);
            } else {
                Series theirs = rounds.time(peer);
                rows.add(row.against(theirs).withGoal("≤ × 1.1", ours.median() <= 1.1 * theirs.median()));
                rows.add(Row.of(claim, "nimbus-jose-jwt", "µs an assertion", theirs)
                        .against(theirs));
            }
        }
        return rows;
    }
}
