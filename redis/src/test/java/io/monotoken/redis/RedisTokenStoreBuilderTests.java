package io.monotoken.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisTokenStoreBuilderTests {

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private static RedisTokenStore.Builder builder() {
        return RedisTokenStore.builder(() -> {
            throw new AssertionError("nothing connects while a store is built");
        });
    }

    @Test
    void tellsWhatWasChosenAndNoAddress() {
        RedisClient client = redis.client(RedisClient.create("redis://me:s3cret@127.0.0.1"));

        assertThat(RedisTokenStore.builder(client).build())
                .hasToString("RedisTokenStore[keyPrefix=monotoken:, minReplicas=0]");
        assertThat(builder()
                        .keyPrefix("a:")
                        .minReplicas(2, Duration.ofMillis(200))
                        .build())
                .hasToString("RedisTokenStore[keyPrefix=a:, minReplicas=2]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "two words:", "gebühren:"})
    void refusesAPrefixThatIsNotVisibleAscii(String prefix) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().keyPrefix(prefix))
                .withMessage("keyPrefix must be visible ASCII characters, was '" + prefix
                        + "'; the default is 'monotoken:'");
    }

    @Test
    void refusesReplicasThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().minReplicas(-1, Duration.ofSeconds(1)))
                .withMessage("replicas must not be negative, was -1; 0 is none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().minReplicas(1, Duration.ZERO))
                .withMessage("within must be between a millisecond and PT10S, was PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().minReplicas(1, Duration.ofSeconds(11)))
                .withMessage("within must be between a millisecond and PT10S, was PT11S");
    }

    @Test
    @SuppressWarnings("NullAway")
    void refusesNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> RedisTokenStore.builder((AbstractRedisClient) null))
                .withMessage("client");
        assertThatNullPointerException()
                .isThrownBy(() -> RedisTokenStore.builder((Supplier<AbstractRedisClient>) null))
                .withMessage("client");
    }
}
