package io.monotoken.testing;

import java.util.Collection;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The latest 100 000 tokens: enough for any test to find out why a token is refused, and a bound under endless load.
 *
 * @param <V> what is known about a token
 */
final class Latest<V> {

    private static final int LIMIT = 100_000;

    private final Map<String, V> tokens = new ConcurrentHashMap<>();
    private final Queue<String> order = new ConcurrentLinkedQueue<>();

    void add(String token, V known) {
        tokens.put(token, known);
        order.add(token);
        if (tokens.size() > LIMIT) {
            String oldest = order.poll();
            if (oldest != null) {
                tokens.remove(oldest);
            }
        }
    }

    @Nullable
    V find(String token) {
        return tokens.get(token);
    }

    Collection<V> all() {
        return tokens.values();
    }

    void clear() {
        order.clear();
        tokens.clear();
    }
}
