package io.monotoken.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.monotoken.PasswordGrant;
import io.monotoken.RefreshSettings;
import io.monotoken.StoreSettings;
import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenListener;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * One instance of a service in a process of its own. It asks for its token every 20 ms and writes a line when it is another one,
 * when a call fails or is slow, and when it leads; a line on its input asks for more.
 */
final class FleetWorker implements TokenListener {

    private static final Duration SLOW = Duration.ofMillis(500);

    private FleetWorker() {}

    public static void main(String[] arguments) throws Exception {
        int redisPort = Integer.parseInt(arguments[0]);
        URI tokenUri = URI.create(arguments[1]);
        Duration timeout = Duration.ofMillis(Long.parseLong(arguments[2]));
        Duration lease = Duration.ofMillis(Long.parseLong(arguments[3]));
        int minReplicas = Integer.parseInt(arguments[9]);
        RedisClient client = RedisClient.create(
                RedisURI.builder().withHost("127.0.0.1").withPort(redisPort).build());
        TokenEndpoint endpoint = TokenEndpoint.builder(tokenUri)
                .clientAuthentication(ClientAuthentication.clientSecretPost(arguments[4], arguments[5]))
                .timeout(timeout.multipliedBy(2).dividedBy(3))
                .connectTimeout(timeout.dividedBy(2))
                .build();
        TokenSource source = TokenSource.builder(
                        endpoint, new PasswordGrant(arguments[6], arguments[7], List.of(arguments[8].split(" "))))
                .refresh(RefreshSettings.defaults().withTimeout(timeout).withCredentialsTimeout(timeout.dividedBy(2)))
                .tokenStore(
                        minReplicas == 0
                                ? RedisTokenStore.builder(client).build()
                                : RedisTokenStore.builder(client)
                                        .minReplicas(minReplicas, Duration.ofMillis(300))
                                        .build(),
                        StoreSettings.encryptedBy("k1", new byte[32]).withLease(lease))
                .listener(new FleetWorker())
                .build();
        AtomicReference<@Nullable Token> last = new AtomicReference<>();
        Flux.interval(Duration.ofMillis(20)).onBackpressureDrop().subscribe(tick -> {
            long since = System.nanoTime();
            source.token()
                    .subscribe(
                            token -> {
                                if (!token.equals(last.getAndSet(token))) {
                                    say("TOKEN " + name(token));
                                }
                                if (System.nanoTime() - since > SLOW.toNanos()) {
                                    say("SLOW " + (System.nanoTime() - since) / 1_000_000);
                                }
                            },
                            error -> say("FAILED " + ((TokenException) error).getMessage()));
        });
        say("STARTED");
        try (BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                Token rejected = last.get();
                if (line.equals("REJECT") && rejected != null) {
                    say("REJECTED " + source.invalidate(rejected));
                }
            }
        }
        source.close();
        client.shutdown();
    }

    /** {@return what tells tokens apart without showing them} */
    static String name(Token token) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(token.value().getBytes(UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(hash, 4));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    @Override
    public void shared(Sharing what) {
        say(what.name());
    }

    @Override
    public void requested(String grantType) {
        say("REQUESTED " + grantType);
    }
}
