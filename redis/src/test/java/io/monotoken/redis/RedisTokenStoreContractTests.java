package io.monotoken.redis;

import io.lettuce.core.RedisURI;
import io.monotoken.TokenStore;
import io.monotoken.testing.TokenStoreContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** All that the contract asks for, by a user who may do nothing else. */
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

    @BeforeParameterizedClassInvocation
    void start() {
        server = RedisProcess.start(build);
        RedisUser.create(server, "secret", RedisUser.NEEDED);
    }

    @AfterParameterizedClassInvocation
    void stop() {
        server.close();
    }

    @BeforeEach
    void build() {
        store = redis.store(RedisUser.address(server, "secret"));
        sibling = redis.store(RedisUser.address(server, "secret"));
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
