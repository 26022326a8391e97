package io.monotoken.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.monotoken.redis.SharedConnection.ConnectionLost;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What Redis and Lettuce say went wrong, and what to do about it. */
final class Failures {

    private static final String PERMISSIONS =
            "+evalsha +eval +hmget +hset +time +pexpire +publish +subscribe, and the key prefix with ~ and &";
    private static final String CREDENTIALS = "check user name and password of the connection";
    private static final String TLS =
            "; check whether the server speaks TLS there, its certificate, the host name in it,"
                    + " and which authorities the client trusts";

    private static final Map<String, String> ADVICE = Map.ofEntries(
            Map.entry("ACL failure in script", PERMISSIONS),
            Map.entry("BUSY", "a script of somebody else blocks the server; see SCRIPT KILL"),
            Map.entry("can't run this command", PERMISSIONS),
            Map.entry("CLUSTERDOWN", "the cluster does not serve this slot; see CLUSTER INFO"),
            Map.entry("DENIED", "protected mode answers local clients only; set a password"),
            Map.entry("LOADING", "the server reads its data and will be there soon"),
            Map.entry("MISCONF", "the server cannot write its data to disk; see its log"),
            Map.entry("MOVED", "this is a cluster; connect with a RedisClusterClient"),
            Map.entry("NOAUTH", CREDENTIALS),
            Map.entry("NOPERM", PERMISSIONS),
            Map.entry("NOREPLICAS", "the server has fewer replicas than its min-replicas-to-write"),
            Map.entry("OOM", "raise maxmemory, or choose a maxmemory-policy that evicts"),
            Map.entry(
                    "READONLY",
                    "this is a replica; connect to the master, through Sentinel or as a cluster if it changes"),
            Map.entry("WRONGPASS", CREDENTIALS),
            Map.entry("WRONGTYPE", "something else lies there; choose a key prefix that nobody else uses"));

    private static final Pattern CODE = Pattern.compile("\\b(" + String.join("|", ADVICE.keySet()) + ")\\b");

    private static final Pattern MOVED = Pattern.compile("MOVED \\d+ (.+):(\\d+)");

    /** A command that the user may not run, if Redis tells which. */
    private static final Pattern COMMAND = Pattern.compile("permissions to run the '([^']+)' command");

    /** Where in a script it happened, in the words of 7.0. */
    private static final Pattern PLACE = Pattern.compile("\\.?( script: \\w+, on @user_script:\\d+\\.)?$");

    private static final Pattern USER_INFO = Pattern.compile("(\\w://)[^@/\\s]*@");
    private static final Pattern LINES = Pattern.compile("\\s*\\R\\s*");

    /** Answers of a node that is, or has become, the wrong one for this connection. */
    private static final Set<String> WRONG_NODE = Set.of("MOVED", "NOAUTH", "READONLY");

    private Failures() {}

    /** {@return whether the next command has better prospects on a new connection} */
    static boolean endsTheConnection(Throwable failure) {
        if (failure instanceof RedisCommandExecutionException) {
            String code = code(failure);
            return code != null && WRONG_NODE.contains(code);
        }
        return !(failure instanceof RedisCommandTimeoutException);
    }

    /** {@return where the slot is to which a command belonged; null if it was lost for another reason} */
    static @Nullable RedisURI movedTo(ConnectionLost lost) {
        Matcher moved = MOVED.matcher(
                String.valueOf(Objects.requireNonNull(lost.getCause()).getMessage()));
        return moved.matches() ? RedisURI.create(moved.group(1), Integer.parseInt(moved.group(2))) : null;
    }

    /** {@return a failure to connect, whatever Lettuce calls it} */
    static RedisConnectionException outOfReach(Throwable failure) {
        if (failure instanceof RedisConnectionException connecting) {
            return connecting;
        }
        String message = messages(failure);
        return message.startsWith("RedisURI is not available")
                ? new RedisConnectionException("the RedisClient was created without an address;"
                        + " create it with a RedisURI of one server or of Sentinels")
                : new RedisConnectionException(message, failure);
    }

    /** {@return the failure in words for operators} */
    static RedisException explained(Throwable failure) {
        Throwable cause = failure instanceof ConnectionLost ? Objects.requireNonNull(failure.getCause()) : failure;
        for (Throwable at = cause; at != null; at = at.getCause()) {
            Matcher code = CODE.matcher(message(at));
            if (code.find()) {
                String refusal =
                        PLACE.matcher(message(at).substring(code.start())).replaceAll("");
                return new RedisException(
                        "Redis refused: " + refusal + "; " + advice(code.group(), message(at)), cause);
            }
        }
        if (cause instanceof RedisConnectionException) {
            return new RedisException("Redis is out of reach: " + messages(cause) + (isOfTls(cause) ? TLS : ""), cause);
        }
        if (cause instanceof RedisCommandExecutionException) {
            return new RedisException("Redis refused: " + message(cause), cause);
        }
        if (cause instanceof CancellationException || (failure instanceof ConnectionLost && isLoss(cause))) {
            return new RedisException(
                    "connection to Redis was lost; whether it did what it was asked is unknown", cause);
        }
        return new RedisException(messages(cause), cause);
    }

    private static String advice(String code, String message) {
        String advice = Objects.requireNonNull(ADVICE.get(code));
        if (!advice.equals(PERMISSIONS)) {
            return advice;
        }
        Matcher command = COMMAND.matcher(message);
        String missing = command.find() ? command.group(1) : Script.commandAt(message);
        return "give the user " + (missing == null ? "" : "+" + missing + "; all that the store needs is ")
                + PERMISSIONS;
    }

    private static boolean isOfTls(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).anyMatch(SSLException.class::isInstance);
    }

    private static boolean isLoss(Throwable failure) {
        return failure instanceof IOException || failure.getClass() == RedisException.class;
    }

    private static @Nullable String code(Throwable failure) {
        Matcher found = CODE.matcher(message(failure));
        return found.find() ? found.group() : null;
    }

    private static String messages(Throwable failure) {
        StringBuilder all = new StringBuilder();
        for (Throwable at = failure; at != null; at = at.getCause()) {
            String message = message(at);
            if (all.indexOf(message) < 0) {
                all.append(all.isEmpty() ? "" : ": ").append(message);
            }
        }
        return all.toString();
    }

    /** {@return the message, of which an address has neither user name nor password, not even how long they are} */
    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null
                ? failure.getClass().getSimpleName()
                : LINES.matcher(USER_INFO.matcher(message).replaceAll("$1"))
                        .replaceAll(" ")
                        .strip();
    }
}
