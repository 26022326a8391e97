package io.monotoken.benchmarks;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.redis.RedisTokenStore;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import reactor.core.publisher.Flux;

/** One instance with a wrong password in a process of its own. It says when it has been refused, goes on asking, and ends with its parent. */
final class InstanceProcess {

    static final int NO_REDIS = 0;

    private InstanceProcess() {}

    public static void main(String... args) throws IOException {
        TokenEndpoint endpoint = TokenEndpoint.builder(URI.create(args[0]))
                .clientAuthentication(ClientAuthentication.clientSecretPost("your_client_id", "your_client_secret"))
                .build();
        TokenSource.Builder builder = TokenSource.builder(endpoint, StemsStandIn.grant("wrong"));
        int redisPort = Integer.parseInt(args[1]);
        if (redisPort != NO_REDIS) {
            RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", redisPort));
            builder.tokenStore(RedisTokenStore.builder(client).build(), Instances.settings());
        }
        TokenSource source = builder.build();
        Flux.interval(Duration.ofMillis(20))
                .onBackpressureDrop()
                .concatMap(tick -> source.token().onErrorResume(failure -> {
                    System.out.println("refused");
                    return source.token().onErrorComplete();
                }))
                .subscribe();
        System.in.transferTo(OutputStream.nullOutputStream()); // its parent says nothing but that it ends
        System.exit(0);
    }
}
