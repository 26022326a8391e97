package io.monotoken.redis;

import static io.monotoken.redis.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.monotoken.PasswordGrant;
import io.monotoken.RefreshSettings;
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
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ten sources in one process, each with a connection of its own to one Redis. */
class RedisFleetTests {

    private static final Duration LIFE = Duration.ofSeconds(3);

    /** Instances begin renewals over a tenth of a life: the longer it is, the fewer do while another one is about it. */
    private static final Duration LIFE_OF_FEW_WAITS = Duration.ofSeconds(16);

    /** Lets no test be the one that loads the classes, which may take longer than a store may for its first answer. */
    @BeforeAll
    static void load() {
        try (RedisProcess server = RedisProcess.start(RedisBuild.EMBEDDED);
                RedisTokenStore store = RedisTokenStore.builder(
                                RedisClient.create(server.address().build()))
                        .build()) {
            store.read("key").block(Duration.ofSeconds(30));
        }
    }

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
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
        assertThat(failures).isEmpty();
        assertThat(eventually(() -> tokens(ten), tokens -> tokens.size() == 1)).hasSize(1);
    }

    @Test
    void sendAtMostFifteenCommandsALifetime() {
        StandInTokenServer server = server(LIFE_OF_FEW_WAITS);
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);
        List<TokenSource> ten = ten(process, server);
        Token token = next(ten, null);
        process.operator().configResetstat();

        for (int lifetime = 0; lifetime < 2; lifetime++) {
            token = next(ten, token);
        }

        assertThat(sent(process)).isBetween(2L, 2L * 15);
    }

    /** {@return the token that all have after that one} */
    private Token next(List<TokenSource> sources, @Nullable Token previous) {
        askUntil(sources, () -> {
            Set<Token> tokens = tokens(sources);
            return tokens.size() == 1 && !tokens.contains(previous);
        });
        return token(sources.get(0));
    }

    @Test
    void sendNoCommandForACall() {
        StandInTokenServer server = server(Duration.ofMinutes(30));
        RedisProcess process = redis.server(RedisBuild.EMBEDDED);
        List<TokenSource> ten = ten(process, server);
        eventually(() -> tokens(ten), tokens -> tokens.size() == 1);
        process.operator().configResetstat();

        for (int i = 0; i < 1_000; i++) {
            assertThat(tokens(ten)).hasSize(1);
        }

        assertThat(sent(process)).isZero();
    }

    /** {@return commands that the server was sent by stores, without those that scripts run} */
    private static long sent(RedisProcess process) {
        Map<String, Long> run = process.commandsRun();
        return run.getOrDefault("evalsha", 0L) + run.getOrDefault("eval", 0L);
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
        askUntil(ten, () -> tokens(ten).size() == 1);

        process.kill();
        askUntil(ten, () -> tokens(ten).size() == ten.size());
        process.start();
        askUntil(ten, () -> tokens(ten).size() == 1);

        assertThat(failures).isEmpty();
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

        assertThat(failures).isEmpty();
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
                .refresh(RefreshSettings.defaults().withAhead(LIFE_OF_FEW_WAITS.dividedBy(2)))
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
                source.token().subscribe(token -> {}, error -> failures.add(error.toString()));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return calls;
    }
}
