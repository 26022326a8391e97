package io.monotoken.samples.complyone.fleet;

import io.monotoken.TokenStore;
import java.time.Duration;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Profile;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Connects to Redis before requests come: on a busy machine, the first caller would not wait for so long. */
@Component
@Profile("fleet")
@Order(Ordered.HIGHEST_PRECEDENCE)
final class RedisBeforeRequests implements ApplicationRunner {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final TokenStore redis;

    RedisBeforeRequests(TokenStore redis) {
        this.redis = redis;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        redis.read("no record").then().timeout(PATIENCE).onErrorComplete().block();
    }
}
