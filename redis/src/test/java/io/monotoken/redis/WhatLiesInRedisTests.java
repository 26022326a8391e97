package io.monotoken.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.api.sync.RedisCommands;
import io.monotoken.PasswordGrant;
import io.monotoken.StoreSettings;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.StemsAccounts;
import io.monotoken.testing.StandInTokenServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What docs/redis.md says of records and permissions. */
@ParameterizedClass
@EnumSource(RedisBuild.class)
class WhatLiesInRedisTests {

    private static final String PAGE = text("../docs/redis.md");

    @RegisterExtension
    private final RedisFixture redis = new RedisFixture();

    private final RedisBuild build;
    private RedisProcess process;
    private StandInTokenServer server;

    WhatLiesInRedisTests(RedisBuild build) {
        this.build = build;
    }

    @BeforeEach
    void start() {
        process = redis.server(build);
        server = redis.open(StandInTokenServer.stemsAccounts().start());
    }

    private static String text(String file) {
        try {
            return Files.readString(Path.of(file), UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** {@return what the pattern's groups are in the page's row about a kind of record} */
    private static MatchResult page(String kind, String pattern) {
        String row = PAGE.lines()
                .filter(line -> line.startsWith("| `monotoken:" + kind + ":` and a digest |"))
                .findFirst()
                .orElseThrow();
        return Pattern.compile(pattern).matcher(row).results().findFirst().orElseThrow();
    }

    private static int number(MatchResult found, int group) {
        return Integer.parseInt(found.group(group));
    }

    private void logIn(String password) {
        RedisTokenStore store = redis.store(process);
        redis.read(store); // as long as it takes to connect for the first time
        TokenSource source = redis.open(TokenSource.builder(
                        StemsAccounts.endpointAt(server.tokenUri())
                                .clientAuthentication(
                                        ClientAuthentication.clientSecretPost(server.clientId(), server.clientSecret()))
                                .build(),
                        new PasswordGrant(server.username(), password, List.of("email", "offline_access")))
                .tokenStore(store, StoreSettings.encryptedBy("k1", new byte[32]))
                .build());
        source.token().onErrorComplete().block(RedisFixture.SOON);
    }

    private String name(String kind) {
        KeyScanCursor<String> all = process.operator().scan();
        assertThat(all.getKeys())
                .allMatch(name -> name.matches("monotoken:(token|account):[\\w-]{43}"))
                .hasSize(2);
        return all.getKeys().stream()
                .filter(name -> name.startsWith("monotoken:" + kind + ":"))
                .findFirst()
                .orElseThrow();
    }

    private void assertBytes(String kind, int atMost) {
        RedisCommands<String, String> operator = process.operator();

        assertThat(operator.memoryUsage(name(kind))).isBetween(atMost * 3L / 4, (long) atMost);
    }

    private void assertExpiry(String kind, Duration expected) {
        assertThat(Duration.ofMillis(process.operator().pttl(name(kind))))
                .isBetween(expected.minusSeconds(30), expected);
    }

    @Test
    void areTwoHashesOfTagAndValueAfterALogin() {
        logIn(server.password());

        for (String kind : List.of("token", "account")) {
            Map<String, String> record = process.operator().hgetall(name(kind));
            assertThat(record).containsOnlyKeys("tag", "value");
            assertThat(record.get("tag")).matches("[0-9a-f]+-[0-9a-f]+-[a-z]-[0-9a-f]{16}-[0-9a-f]{16}");
        }
        assertBytes("token", number(page("token", "\\| (\\d+), and"), 1));
        assertExpiry("token", Duration.ofDays(number(page("token", "after (\\d+) days at most"), 1)));
        assertBytes("account", number(page("account", "(\\d+) with none"), 1));
        assertExpiry("account", Duration.ofMinutes(1));
    }

    @Test
    void knowsARefusedPasswordForTwoMonths() {
        logIn("wrong");

        assertBytes("account", number(page("account", "\\| (\\d+) with one refused"), 1));
        assertExpiry("account", Duration.ofDays(number(page("account", "\\| (\\d+) days after"), 1)));
    }

    @Test
    void isWrittenByAUserWithThePermissionsOfThePages() {
        String line = "ACL SETUSER monotoken on >secret resetchannels " + String.join(" ", RedisUser.NEEDED);

        assertThat(PAGE).contains("\n" + line + "\n");
        assertThat(text("src/main/java/io/monotoken/redis/package-info.java")
                        .replaceAll("\\R \\* +", " ")
                        .replace("&gt;", ">")
                        .replace("&amp;", "&"))
                .contains(line + " ");
    }
}
