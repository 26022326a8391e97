package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.KnownProperties.Kind;
import io.monotoken.spring.autoconfigure.KnownProperties.Known;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.env.Environment;

/**
 * Finds what is written below {@code monotoken} and would bind to nothing, in every property source: Spring Boot drops it in
 * silence where it comes from environment variables and system properties. No message has a value, which may be a secret
 * below a mistaken name.
 */
final class PropertyCheck {

    private static final ConfigurationPropertyName STORE = ConfigurationPropertyName.of("monotoken.store");
    private static final int CLIENT = ClientProperties.CLIENTS.getNumberOfElements(); // the element that names it

    private static final String EMPTY = "Give it a value, or leave it out";

    private final Environment environment;
    private final Binder binder;
    private final Map<String, Set<String>> problems = new LinkedHashMap<>(); // what is wrong by what to write

    PropertyCheck(Environment environment) {
        this.environment = environment;
        this.binder = Binder.get(environment);
    }

    /**
     * Checks names, and where the application runs values as well.
     *
     * @throws InvalidClientException with every problem
     */
    void check(ClientVariables variables) {
        boolean aheadOfTime = Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING); // values come at run time
        Set<ConfigurationPropertyName> seen = new LinkedHashSet<>();
        for (IterableConfigurationPropertySource source : ClientProperties.sources(environment)) {
            source.stream().filter(ClientProperties.MONOTOKEN::isAncestorOf).forEach(name -> {
                if (seen.add(name)) {
                    name(name, source);
                    if (!aheadOfTime) {
                        value(name, source);
                    }
                }
            });
        }
        List<Problem> all = new ArrayList<>();
        problems.forEach((action, what) -> all.add(new Problem(String.join("\n", what), action)));
        all.addAll(variables.problems());
        all.addAll(StoreVariables.problems(environment));
        if (!all.isEmpty()) {
            throw new InvalidClientException(all, null);
        }
    }

    /**
     * Where properties live.
     *
     * @param below the name that theirs begin with: a client's or the store's
     * @param isStore whether they are the store's
     */
    private record Section(ConfigurationPropertyName below, List<Known> properties, boolean isStore) {

        static Section of(ConfigurationPropertyName name) {
            return STORE.isAncestorOf(name)
                    ? new Section(STORE, KnownProperties.OF_THE_STORE, true)
                    : new Section(name.chop(CLIENT + 1), KnownProperties.OF_A_CLIENT, false);
        }

        String owner() {
            return isStore ? "the store" : "a client";
        }

        /** {@return a property's name below this, word by word} */
        List<String> words(ConfigurationPropertyName name) {
            List<String> words = new ArrayList<>();
            for (int i = below.getNumberOfElements(); i < name.getNumberOfElements(); i++) {
                words.add(name.getElement(i, Form.ORIGINAL));
            }
            return words;
        }

        /** {@return the same as Spring Boot compares names} */
        String path(ConfigurationPropertyName name) {
            return words(name).stream().map(KnownProperties::letters).collect(Collectors.joining("."));
        }

        /** {@return the property that a name below this may have meant} */
        Optional<String> meant(List<String> words) {
            String written = String.join(".", words);
            if (!isStore) {
                return KnownProperties.meantBy(written);
            }
            Optional<String> property = KnownProperties.nearest(written, properties);
            if (property.isPresent() || words.size() < 2) {
                return property;
            }
            String id = words.get(words.size() - 1);
            return KnownProperties.nearest(String.join(".", words.subList(0, words.size() - 1)), properties)
                    .map(map -> map + "." + id);
        }
    }

    private void name(ConfigurationPropertyName name, IterableConfigurationPropertySource source) {
        if (STORE.isAncestorOf(name)) {
            ofASection(name, source);
        } else if (STORE.equals(name)) {
            inPlaceOfTheStore(name, source);
        } else if (!ClientProperties.CLIENTS.isAncestorOf(name) && !ClientProperties.CLIENTS.equals(name)) {
            besidesClients(name);
        } else if (name.getNumberOfElements() <= CLIENT + 1) {
            if (!isBlank(name)) {
                inPlaceOfAClient(name, source);
            }
        } else if (name.isNumericIndex(CLIENT) && "0".equals(name.getElement(CLIENT, Form.ORIGINAL))) {
            report(
                    ClientProperties.CLIENTS + " is a list, while clients have names",
                    "Give each client a name, as in monotoken.clients.comply-one.client-id, without a dash in front");
        } else {
            ofASection(name, source);
        }
    }

    private void inPlaceOfTheStore(ConfigurationPropertyName name, IterableConfigurationPropertySource source) {
        report(
                name
                        + origin(name, source)
                        + (isBlank(name) ? " is empty" : " has a value of its own, which nothing reads"),
                isBlank(name) ? EMPTY : "Write " + STORE + ".redis.enabled: true");
    }

    private void besidesClients(ConfigurationPropertyName name) {
        ConfigurationPropertyName first = name.chop(ClientProperties.MONOTOKEN.getNumberOfElements() + 1);
        String word = first.getLastElement(Form.UNIFORM);
        boolean isClientsMisspelt = KnownProperties.distance(word, "clients") <= 2;
        boolean isStoreMisspelt = KnownProperties.distance(word, "store") <= 2;
        boolean isOfTheStore =
                KnownProperties.groups(KnownProperties.OF_THE_STORE).contains(word);
        boolean isOfAClient = named(word) != null || KnownProperties.GROUPS.contains(word);
        report(
                first + " is no property",
                isOfAClient
                        ? "Write it below the name of a client, as in " + ClientNames.PREFIX + "comply-one."
                                + first.getLastElement(Form.DASHED)
                        : isClientsMisspelt || isStoreMisspelt
                                ? "Write monotoken." + (isStoreMisspelt ? "store" : "clients") + " instead of " + first
                                : isOfTheStore
                                        ? "Write " + STORE + "." + word + " instead of " + first
                                        : "Write monotoken.clients." + first.getLastElement(Form.DASHED)
                                                + " if it is the name of a client, or remove it; below monotoken there"
                                                + " are clients and store alone");
    }

    private void inPlaceOfAClient(ConfigurationPropertyName name, IterableConfigurationPropertySource source) {
        if (name.equals(ClientProperties.CLIENTS)) {
            report(
                    name + origin(name, source) + " has a value instead of clients",
                    "Write the name of a client below it, and its properties below that name");
            return;
        }
        String last = name.getLastElement(Form.ORIGINAL);
        boolean isProperty = KnownProperties.meantBy(last).isPresent();
        report(
                name + origin(name, source) + " has a value, where the name of a client belongs that has properties",
                isProperty
                        ? "Indent it below the name of a client, as in " + ClientNames.PREFIX
                                + clientWithoutProperties() + "." + last
                        : "Write properties such as client-id below it");
    }

    private void ofASection(ConfigurationPropertyName name, IterableConfigurationPropertySource source) {
        Section section = Section.of(name);
        String path = section.path(name);
        if (isKnown(name, section)) {
            if (section.isStore()) {
                noList(name);
            } else {
                noGap(name, source);
            }
            return;
        }
        String shown = name + origin(name, source);
        Optional<Known> text = section.properties().stream()
                .filter(known -> known.kind() == Kind.ONE_VALUE && path.startsWith(uniform(known.name()) + "."))
                .findFirst();
        if (text.isPresent()) {
            ConfigurationPropertyName property =
                    section.below().append(text.get().name());
            report(
                    property + origin(name, source) + " has one value, and not a list or names below it",
                    "Write its value on the same line, in quotes if it has one of the signs { [ : # or begins with a dash");
            return;
        }
        boolean isGroup = KnownProperties.groups(section.properties()).stream()
                .map(PropertyCheck::uniform)
                .anyMatch(path::equals);
        boolean isMap =
                section.properties().stream().anyMatch(known -> isMap(known) && path.equals(uniform(known.name())));
        if (isGroup || isMap) {
            if (!isBlank(name)) {
                report(
                        shown + " has a value of its own, which nothing reads",
                        "Write one of these instead: " + below(section, path));
            } else {
                report(shown + " is empty", EMPTY); // Spring Boot 4.0 cannot bind it
            }
            return;
        }
        String discovery = discovery(path);
        report(
                shown + " is no property of " + section.owner(),
                discovery != null
                        ? discovery
                        : section.meant(section.words(name))
                                .map(meant -> "Did you mean " + section.below() + "." + meant + "?")
                                .orElseGet(() -> "The properties of " + section.owner() + " are: "
                                        + section.properties().stream()
                                                .map(Known::name)
                                                .collect(Collectors.joining(", "))));
    }

    private static boolean isMap(Known known) {
        return known.kind() == Kind.MAP_OF_LISTS || known.kind() == Kind.MAP_OF_VALUES;
    }

    private void noList(ConfigurationPropertyName name) {
        if (name.isLastElementIndexed() && "0".equals(name.getLastElement(Form.ORIGINAL))) {
            report(
                    name.getParent() + " is a list, while keys have ids",
                    "Give each key an id, as in " + name.getParent() + ".k1, without a dash in front");
        }
    }

    /** Spring Boot reads a list up to the first index that is not there. */
    private void noGap(ConfigurationPropertyName name, IterableConfigurationPropertySource source) {
        int last = name.getNumberOfElements() - 1;
        int index = name.isNumericIndex(last) ? Integer.parseInt(name.getElement(last, Form.ORIGINAL)) : 0;
        if (index > 0) {
            String before = "[" + (index - 1) + "]";
            if (source.getConfigurationProperty(name.getParent().append(before)) == null) {
                report(
                        name + origin(name, source) + " has no " + before + " before it",
                        "Count the values of a list from 0, without a gap, all in one place");
            }
        }
    }

    private static boolean isKnown(ConfigurationPropertyName name, Section section) {
        String path = section.path(name);
        return section.properties().stream().anyMatch(known -> {
            String uniform = uniform(known.name());
            return switch (known.kind()) {
                case ONE_VALUE -> path.equals(uniform);
                case LIST ->
                    path.equals(uniform)
                            || (path.startsWith(uniform + ".")
                                    && name.isLastElementIndexed()
                                    && path.indexOf('.', uniform.length() + 1) < 0);
                case MAP_OF_LISTS, MAP_OF_VALUES -> path.startsWith(uniform + ".");
            };
        });
    }

    private static @Nullable String discovery(String path) {
        return switch (path) {
            case "issueruri", "issuer", "wellknown", "discoveryuri", "authserverurl", "issuerurl" ->
                "Monotoken asks no issuer where its token endpoint is: set token-uri to the token_endpoint that the"
                        + " issuer's address followed by /.well-known/openid-configuration shows";
            case "redirecturi", "authorizationuri", "authorizationendpoint" ->
                "Remove it: no user logs in through a browser here; Spring Security is for that";
            case "userinfouri", "jwkseturi", "usernameattribute" ->
                "Remove it: Monotoken gets tokens and hands them out, it does not read them";
            default -> null;
        };
    }

    private void value(ConfigurationPropertyName name, IterableConfigurationPropertySource source) {
        if (!STORE.isAncestorOf(name)
                && (!ClientProperties.CLIENTS.isAncestorOf(name) || name.getNumberOfElements() < CLIENT + 2)) {
            return;
        }
        Section section = Section.of(name);
        String path = section.path(name);
        section.properties().stream()
                .filter(known -> known.kind() == Kind.ONE_VALUE && known.type() != String.class)
                .filter(known -> path.equals(uniform(known.name())))
                .forEach(known -> value(known, name, source));
    }

    private void value(Known known, ConfigurationPropertyName name, IterableConfigurationPropertySource source) {
        String value = binder.bind(name, Bindable.of(String.class)).orElse("").strip();
        String shown = name + origin(name, source);
        String placeholder = Placeholders.whole(value);
        if (value.isEmpty()) {
            report(shown + " is empty", EMPTY);
        } else if (placeholder != null) {
            report(name + " is " + value + ", which nothing resolves", Placeholders.toDefine(placeholder));
        } else if (known.type() == Duration.class && value.matches("[+-]?\\d+")) {
            report(
                    shown + ": " + value + " has no unit, and would be " + value + " ms",
                    "Write a duration with its unit, such as 500ms, 5s, 2m or 1h");
        }
    }

    private void report(String what, String action) {
        problems.computeIfAbsent(action, any -> new LinkedHashSet<>()).add(what);
    }

    private boolean isBlank(ConfigurationPropertyName name) {
        return binder.bind(name, Bindable.of(Object.class))
                .orElse("")
                .toString()
                .isBlank();
    }

    /** {@return the client that somebody named and gave nothing, since what follows is not indented} */
    private String clientWithoutProperties() {
        return ClientProperties.names(environment).stream()
                .filter(name -> name.getNumberOfElements() == CLIENT + 1 && isBlank(name))
                .map(name -> name.getLastElement(Form.ORIGINAL))
                .findFirst()
                .orElse("<name>");
    }

    private static @Nullable Known named(String letters) {
        return KnownProperties.OF_A_CLIENT.stream()
                .filter(known -> known.letters().equals(letters))
                .findFirst()
                .orElse(null);
    }

    private static String below(Section section, String path) {
        return section.properties().stream()
                .filter(known -> uniform(known.name()).equals(path)
                        || uniform(known.name()).startsWith(path + "."))
                .map(known -> section.below() + "." + known.name()
                        + switch (known.kind()) {
                            case ONE_VALUE, LIST -> "";
                            case MAP_OF_LISTS -> ".audience";
                            case MAP_OF_VALUES -> ".k1";
                        })
                .collect(Collectors.joining(", "));
    }

    private static String uniform(String name) {
        return List.of(name.split("\\.", -1)).stream()
                .map(KnownProperties::letters)
                .collect(Collectors.joining("."));
    }

    private static String origin(ConfigurationPropertyName name, IterableConfigurationPropertySource source) {
        ConfigurationProperty property = source.getConfigurationProperty(name);
        return property == null || property.getOrigin() == null ? "" : " (" + property.getOrigin() + ")";
    }
}
