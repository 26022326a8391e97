package io.monotoken.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.monotoken.TokenStore.Reading;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Servers, clients and stores of one test, closed after it in reverse order. */
final class RedisFixture implements AfterEachCallback {

    static final Duration SOON = Duration.ofSeconds(10);
    static final Duration KEEP = Duration.ofMinutes(5);
    static final byte[] VALUE = "value".getBytes(UTF_8);
    static final byte[] OTHER = "other".getBytes(UTF_8);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Of a record that no other test has. */
    final String key = UUID.randomUUID().toString();

    <T extends AutoCloseable> T open(T closeable) {
        opened.push(closeable);
        return closeable;
    }

    RedisProcess server(RedisBuild build, String... options) {
        return open(RedisProcess.start(build, options));
    }

    <C extends AbstractRedisClient> C client(C client) {
        opened.push(() -> client.shutdownAsync(0, 2, TimeUnit.SECONDS).get(SOON.toSeconds(), TimeUnit.SECONDS));
        return client;
    }

    RedisTokenStore store(RedisProcess server) {
        return store(server.address().build());
    }

    RedisTokenStore store(RedisURI address) {
        return store(client(RedisClient.create(address)));
    }

    RedisTokenStore store(AbstractRedisClient client) {
        return open(RedisTokenStore.builder(client).build());
    }

    RedisTokenStore store(RedisTokenStore.Builder builder) {
        return open(builder.build());
    }

    Reading read(RedisTokenStore store) {
        return Objects.requireNonNull(store.read(key).block(SOON));
    }

    boolean replace(RedisTokenStore store, @Nullable String expectedTag, String tag) {
        return replace(store, expectedTag, tag, VALUE);
    }

    boolean replace(RedisTokenStore store, @Nullable String expectedTag, String tag, byte[] value) {
        return Boolean.TRUE.equals(
                store.replace(key, expectedTag, tag, value, KEEP).block(SOON));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }
}
