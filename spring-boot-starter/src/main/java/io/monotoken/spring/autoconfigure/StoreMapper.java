package io.monotoken.spring.autoconfigure;

import io.monotoken.StoreSettings;
import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Redis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.core.env.Environment;

/** Makes settings of the store's properties. Collects what is wrong, so that one failed start names all of it. */
final class StoreMapper {

    static final String REDIS = "monotoken.store.redis.";

    private static final Duration SHORTEST = Duration.ofMillis(10); // no network is faster for sure
    private static final Duration LONGEST_LEASE = Duration.ofHours(1);
    private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(10);

    private StoreMapper() {}

    /**
     * Makes the settings.
     *
     * @throws InvalidClientException with every problem of the store's properties
     */
    static StoreSettings settings(Environment environment, Redis redis) {
        StoreKeys keys = new StoreKeys(environment);
        Map<String, byte[]> byId = keys.read(redis.encryptWith());
        List<Problem> problems = new ArrayList<>(keys.problems());
        within("lease", redis.lease(), LONGEST_LEASE, problems);
        within("timeout", redis.timeout(), LONGEST_TIMEOUT, problems);
        problems.addAll(problems(redis));
        if (!problems.isEmpty()) {
            throw new InvalidClientException(problems, null);
        }
        return encryptedBy(byId).withLease(redis.lease()).withTimeout(redis.timeout());
    }

    /** {@return what is wrong with the properties that Redis alone has} */
    static List<Problem> problems(Redis redis) {
        List<Problem> problems = new ArrayList<>();
        if (!redis.keyPrefix().matches("[!-~]+")) {
            problems.add(new Problem(
                    REDIS + "key-prefix must be visible ASCII characters",
                    "Write a prefix such as orders:, or remove it"));
        }
        String placeholder = Placeholders.first(redis.keyPrefix());
        if (placeholder != null) {
            problems.add(new Problem(
                    REDIS + "key-prefix refers to ${" + placeholder + "}, which nothing resolves",
                    Placeholders.toDefine(placeholder)));
        }
        if (redis.minReplicas() < 0) {
            problems.add(new Problem(
                    REDIS + "min-replicas must not be negative, was " + redis.minReplicas(),
                    "Write how many replicas must have a change before it counts, or 0 for none"));
        }
        return problems;
    }

    private static StoreSettings encryptedBy(Map<String, byte[]> byId) {
        StoreSettings settings = null;
        for (Map.Entry<String, byte[]> key : byId.entrySet()) {
            settings = settings == null
                    ? StoreSettings.encryptedBy(key.getKey(), key.getValue())
                    : settings.withOlderKey(key.getKey(), key.getValue());
        }
        return Objects.requireNonNull(settings);
    }

    private static void within(String property, Duration value, Duration longest, List<Problem> problems) {
        boolean tooShort = value.compareTo(SHORTEST) < 0;
        if (tooShort || value.compareTo(longest) > 0) {
            problems.add(new Problem(
                    REDIS + property + " must be " + (tooShort ? "at least " : "at most ")
                            + ShownDuration.of(tooShort ? SHORTEST : longest) + ", was " + ShownDuration.of(value),
                    "Write a duration with its unit, such as 500ms or 20s, or remove it"));
        }
    }
}
