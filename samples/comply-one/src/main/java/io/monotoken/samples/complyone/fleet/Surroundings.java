package io.monotoken.samples.complyone.fleet;

import io.monotoken.samples.complyone.StandIns;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What all instances have in common: a Redis, and the stand-ins that they call.
 *
 * @param key encrypts what lies in Redis
 */
record Surroundings(EmbeddedRedis redis, StandIns standIns, String key) {

    private static final Duration LATENCY = Duration.ofMillis(800); // long enough to see who renews
    private static final int KEY_BYTES = 32;

    static Surroundings of(EmbeddedRedis redis, StandIns standIns) {
        standIns.stemsAccounts().latency(LATENCY);
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        return new Surroundings(redis, standIns, Base64.getEncoder().encodeToString(key));
    }

    /** {@return what an instance is started with, beside application-fleet.yml} */
    Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>();
        standIns.properties().forEach((name, value) -> properties.put(name, value.toString()));
        properties.put("MONOTOKEN_STORE_KEY", key);
        properties.put("spring.profiles.active", "fleet");
        properties.put("spring.data.redis.host", EmbeddedRedis.HOST);
        properties.put("spring.data.redis.port", Integer.toString(redis.port()));
        return properties;
    }

    /** {@return those that are named as variables are: the account and the key, which no list of processes may show} */
    Map<String, String> variables() {
        return properties().entrySet().stream()
                .filter(property -> isVariable(property.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    List<String> arguments() {
        return properties().entrySet().stream()
                .filter(property -> !isVariable(property.getKey()))
                .map(property -> "--" + property.getKey() + "=" + property.getValue())
                .toList();
    }

    private static boolean isVariable(String name) {
        return name.equals(name.toUpperCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return "Surroundings[redis=" + redis.port() + ", standIns="
                + standIns.stemsAccounts().tokenUri() + "]";
    }
}
