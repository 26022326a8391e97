package io.monotoken.redis;

import io.lettuce.core.RedisURI;
import io.monotoken.TokenStore;
import io.monotoken.testing.TokenStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(RedisBuild.class)
@TestInstance(Lifecycle.PER_CLASS)
class RedisTokenStoreContractTests extends TokenStoreContract {

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    @Parameter
    private RedisBuild build = RedisBuild.EMBEDDED;

    private RedisProcess server;
    private RedisTokenStore store;
    private RedisTokenStore sibling;

    @BeforeAll
    void start() {
        server = RedisProcess.start(build);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void build() {
        store = redis.store(server);
        sibling = redis.store(server);
    }

    @Override
    protected TokenStore store() {
        return store;
    }

    @Override
    protected TokenStore storeOfSibling() {
        return sibling;
    }

    @Override
    protected TokenStore storeOutOfReach() {
        return redis.store(RedisURI.create(RedisProcess.HOST, RedisProcess.freePort()));
    }
}
