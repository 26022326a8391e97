package io.monotoken.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A script in Lua that Redis runs atomically on one key. */
enum Script {

    /** Answers tag, value, seconds and microseconds of the server's clock. */
    READ(ScriptOutputType.MULTI, """
            local record = redis.call('HMGET', KEYS[1], 'tag', 'value')
            local time = redis.call('TIME')
            return {record[1], record[2], time[1], time[2]}
            """),

    /**
     * Takes the expected tag (empty for none), the new tag, the value, its life in milliseconds, the channel and the message;
     * answers 1 if the new tag is in place, 2 if it is and nobody was told because the user may not publish, else 0.
     */
    REPLACE(ScriptOutputType.INTEGER, """
            local tag = redis.call('HMGET', KEYS[1], 'tag')[1]
            if tag == ARGV[2] then return 1 end
            if (tag or '') ~= ARGV[1] then return 0 end
            redis.call('HSET', KEYS[1], 'tag', ARGV[2], 'value', ARGV[3])
            redis.call('PEXPIRE', KEYS[1], ARGV[4])
            local told = redis.pcall('PUBLISH', ARGV[5], ARGV[6])
            if type(told) == 'table' then return 2 end
            return 1
            """);

    private static final Pattern LINE = Pattern.compile("@user_script: ?(\\d+)");
    private static final Pattern CALL = Pattern.compile("call\\('(\\w+)'");

    private final ScriptOutputType answer;
    private final String text;
    private final String sha1;

    Script(ScriptOutputType answer, String text) {
        this.answer = answer;
        this.text = text;
        this.sha1 = sha1(text);
    }

    /** Runs the script if Redis knows it; it forgets scripts when it restarts. */
    <T> RedisFuture<T> runKnown(RedisClusterAsyncCommands<byte[], byte[]> redis, byte[] key, byte[]... arguments) {
        return redis.evalsha(sha1, answer, new byte[][] {key}, arguments);
    }

    /** Runs the script and makes it known. */
    <T> RedisFuture<T> run(RedisClusterAsyncCommands<byte[], byte[]> redis, byte[] key, byte[]... arguments) {
        return redis.eval(text, answer, new byte[][] {key}, arguments);
    }

    /** {@return the command at which a script failed, in lower case, if the message has the script's line} */
    static @Nullable String commandAt(String message) {
        Matcher line = LINE.matcher(message);
        return line.find()
                ? Stream.of(values())
                        .filter(script -> message.contains(script.sha1))
                        .flatMap(script -> script.text
                                .lines()
                                .skip(Long.parseLong(line.group(1)) - 1)
                                .limit(1))
                        .flatMap(code -> CALL.matcher(code).results())
                        .map(call -> call.group(1).toLowerCase(Locale.ROOT))
                        .findFirst()
                        .orElse(null)
                : null;
    }

    private static String sha1(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
