package io.monotoken.redis;

import io.lettuce.core.RedisURI;
import java.util.List;

/** A user who may do what the store needs and nothing else. */
final class RedisUser {

    static final List<String> NEEDED = List.of(
            "~monotoken:*",
            "&monotoken:*",
            "+evalsha",
            "+eval",
            "+hmget",
            "+hset",
            "+time",
            "+pexpire",
            "+publish",
            "+subscribe");

    private static final String NAME = "monotoken";

    private RedisUser() {}

    static void create(RedisProcess server, String password, List<String> permissions) {
        server.operatorSays(
                "ACL SETUSER " + NAME + " reset on >" + password + " resetchannels " + String.join(" ", permissions));
    }

    static RedisURI address(RedisProcess server, String password) {
        return server.address().withAuthentication(NAME, password.toCharArray()).build();
    }
}
