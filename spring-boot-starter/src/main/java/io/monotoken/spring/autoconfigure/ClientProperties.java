package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.KnownProperties.Known;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;

/** The properties of clients as an environment has them, those of environment variables apart. */
final class ClientProperties {

    static final ConfigurationPropertyName MONOTOKEN = ConfigurationPropertyName.of("monotoken");
    static final ConfigurationPropertyName CLIENTS = ConfigurationPropertyName.of("monotoken.clients");

    private final Environment environment;
    private final ClientVariables variables;

    ClientProperties(Environment environment) {
        this.environment = environment;
        this.variables = ClientVariables.in(environment, described(environment));
    }

    /** {@return the names of all properties below {@code monotoken.clients}, with repetitions} */
    static List<ConfigurationPropertyName> names(Environment environment) {
        List<ConfigurationPropertyName> names = new ArrayList<>();
        for (IterableConfigurationPropertySource source : sources(environment)) {
            source.stream().filter(CLIENTS::isAncestorOf).forEach(names::add);
        }
        return names;
    }

    /** {@return where properties come from, the strongest first, without environment variables as they are} */
    static List<IterableConfigurationPropertySource> sources(Environment environment) {
        List<IterableConfigurationPropertySource> sources = new ArrayList<>();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource iterable
                    && !ClientVariables.isVariables(source.getUnderlyingSource())) {
                sources.add(iterable);
            }
        }
        return sources;
    }

    /** Lets environment variables set what they mean; done a second time, it changes nothing. */
    void bindVariables() {
        Map<String, String> names = new LinkedHashMap<>();
        ClientNames.all(environment).forEach((key, name) -> names.put(key, name.toString()));
        if (environment instanceof ConfigurableEnvironment configurable) {
            variables.bind(configurable, names, this::writtenKey);
        }
    }

    /** {@return the properties of one client by their names below it, as the strongest source has them} */
    Map<String, ConfigurationProperty> of(String client) {
        Map<String, ConfigurationProperty> properties = new TreeMap<>();
        for (IterableConfigurationPropertySource source : sources(environment)) {
            source.stream()
                    .filter(CLIENTS::isAncestorOf)
                    .filter(name -> ClientNames.key(name.getElement(CLIENTS.getNumberOfElements(), Form.ORIGINAL))
                            .equals(ClientNames.key(client)))
                    .forEach(name -> {
                        ConfigurationProperty property = source.getConfigurationProperty(name);
                        if (property != null) {
                            properties.putIfAbsent(KnownProperties.written(below(name)), property);
                        }
                    });
        }
        return properties;
    }

    /** {@return whether an HTTP service group that is named like the client brings an address} */
    boolean groupHasBaseUrl(String client) {
        return Binder.get(environment)
                .bind("spring.http.serviceclient", Bindable.mapOf(String.class, Object.class))
                .orElse(Map.of())
                .entrySet()
                .stream()
                .filter(group -> ClientNames.key(group.getKey()).equals(ClientNames.key(client)))
                .anyMatch(group -> group.getValue() instanceof Map<?, ?> own
                        && own.keySet().stream()
                                .anyMatch(key -> KnownProperties.letters(String.valueOf(key))
                                        .equals("baseurl")));
    }

    private static String below(ConfigurationPropertyName name) {
        List<String> words = new ArrayList<>();
        for (int i = CLIENTS.getNumberOfElements() + 1; i < name.getNumberOfElements(); i++) {
            words.add(name.getElement(i, Form.ORIGINAL));
        }
        return String.join(".", words);
    }

    /** {@return what a value is before it becomes text, behind a reference to another property as well} */
    @Nullable
    Object raw(Object value) {
        String reference = Placeholders.whole(value.toString());
        if (reference == null || !(environment instanceof ConfigurableEnvironment configurable)) {
            return value;
        }
        for (PropertySource<?> source : configurable.getPropertySources()) {
            Object there = source.getProperty(reference);
            if (there != null) {
                return there;
            }
        }
        return null;
    }

    ClientVariables variables() {
        return variables;
    }

    /** {@return the entries of a map without those that Spring Boot reads amiss from environment variables} */
    Map<String, List<String>> meant(String client, String map, Map<String, List<String>> bound) {
        Map<String, List<String>> meant = new LinkedHashMap<>(bound);
        variables.mistakenKeys(ClientNames.key(client), map, this::writtenKey).stream()
                .filter(key -> !isWritten(client, map, key))
                .forEach(meant::remove);
        return meant;
    }

    /**
     * {@return what is written below a property, with numbers as numbers and lists as lists} Without environment variables as
     * they are, whose names Spring Boot would take apart at each underscore.
     */
    Map<String, Object> tree(String client, String map) {
        ConfigurationPropertyName name =
                Objects.requireNonNull(ClientNames.all(environment).get(ClientNames.key(client)), client);
        Map<String, Object> tree = new LinkedHashMap<>();
        new Binder(
                        List.<ConfigurationPropertySource>copyOf(sources(environment)),
                        new PropertySourcesPlaceholdersResolver(environment))
                .bind(name.append(map), Bindable.mapOf(String.class, Object.class))
                .orElse(Map.of())
                .forEach((key, value) -> tree.put(key, withLists(value)));
        return tree;
    }

    /** {@return the same with a list where the binder made a map of indices} */
    private static Object withLists(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        Map<String, Object> members = new LinkedHashMap<>();
        map.forEach((key, member) -> members.put(String.valueOf(key), withLists(member)));
        List<Object> elements = new ArrayList<>();
        for (Object next = members.get("0"); next != null; next = members.get(String.valueOf(elements.size()))) {
            elements.add(next);
        }
        return elements.isEmpty() || elements.size() < members.size() ? members : elements;
    }

    private boolean isWritten(String client, String map, String key) {
        return names(environment).stream()
                .filter(name -> isBelow(name, ClientNames.key(client), KnownProperties.letters(map)))
                .anyMatch(name -> key(name, map).equals(key));
    }

    private Optional<ClientVariables.Key> writtenKey(String client, Known map, String letters) {
        return names(environment).stream()
                .filter(name -> isBelow(name, client, map.letters()))
                .map(name -> new ClientVariables.Key(
                        key(name, map.name()), !name.chop(first(map.name()) + 1).isLastElementIndexed()))
                .filter(key -> KnownProperties.letters(key.text()).equals(letters))
                .findFirst();
    }

    /** {@return where the key of an entry begins} */
    private static int first(String map) {
        return CLIENTS.getNumberOfElements() + 1 + map.split("\\.", -1).length;
    }

    private static boolean isBelow(ConfigurationPropertyName name, String client, String map) {
        int first = CLIENTS.getNumberOfElements();
        StringBuilder letters = new StringBuilder();
        for (int i = first + 1; i < name.getNumberOfElements() - 1; i++) {
            letters.append(name.getElement(i, Form.UNIFORM));
            if (letters.toString().equals(map)) {
                return ClientNames.key(name.getElement(first, Form.ORIGINAL)).equals(client);
            }
        }
        return false;
    }

    private static String key(ConfigurationPropertyName name, String map) {
        int from = first(map);
        List<String> words = new ArrayList<>();
        for (int i = from; i < name.getNumberOfElements(); i++) {
            if (i == from || !name.isNumericIndex(i)) {
                words.add(Objects.requireNonNull(name.getElement(i, Form.ORIGINAL)));
            }
        }
        return String.join(".", words);
    }

    private static List<String> described(Environment environment) {
        return names(environment).stream()
                .map(name -> ClientNames.key(name.getElement(CLIENTS.getNumberOfElements(), Form.ORIGINAL)))
                .distinct()
                .toList();
    }
}
