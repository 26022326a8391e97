package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.core.env.Environment;

/**
 * The names of the clients that an environment describes.
 *
 * <p>Names equal but for dashes, underscores, other signs and case are one client, as an environment variable has none of
 * them; the name with the most dashes wins, one that is not from a variable before one that is.
 */
final class ClientNames {

    static final String PREFIX = "monotoken.clients.";

    private ClientNames() {}

    /**
     * Returns the names of the enabled clients.
     *
     * @throws InvalidClientException if two of them would have beans of the same names
     */
    static List<String> of(Environment environment) {
        Map<String, ConfigurationPropertyName> names = all(environment);
        names.values().removeIf(name -> !isEnabled(name, environment));
        return names.values().stream().map(ClientNames::shown).toList();
    }

    /**
     * Returns the names of all clients by what they have in common with others, in an order that does not change.
     *
     * @throws InvalidClientException if two of them would have beans of the same names
     */
    static Map<String, ConfigurationPropertyName> all(Environment environment) {
        Map<String, ConfigurationPropertyName> names = new TreeMap<>();
        for (ConfigurationPropertyName property : ClientProperties.names(environment)) {
            ConfigurationPropertyName name = property.chop(ClientProperties.CLIENTS.getNumberOfElements() + 1);
            names.merge(key(shown(name)), name, ClientNames::better);
        }
        Map<String, ConfigurationPropertyName> inVariables = new TreeMap<>();
        ClientVariables.in(environment, names.keySet())
                .clients()
                .forEach(words -> inVariables.merge(
                        key(words),
                        ClientProperties.CLIENTS.append(words),
                        (one, other) -> dashes(shown(other)) > dashes(shown(one)) ? other : one));
        inVariables.forEach(names::putIfAbsent);
        refuseCollisions(names.values());
        return names;
    }

    private static ConfigurationPropertyName better(ConfigurationPropertyName one, ConfigurationPropertyName other) {
        if (!one.equals(other)) { // for Spring Boot, which would bind a part of the properties to each
            throw collision(shown(one), shown(other));
        }
        return dashes(shown(other)) > dashes(shown(one)) ? other : one;
    }

    private static String shown(ConfigurationPropertyName name) {
        return name.getLastElement(Form.ORIGINAL);
    }

    private static boolean isEnabled(ConfigurationPropertyName name, Environment environment) {
        return Binder.get(environment)
                .bind(name.append("enabled"), Bindable.of(Boolean.class))
                .orElse(true);
    }

    private static void refuseCollisions(Collection<ConfigurationPropertyName> names) {
        Map<String, String> byBeanName = new LinkedHashMap<>();
        for (ConfigurationPropertyName name : names) {
            String other = byBeanName.put(beanName(shown(name), ""), shown(name));
            if (other != null) {
                throw collision(other, shown(name));
            }
        }
    }

    private static InvalidClientException collision(String one, String other) {
        List<String> sorted = Stream.of(one, other)
                .sorted(Comparator.comparing(name -> name.replace("-", "")))
                .toList();
        return new InvalidClientException(new Problem(
                "The clients " + PREFIX + sorted.get(0) + " and " + PREFIX + sorted.get(1)
                        + " would have beans of the same name, " + beanName(one, "WebClient"),
                "Rename one of them, using letters, digits and dashes only"));
    }

    private static long dashes(String name) {
        return name.chars().filter(c -> c == '-').count();
    }

    /** {@return what names of one client have in common} */
    static String key(String name) {
        return KnownProperties.letters(name);
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
        return StoreVariables.variable(PREFIX + client + "." + property);
    }
}
