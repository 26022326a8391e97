package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.KnownProperties.Kind;
import io.monotoken.spring.autoconfigure.KnownProperties.Known;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.boot.origin.SystemEnvironmentOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * The environment variables that set properties of clients.
 *
 * <p>A variable has no dashes and no dots, so {@code MONOTOKEN_CLIENTS_COMPLY_ONE_PARAMETERS_LOGIN_HINT} says neither where
 * the client's name ends nor what is one word. Spring Boot reads it by rule, which fails for the entries of a map and for
 * words with an underscore. Here it is read by what there is: clients that are described elsewhere, and the properties of a
 * client.
 */
final class ClientVariables {

    static final String SOURCE = "monotokenClientVariables";

    private static final String PREFIX = "MONOTOKEN_CLIENTS_";
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    /** What Kubernetes sets for a service, one that is called {@code monotoken-clients} for instance. */
    private static final Pattern OF_A_SERVICE = Pattern.compile(
            ".*_SERVICE_HOST|.*_SERVICE_PORT(_.*)?|.*_PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?");

    private final List<Setting> settings = new ArrayList<>();
    private final Set<String> clients = new LinkedHashSet<>(); // keys of those that there are
    private final Set<String> unknown = new LinkedHashSet<>();
    private final List<Problem> ambiguous = new ArrayList<>();

    /** One way to read a variable. */
    private record Reading(List<String> client, Known known, List<String> below) {

        String key() {
            return ClientNames.key(String.join("", client));
        }

        String shown() {
            return ClientNames.PREFIX + String.join("-", client) + "." + known.name();
        }
    }

    /**
     * What a variable sets.
     *
     * @param client the client's key, see {@link ClientNames#key}
     * @param words the client's name as the variable has it, with dashes
     * @param below the key in a map, the index in a list
     */
    private record Setting(
            String variable, Object value, String client, String words, Known known, List<String> below) {}

    private ClientVariables() {}

    /**
     * Reads the variables.
     *
     * @param described keys of the clients that are described elsewhere
     */
    static ClientVariables in(Environment environment, Collection<String> described) {
        ClientVariables variables = new ClientVariables();
        Map<String, Object> values = values(environment, PREFIX);
        Map<String, List<Reading>> readings = new LinkedHashMap<>();
        values.keySet().forEach(variable -> readings.put(variable, readings(variable)));
        variables.clients.addAll(described);
        readings.values().stream()
                .filter(ways -> ways.size() == 1)
                .forEach(ways -> variables.clients.add(ways.get(0).key()));
        readings.forEach((variable, ways) -> {
            if (ways.isEmpty()) {
                variables.unknown.add(variable);
                return;
            }
            List<Reading> likely = ways.stream()
                    .filter(reading -> variables.clients.contains(reading.key()))
                    .toList();
            if (likely.stream().map(Reading::key).distinct().count() > 1) {
                variables.ambiguous.add(ambiguous(variable, likely));
            }
            Reading way = likely.isEmpty() ? ways.get(0) : likely.get(0);
            variables.settings.add(new Setting(
                    variable,
                    Objects.requireNonNull(values.get(variable)),
                    way.key(),
                    String.join("-", way.client()),
                    way.known(),
                    way.below()));
        });
        variables.unknown.removeIf(ClientVariables::isOfAService);
        return variables;
    }

    static boolean isOfAService(String variable) {
        return OF_A_SERVICE.matcher(variable).matches();
    }

