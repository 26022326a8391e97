package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;

/**
 * The names of the clients that an environment describes.
 *
 * <p>Names equal but for dashes and case are one client, since the environment variable
 * {@code MONOTOKEN_CLIENTS_COMPLYONE_CLIENTSECRET} cannot have the dash of {@code comply-one}; the name with dashes wins.
 * {@code MONOTOKEN_CLIENTS_COMPLY_ONE_CLIENT_SECRET}, which reads as a property of a client {@code comply}, belongs to
 * {@code comply-one} if there is one.
 */
final class ClientNames {

    static final String PREFIX = "monotoken.clients.";

    private static final ConfigurationPropertyName CLIENTS = ConfigurationPropertyName.of("monotoken.clients");

    private ClientNames() {}

    /**
     * Returns the names of the enabled clients.
     *
     * @throws InvalidClientException if two of them would have beans of the same names
     */
    static List<String> of(Environment environment) {
        Map<String, String> names = new TreeMap<>(); // the chosen name by its key, in an order that does not change
        List<ConfigurationPropertyName> properties = properties(environment);
        for (ConfigurationPropertyName property : properties) {
            String name = property.getElement(CLIENTS.getNumberOfElements(), Form.ORIGINAL);
            names.merge(key(name), name, (one, other) -> dashes(other) > dashes(one) ? other : one);
        }
        names.entrySet().removeIf(name -> isPartOfAnother(name.getKey(), names.values(), properties));
        names.values().removeIf(name -> !isEnabled(name, environment));
        refuseCollisions(names.values());
        return List.copyOf(names.values());
    }

    /** {@return whether a property is one of a client, whatever the client's name} */
    static boolean isOfAClient(ConfigurationPropertyName property) {
        return CLIENTS.isAncestorOf(property);
    }

    private static List<ConfigurationPropertyName> properties(Environment environment) {
        List<ConfigurationPropertyName> properties = new ArrayList<>();
        ConfigurationPropertySources.get(environment).forEach(source -> {
            if (source instanceof IterableConfigurationPropertySource iterable) {
                iterable.stream().filter(CLIENTS::isAncestorOf).forEach(properties::add);
            }
        });
        return properties;
    }

    private static boolean isEnabled(String name, Environment environment) {
        String element = name.matches("[A-Za-z0-9-]+") ? name.toLowerCase(Locale.ROOT) : "[" + name + "]";
        return Binder.get(environment)
                .bind(CLIENTS.append(element).append("enabled"), Bindable.of(Boolean.class))
                .orElse(true);
    }

    /** Whether all properties of the client {@code comply} are those of {@code comply-one} with its dash written as a dot. */
    private static boolean isPartOfAnother(
            String key, Collection<String> names, List<ConfigurationPropertyName> properties) {
        return properties.stream()
                .map(ClientNames::path)
                .filter(path -> path.get(0).equals(key))
                .allMatch(path -> names.stream().map(ClientNames::words).anyMatch(words -> startsWith(path, words)));
    }

    private static List<String> path(ConfigurationPropertyName property) {
        List<String> path = new ArrayList<>();
        for (int i = CLIENTS.getNumberOfElements(); i < property.getNumberOfElements(); i++) {
            path.add(key(property.getElement(i, Form.ORIGINAL)));
        }
        return path;
    }

    private static List<String> words(String name) {
        return Arrays.asList(name.toLowerCase(Locale.ROOT).split("-", -1));
    }

    private static boolean startsWith(List<String> path, List<String> words) {
        return words.size() > 1
                && path.size() > words.size()
                && path.subList(0, words.size()).equals(words);
    }

    private static void refuseCollisions(Collection<String> names) {
        Map<String, String> byBeanName = new LinkedHashMap<>();
        for (String name : names) {
            String other = byBeanName.put(beanName(name, ""), name);
            if (other != null) {
                throw new InvalidClientException(new Problem(
                        "The clients " + PREFIX + other + " and " + PREFIX + name
                                + " would have beans of the same name, " + beanName(name, "WebClient"),
                        "Rename one of them, using letters, digits and dashes only"));
            }
        }
    }

    private static long dashes(String name) {
        return name.chars().filter(c -> c == '-').count();
    }

    /** {@return what names of one client have in common} */
    static String key(String name) {
        return name.replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** {@return the value whose name means the same client} */
    static <T> @Nullable T find(Map<String, T> byName, String name) {
        T exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        return byName.entrySet().stream()
                .filter(entry -> key(entry.getKey()).equals(key(name)))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    /** {@return the name of a client's bean, such as {@code complyOneWebClient}} */
    static String beanName(String client, String kind) {
        StringBuilder name = new StringBuilder();
        for (String word : client.split("[^A-Za-z0-9]+", -1)) {
            if (!word.isEmpty()) {
                char first = word.charAt(0);
                name.append(name.isEmpty() ? Character.toLowerCase(first) : Character.toUpperCase(first))
                        .append(word, 1, word.length());
            }
        }
        return name.append(kind).toString();
    }

    /** {@return the environment variable that sets a client's property} */
    static String variable(String client, String property) {
        return (PREFIX + client + "." + property)
                .replace("-", "")
                .replace('.', '_')
                .toUpperCase(Locale.ROOT);
    }
}
