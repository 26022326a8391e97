package io.monotoken.spring.autoconfigure;

import io.monotoken.DoubtfulText;
import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginProvider;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin.Location;
import org.springframework.core.env.Environment;
import org.springframework.core.io.Resource;

/**
 * The keys that encrypt what the store keeps, as an environment has them. No message has a key.
 *
 * <p>The first one encrypts, and a file is all that has a first one: variables, command lines and mounted directories have
 * names alone. Where no file lists all keys, {@code encrypt-with} names the one.
 */
final class StoreKeys {

    static final String PROPERTY = "monotoken.store.redis.keys";
    static final String ENCRYPT_WITH = "monotoken.store.redis.encrypt-with";
    static final int BYTES = 32;

    private static final String TO_MAKE_ONE = "'openssl rand -base64 32' makes one";

    private static final ConfigurationPropertyName KEYS = ConfigurationPropertyName.of(PROPERTY);

    private final Environment environment;
    private final List<Problem> problems = new ArrayList<>();

    /**
     * A key as it is written.
     *
     * @param property as the strongest source has it
     * @param places where it is written, by source, the strongest first
     */
    private record Written(
            String id,
            ConfigurationPropertyName name,
            ConfigurationProperty property,
            Map<ConfigurationPropertySource, ConfigurationProperty> places) {

        String shown() {
            return PROPERTY + "." + id;
        }
    }

    StoreKeys(Environment environment) {
        this.environment = environment;
    }

    /** {@return what keeps the keys from being used} */
    List<Problem> problems() {
        return problems;
    }

    /** {@return the keys by id, the one that encrypts first; none where there is a problem} */
    Map<String, byte[]> read(@Nullable String encryptWith) {
        Map<String, Written> written = written();
        Map<String, byte[]> keys = new LinkedHashMap<>();
        written.values().forEach(key -> {
            String text = text(key);
            if (text != null) {
                keys.put(key.id(), decoded(key, text));
            }
        });
        if (keys.isEmpty() && problems.isEmpty()) {
            problems.add(new Problem(
                    PROPERTY + " has no key",
                    "Set " + PROPERTY
                            + ".k1 to 32 random bytes in base64, the same in all instances, or declare a StoreSettings"
                            + " bean; " + TO_MAKE_ONE));
        }
        noKeyTwice(keys);
        String first = first(
                encryptWith,
                keys.keySet().stream()
                        .map(id -> Objects.requireNonNull(written.get(id)))
                        .toList());
        if (first == null || !problems.isEmpty()) {
            return Map.of();
        }
        Map<String, byte[]> ordered = new LinkedHashMap<>();
        ordered.put(first, Objects.requireNonNull(keys.get(first)));
        keys.forEach(ordered::putIfAbsent);
        return ordered;
    }