    static boolean isVariables(@Nullable Object source) {
        return source instanceof SystemEnvironmentPropertySource variables
                && (variables.getName().equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)
                        || variables
                                .getName()
                                .endsWith("-" + StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME));
    }

    /** {@return the names that variables give clients, with dashes for underscores} */
    List<String> clients() {
        return settings.stream().map(Setting::words).distinct().toList();
    }

    /** Makes properties of the variables that Spring Boot does not bind to the right name, or to none. */
    void bind(ConfigurableEnvironment environment, Map<String, String> names, WrittenKeys written) {
        Map<String, Object> properties = new LinkedHashMap<>();
        settings.forEach(setting -> properties.put(
                property(setting, names, written),
                OriginTrackedValue.of(setting.value(), new SystemEnvironmentOrigin(setting.variable()))));
        MutablePropertySources sources = environment.getPropertySources();
        sources.remove(SOURCE);
        if (!properties.isEmpty()) {
            sources.stream()
                    .filter(ClientVariables::isVariables)
                    .findFirst()
                    .ifPresent(variables -> sources.addBefore(
                            variables.getName(), new OriginTrackedMapPropertySource(SOURCE, properties, true)));
        }
    }

    /** How the keys of maps are written elsewhere, where a variable has only their letters. */
    @FunctionalInterface
    interface WrittenKeys {
        Optional<Key> find(String client, Known map, String letters);
    }

    /**
     * The key of an entry of a map.
     *
     * @param isPlain whether it is written without brackets: Spring Boot takes a key with brackets for another one
     */
    record Key(String text, boolean isPlain) {}

    private static String property(Setting setting, Map<String, String> names, WrittenKeys written) {
        StringBuilder property = new StringBuilder(Objects.requireNonNull(names.get(setting.client())))
                .append('.')
                .append(setting.known().name());
        List<String> below = setting.below();
        if (setting.known().kind() == Kind.MAP_OF_LISTS) {
            Key key = key(setting, written);
            property.append(key.isPlain() ? "." + key.text() : "[" + key.text() + "]");
            below = index(below);
        }
        below.forEach(index -> property.append('[').append(index).append(']'));
        return property.toString();
    }

    private static Key key(Setting setting, WrittenKeys written) {
        String words = String.join("_", withoutIndex(setting.below()));
        return written.find(setting.client(), setting.known(), KnownProperties.letters(words))
                .orElseGet(() -> new Key(words, false));
    }

    /** {@return what Spring Boot takes the key of a map for, where that is another than the right one} */
    List<String> mistakenKeys(String client, String map, WrittenKeys written) {
        return settings.stream()
                .filter(setting -> setting.client().equals(client))
                .filter(setting -> setting.known().name().equals(map))
                .filter(setting ->
                        !key(setting, written).text().equals(String.join(".", withoutIndex(setting.below()))))
                .map(setting -> String.join(".", withoutIndex(setting.below())))
                .toList();
    }

    /** {@return what is wrong with variables that would otherwise be dropped in silence} */
    List<Problem> problems() {
        Stream<Problem> twice = settings.stream()
                .collect(Collectors.groupingBy(
                        setting -> setting.client() + " " + setting.known().name() + setting.below(),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .values()
                .stream()
                .filter(same -> same.stream().map(Setting::value).distinct().count() > 1)
                .map(same -> new Problem(
                        "The environment variables "
                                + same.stream().map(Setting::variable).collect(Collectors.joining(" and "))
                                + " set the same property to different values",
                        "Remove all but one of them"));
        return Stream.of(unknown.stream().map(this::unknown), ambiguous.stream(), twice)
                .flatMap(problems -> problems)
                .toList();
    }

    private static Problem ambiguous(String variable, List<Reading> likely) {
        return new Problem(
                "The environment variable " + variable + " may set "
                        + likely.stream().map(Reading::shown).collect(Collectors.joining(" or ")),
                "Rename one of the clients, or set the property elsewhere, as in SPRING_APPLICATION_JSON");
    }

    private Problem unknown(String variable) {
        return new Problem(
                "The environment variable " + variable + " sets no property of a client",
                meant(variable)
                        .map(name -> "Write " + name + ", or remove it")
                        .orElse("Write " + ClientNames.variable("comply-one", "client-id")
                                + " for client-id of a client comply-one, for instance, or remove it"));
    }

    private Optional<String> meant(String variable) {
        List<String> words = words(variable);
        return IntStream.range(1, words.size())
                .filter(i -> clients.isEmpty() || clients.contains(String.join("", words.subList(0, i))))
                .mapToObj(i -> meant(String.join("-", words.subList(0, i)), words.subList(i, words.size())))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** {@return the variable of a property, or of an entry of a map, that words below a client's name may have meant} */
    private static Optional<String> meant(String client, List<String> words) {
        Optional<String> property =
                KnownProperties.meantBy(String.join("-", words)).filter(name -> !KnownProperties.isMap(name));
        if (property.isPresent()) {
            return property.map(name -> ClientNames.variable(client, name));
        }
        return IntStream.range(1, words.size())
                .mapToObj(i -> KnownProperties.meantBy(String.join("-", words.subList(0, i)))
                        .filter(KnownProperties::isMap)
                        .map(map -> ClientNames.variable(client, map)
                                + "_"
                                + String.join("_", words.subList(i, words.size()))
                                        .toUpperCase(Locale.ROOT)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** {@return the variables whose names begin like this, and their values} */
    static Map<String, Object> values(Environment environment, String beginning) {
        Map<String, Object> values = new LinkedHashMap<>();
        if (environment instanceof ConfigurableEnvironment configurable) {
            for (PropertySource<?> source : configurable.getPropertySources()) {
                if (isVariables(source)) {
                    String prefix = source instanceof PropertySourceInfo lookup && lookup.getPrefix() != null
                            ? lookup.getPrefix().replaceAll("[^A-Za-z0-9]", "_") + "_"
                            : "";
                    ((SystemEnvironmentPropertySource) source).getSource().forEach((name, value) -> {
                        if (name.toUpperCase(Locale.ROOT).startsWith((prefix + beginning).toUpperCase(Locale.ROOT))) {
                            values.putIfAbsent(name, value);
                        }
                    });
                }
            }
        }
        return values;
    }

    private static List<String> words(String variable) {
        String lower = variable.toLowerCase(Locale.ROOT);
        String below = lower.substring(lower.indexOf(PREFIX.toLowerCase(Locale.ROOT)) + PREFIX.length());
        return Arrays.stream(below.split("_", -1))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** {@return the ways to read a variable, the longest property first} */
    private static List<Reading> readings(String variable) {
        List<String> words = words(variable);
        List<Reading> readings = new ArrayList<>();
        for (int i = 1; i < words.size(); i++) {
            List<String> client = words.subList(0, i);
            List<String> rest = words.subList(i, words.size());
            KnownProperties.OF_A_CLIENT.stream()
                    .flatMap(known -> below(known, rest).stream().map(below -> new Reading(client, known, below)))
                    .forEach(readings::add);
        }
        readings.sort(Comparator.comparing(reading -> reading.client().size()));
        return readings;
    }

    /** {@return what is left of the words behind a property's name, nothing if they are not that property's} */
    private static Optional<List<String>> below(Known known, List<String> words) {
        for (int i = 1; i <= words.size(); i++) {
            if (String.join("", words.subList(0, i)).equals(known.letters())) {
                List<String> below = words.subList(i, words.size());
                boolean fits = switch (known.kind()) {
                    case ONE_VALUE -> below.isEmpty();
                    case LIST -> below.isEmpty() || below.equals(index(below));
                    case MAP_OF_LISTS -> !withoutIndex(below).isEmpty();
                    case MAP_OF_VALUES -> !below.isEmpty();
                };
                return fits ? Optional.of(below) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static List<String> index(List<String> below) {
        String last = below.isEmpty() ? "" : below.get(below.size() - 1);
        return NUMBER.matcher(last).matches() ? List.of(last) : List.of();
    }

    private static List<String> withoutIndex(List<String> below) {
        return below.subList(0, below.size() - index(below).size());
    }
}
