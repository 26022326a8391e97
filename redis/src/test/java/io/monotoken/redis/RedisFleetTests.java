package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.monotoken.PasswordGrant;
import io.monotoken.StoreSettings;
import io.monotoken.Token;
import io.monotoken.TokenListener;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.StemsAccounts;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ten sources in one process, each with a connection of its own to one Redis. */
class RedisFleetTests {

    private static final Duration LIFE = Duration.ofSeconds(3);

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private final AtomicInteger failed = new AtomicInteger();
    private final List<TokenListener.Sharing> sharing = Collections.synchronizedList(new ArrayList<>());

    @Test
    void logInOnceAndRenewOnceALifetime() {
        StandInTokenServer server = server(LIFE);
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);
        List<TokenSource> ten = ten(process, server);

        askUntil(ten, () -> server.refreshRequests() >= 3);

        assertThat(server.passwordRequests()).isOne();
        assertThat(server.refreshRequests()).isEqualTo(3);
        assertThat(server.refreshTokensPresentedTwice()).isZero();
        assertThat(failed).hasValue(0);
        assertThat(eventually(() -> tokens(ten), tokens -> tokens.size() == 1)).hasSize(1);
    }

    @Test
    void askRedisAtMostFifteenTimesALifetimeAndNeverForACall() {
        StandInTokenServer server = server(LIFE);
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);
        List<TokenSource> ten = ten(process, server);
        askUntil(ten, () -> server.refreshRequests() >= 1);
        eventually(() -> tokens(ten), tokens -> tokens.size() == 1);
        process.operator().configResetstat();
        long before = server.refreshRequests();

        int calls = askUntil(ten, () -> server.refreshRequests() >= before + 2);

        eventually(() -> tokens(ten), tokens -> tokens.size() == 1);
        long lifetimes = server.refreshRequests() - before + 1; // the first and the last one are parts
        assertThat(process.commandsRun().getOrDefault("evalsha", 0L)).isLessThanOrEqualTo(15 * lifetimes);
        assertThat(calls).isGreaterThan(1_000);
    }

    @Test
    void takeARejectedTokenFromAll() {
        StandInTokenServer server = server(Duration.ofMinutes(30));
        List<TokenSource> ten = ten(redis.server(RedisBuild.EMBEDDED), server);
        askUntil(ten, () -> tokens(ten).size() == 1);
        Token rejected = token(ten.get(0));
        server.revokeAccessTokens();

        assertThat(ten.get(3).invalidate(rejected)).isTrue();

        assertThat(eventually(() -> tokens(ten), tokens -> tokens.size() == 1 && !tokens.contains(rejected)))
                .hasSize(1);
        assertThat(server.refreshRequests()).isOne();
    }

    @Test
    void failNoCallWhenRedisIsKilledAndComesBackEmpty() {
        StandInTokenServer server = server(LIFE);
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);
        List<TokenSource> ten = ten(process, server);
        askUntil(ten, () -> server.refreshRequests() >= 1);

        process.kill();
        long passwords = server.passwordRequests();
        askUntil(ten, () -> server.passwordRequests() >= passwords + 10);
        process.start();
        askUntil(ten, () -> tokens(ten).size() == 1);

        assertThat(failed).hasValue(0);
        assertThat(server.refreshTokensPresentedTwice()).isZero();
    }

    @Test
    void failNoCallWhenRedisIsFrozenForAWhile() {
        StandInTokenServer server = server(LIFE);
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);
        List<TokenSource> ten = ten(process, server);
        askUntil(ten, () -> server.refreshRequests() >= 1);

        process.freeze();
        long since = System.nanoTime();
        askUntil(ten, () -> System.nanoTime() - since > TimeUnit.SECONDS.toNanos(5));
        process.thaw();
        askUntil(ten, () -> tokens(ten).size() == 1);

        assertThat(failed).hasValue(0);
        assertThat(server.refreshTokensPresentedTwice()).isZero();
    }

    @Test
    void sendAWrongPasswordOnce() {
        StandInTokenServer server = server(LIFE);
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);

        for (int i = 0; i < 5; i++) {
            TokenSource source = source(redis.store(process), server, "wrong");
            source.token().onErrorComplete().block(RedisFixture.SOON);
        }

        assertThat(server.wrongPasswords()).isOne();
    }

    private StandInTokenServer server(Duration life) {
        return redis.open(
                StandInTokenServer.stemsAccounts().accessTokenLife(life).start());
    }

    private List<TokenSource> ten(RedisProcess process, StandInTokenServer server) {
        List<TokenSource> ten = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ten.add(source(
                    redis.store(
                            redis.client(RedisClient.create(process.address().build()))),
                    server,
                    server.password()));
        }
        return ten;
    }

    private TokenSource source(RedisTokenStore store, StandInTokenServer server, String password) {
        return redis.open(TokenSource.builder(
                        StemsAccounts.endpointAt(server.tokenUri())
                                .clientAuthentication(
                                        ClientAuthentication.clientSecretPost(server.clientId(), server.clientSecret()))
                                .build(),
                        new PasswordGrant(
                                server.username(), password, List.of("email", "resources_stems_api", "offline_access")))
                .tokenStore(store, StoreSettings.encryptedBy("k1", new byte[32]))
                .listener(new TokenListener() {
                    @Override
                    public void shared(Sharing what) {
                        sharing.add(what);
                    }
                })
                .build());
    }

    private static Token token(TokenSource source) {
        return Objects.requireNonNull(source.token().block(RedisFixture.SOON));
    }

    private static Set<Token> tokens(List<TokenSource> sources) {
        Set<Token> tokens = new HashSet<>();
        sources.forEach(source -> tokens.add(token(source)));
        return tokens;
    }

    /** {@return how many calls it took; at most a minute} */
    private int askUntil(List<TokenSource> sources, java.util.function.BooleanSupplier done) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        int calls = 0;
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("too late").isNegative();
            for (TokenSource source : sources) {
                calls++;
                source.token().subscribe(token -> {}, error -> failed.incrementAndGet());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return calls;
    }
}