    private Map<String, Written> written() {
        Map<ConfigurationPropertyName, Written> found = new LinkedHashMap<>();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource names) {
                names.stream().filter(KEYS::isAncestorOf).forEach(name -> {
                    ConfigurationProperty property = source.getConfigurationProperty(name);
                    if (property != null) {
                        Written key = found.computeIfAbsent(
                                name, any -> new Written(id(name), name, property, new LinkedHashMap<>()));
                        key.places().put(source, property);
                        if (!id(name).equals(key.id())
                                && !isVariable(source)) { // which has no dashes and one case only
                            found.put(name, new Written(id(name), name, key.property(), key.places()));
                        }
                    }
                });
            }
        }
        return found.values().stream()
                .collect(Collectors.toMap(Written::id, Function.identity(), (one, other) -> one, LinkedHashMap::new));
    }

    private static boolean isVariable(ConfigurationPropertySource source) {
        return ClientVariables.isVariables(source.getUnderlyingSource());
    }

    private static String id(ConfigurationPropertyName name) {
        return Stream.iterate(KEYS.getNumberOfElements(), i -> i < name.getNumberOfElements(), i -> i + 1)
                .map(i -> name.getElement(i, Form.ORIGINAL))
                .collect(Collectors.joining("."));
    }

    /** {@return the key's text; null where it is left out or a problem is told} */
    private @Nullable String text(Written key) {
        if (!key.id().matches("[a-z0-9-]{1,32}")) {
            problems.add(new Problem(
                    key.shown() + origin(key)
                            + ": the id of a key has lower-case letters, digits and dashes only, and 32 of"
                            + " them at most",
                    "Write an id such as k1; a variable has neither dashes nor underscores in it, as in "
                            + StoreVariables.variable(PROPERTY + ".k1")));
            return null;
        }
        String text = Binder.get(environment)
                .bind(key.name(), Bindable.of(String.class))
                .orElse("");
        String placeholder = Placeholders.first(text);
        if (placeholder != null) {
            problems.add(new Problem(
                    key.shown() + origin(key) + " refers to ${" + placeholder + "}, which nothing resolves",
                    Placeholders.toDefine(placeholder) + "; write ${" + placeholder + ":} where it may be missing"));
            return null;
        }
        if (text.isBlank()) {
            if (!String.valueOf(key.property().getValue()).contains(":}")) {
                problems.add(new Problem(
                        key.shown() + origin(key) + " is empty",
                        "Give it a value, or leave it out; a key that may be missing is written as ${NAME:}"));
            }
            return null;
        }
        return text;
    }

    private byte[] decoded(Written key, String text) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
        } catch (IllegalArgumentException e) {
            String doubt =
                    DoubtfulText.in(text).stream().map(found -> "; it " + found).collect(Collectors.joining());
            problems.add(new Problem(
                    key.shown() + origin(key) + " is not base64" + doubt.replace(", which are sent too", ""),
                    "Write 32 random bytes in base64 and nothing else; " + TO_MAKE_ONE));
            return new byte[0];
        }
        if (bytes.length != BYTES) {
            boolean isHex = text.matches("[0-9A-Fa-f]{64}");
            problems.add(new Problem(
                    key.shown()
                            + origin(key)
                            + (isHex
                                    ? " is hexadecimal, and would be " + bytes.length + " other bytes in base64"
                                    : " must have " + BYTES + " bytes, it has " + bytes.length),
                    "Write 32 random bytes in base64; " + TO_MAKE_ONE));
        }
        return bytes;
    }

    private void noKeyTwice(Map<String, byte[]> keys) {
        Map<String, String> byValue = new LinkedHashMap<>();
        keys.forEach((id, key) -> {
            String other = key.length == BYTES
                    ? byValue.putIfAbsent(Base64.getEncoder().encodeToString(key), id)
                    : null;
            if (other != null) {
                problems.add(new Problem(
                        PROPERTY + "." + other + " and " + PROPERTY + "." + id + " are the same key",
                        "Remove one of them, or give it a key of its own"));
            }
        });
    }

    /** {@return the id of the key that encrypts; null where it is not known} */
    private @Nullable String first(@Nullable String encryptWith, List<Written> keys) {
        List<String> ids = keys.stream().map(Written::id).toList();
        if (encryptWith != null && !encryptWith.isBlank()) {
            if (!ids.contains(encryptWith) && problems.isEmpty()) {
                problems.add(new Problem(
                        ENCRYPT_WITH + " is " + encryptWith + ", which is none of the keys " + String.join(", ", ids),
                        "Write the id of a key that all instances have"));
            }
            return encryptWith;
        }
        if (ids.size() < 2) {
            return ids.isEmpty() ? null : ids.get(0);
        }
        Optional<String> first = keys.get(0).places().keySet().stream()
                .flatMap(source -> firstIn(source, keys).stream())
                .findFirst();
        if (first.isEmpty() && problems.isEmpty()) {
            problems.add(new Problem(
                    PROPERTY + " has " + ids.stream().sorted().collect(Collectors.joining(", "))
                            + ", and nothing says which of them encrypts: no file"
                            + " lists them all, and elsewhere names have no order",
                    "Set " + ENCRYPT_WITH + " or " + StoreVariables.variable(ENCRYPT_WITH)
                            + " to the id of the newest key that all instances have"));
        }
        return first.orElse(null);
    }

    /** {@return the key that a file has first, if it is a file and has them all} */
    private static Optional<String> firstIn(ConfigurationPropertySource source, List<Written> keys) {
        Map<String, Location> locations = new LinkedHashMap<>();
        Set<Resource> files = new HashSet<>(); // a mounted directory has one for each key
        for (Written key : keys) {
            ConfigurationProperty there = key.places().get(source);
            Origin origin = there == null ? null : there.getOrigin();
            while (origin instanceof OriginProvider wrapper) {
                origin = wrapper.getOrigin();
            }
            if (origin instanceof TextResourceOrigin file && file.getLocation() != null) {
                locations.put(key.id(), file.getLocation());
                files.add(file.getResource());
            }
        }
        return locations.size() < keys.size() || files.size() != 1
                ? Optional.empty()
                : locations.entrySet().stream()
                        .min(Map.Entry.comparingByValue(
                                Comparator.comparing(Location::getLine).thenComparing(Location::getColumn)))
                        .map(Map.Entry::getKey);
    }

    private static String origin(Written key) {
        return key.property().getOrigin() == null ? "" : " (" + key.property().getOrigin() + ")";
    }
}
