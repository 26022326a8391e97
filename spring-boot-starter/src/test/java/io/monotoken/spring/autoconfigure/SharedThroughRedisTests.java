package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import reactor.core.publisher.Flux;

/** Application contexts that share a token through a real Redis, which each of them connects to as Spring Boot does. */
class SharedThroughRedisTests {

    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final RedisServer REDIS = new RedisServer();

    private final StandIns standIns = new StandIns();
    private final StandInTokenServer server = standIns.server();

    @BeforeAll
    static void start() {
        REDIS.start();
    }

    @AfterAll
    static void end() {
        REDIS.close();
    }

    @AfterEach
    void stop() {
        standIns.close();
    }

    private ApplicationContextRunner instance(int port) {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withConfiguration(AutoConfigurations.of(
                        DataRedisAutoConfiguration.class, DataRedisReactiveAutoConfiguration.class))
                .withPropertyValues(standIns.client("comply-one"))
                .withPropertyValues(
                        "spring.data.redis.host=127.0.0.1",
                        "spring.data.redis.port=" + port,
                        "spring.data.redis.database=1",
                        "monotoken.store.redis.enabled=true",
                        "monotoken.store.redis.key-prefix=orders:",
                        "monotoken.store.redis.keys.k1=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
                        "monotoken.clients.comply-one.shared=true");
    }

    private ApplicationContextRunner instance() {
        return instance(REDIS.port());
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
        instance()
                .run(one -> instance().run(other -> {
                    assertThat(token(one)).isEqualTo(token(other));

                    assertThat(server.passwordRequests()).isOne();
                    assertThat(shared(other).leader()).isEqualTo(shared(one).instance());
                }));
    }

    @Test
    void tellsTheOthersOfATokenThatOneSawRejected() {
        instance()
                .run(one -> instance().run(other -> {
                    Token first = token(one);
                    assertThat(token(other)).isEqualTo(first);

                    assertThat(one.getBean(TokenSource.class).invalidate(first)).isTrue();
                    Token second = token(one);

                    assertThat(second).isNotEqualTo(first);
                    assertThat(Flux.interval(Duration.ofMillis(10))
                                    .flatMap(tick ->
                                            other.getBean(TokenSource.class).token())
                                    .filter(second::equals)
                                    .blockFirst(BOUND))
                            .isEqualTo(second);
                    assertThat(server.passwordRequests()).isOne();
                    assertThat(server.refreshRequests()).isOne();
                }));
    }

    @Test
    void leavesNothingReadableInTheDatabaseThatTheApplicationHas() {
        instance().run(instance -> {
            Token token = token(instance);

            StringRedisTemplate redis = instance.getBean(StringRedisTemplate.class);
            Collection<String> names = redis.keys("*");
            assertThat(names).isNotEmpty().allMatch(name -> name.matches("orders:(token|account):[\\w-]+"));
            List<Map<Object, Object>> records =
                    names.stream().map(name -> redis.opsForHash().entries(name)).toList();
            assertThat(records.toString())
                    .contains("value", "k1")
                    .doesNotContain(token.value(), "P4ssw0rd", "your_client", "john.smith", "email");
            assertThat(names)
                    .allSatisfy(name -> assertThat(redis.getExpire(name)).isPositive());
        });
    }

    @Test
    void startsWithoutRedisAndSharesOnceItIsThere() {
        try (RedisServer late = new RedisServer();
                StandInTokenServer shortLived = StandInTokenServer.stemsAccounts()
                        .accessTokenLife(Duration.ofSeconds(2))
                        .start()) {
            ApplicationContextRunner runner = instance(late.port())
                    .withPropertyValues("monotoken.clients.comply-one.token-uri=" + shortLived.tokenUri());
            runner.run(one -> {
                token(one);
                assertThat(shared(one).awaySince()).isNotNull();

                late.start();
                Flux.interval(Duration.ofMillis(50))
                        .concatMap(tick -> one.getBean(TokenSource.class).token())
                        .takeUntil(token ->
                                shared(one).awaySince() == null && shared(one).generation() > 0)
                        .blockLast(BOUND);

                runner.run(other -> {
                    token(other);
                    assertThat(shared(other).awaySince()).isNull();
                    assertThat(shared(other).generation()).isPositive();
                });
                assertThat(shortLived.passwordRequests()).isOne();
            });
        }
    }

    @Test
    void followsAConnectionFactoryThatIsStoppedAndStartedAgain() {
        instance().run(one -> {
            Token first = token(one);
            LettuceConnectionFactory factory = one.getBean(LettuceConnectionFactory.class);
            factory.stop();
            factory.start();

            one.getBean(TokenSource.class).invalidate(first);
            Token second = token(one);

            assertThat(shared(one).awaySince()).isNull();
            instance().run(other -> assertThat(token(other)).isEqualTo(second));
        });
    }
}
