package io.monotoken.spring.autoconfigure;

import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;

/** The properties that a client and the store can have, and which of them a name that is none may have meant. */
final class KnownProperties {

    /** Those of a client, by their names below its own. */
    static final List<Known> OF_A_CLIENT = in("", MonotokenProperties.Client.class, Kind.MAP_OF_LISTS)
            .sorted(Comparator.comparing(Known::name))
            .toList();

    /** Those of the store, by their names below {@code monotoken.store}. */
    static final List<Known> OF_THE_STORE = in("", MonotokenProperties.Store.class, Kind.MAP_OF_VALUES)
            .sorted(Comparator.comparing(Known::name))
            .toList();

    static final List<String> GROUPS = groups(OF_A_CLIENT);

    /** What other libraries and the RFCs call them, as {@link #letters} has it. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("accesstokenuri", "token-uri"),
            Map.entry("tokenurl", "token-uri"),
            Map.entry("tokenendpoint", "token-uri"),
            Map.entry("tokenendpointurl", "token-uri"),
            Map.entry("url", "base-url"),
            Map.entry("uri", "base-url"),
            Map.entry("secret", "client-secret"),
            Map.entry("id", "client-id"),
            Map.entry("user", "username"),
            Map.entry("granttype", "grant"),
            Map.entry("authorizationgranttype", "grant"),
            Map.entry("clientauthenticationmethod", "client-authentication"),
            Map.entry("tokenendpointauthmethod", "client-authentication"),
            Map.entry("authenticationmethod", "client-authentication"),
            Map.entry("audience", "parameters.audience"),
            Map.entry("resource", "parameters.resource"),
            Map.entry("bundle", "ssl.bundle"),
            Map.entry("apibundle", "api.ssl.bundle"),
            Map.entry("clientcertificate", "ssl.bundle"),
            Map.entry("keystore", "ssl.bundle"),
            Map.entry("privatekey", "assertion.key"),
            Map.entry("privatekeyfile", "assertion.key"),
            Map.entry("privatekeypath", "assertion.key"),
            Map.entry("signingkey", "assertion.key"),
            Map.entry("jwk", "assertion.key"),
            Map.entry("kid", "assertion.key-id"),
            Map.entry("alg", "assertion.algorithm"),
            Map.entry("signingalgorithm", "assertion.algorithm"),
            Map.entry("tokenendpointauthsigningalg", "assertion.algorithm"),
            Map.entry("passphrase", "assertion.key-password"),
            Map.entry("sub", "assertion.subject"),
            Map.entry("federatedtokenfile", "assertion.file"),
            Map.entry("webidentitytokenfile", "assertion.file"),
            Map.entry("clientassertion", "client-authentication"),
            Map.entry("readtimeout", "timeout"));

    private KnownProperties() {}

    /** What a property holds. */
    enum Kind {
        ONE_VALUE,
        LIST,
        MAP_OF_LISTS,
        MAP_OF_VALUES
    }

    /**
     * A property of a client or of the store.
     *
     * @param name its name below a client's or the store's, such as {@code refresh.ahead}
     */
    record Known(String name, Class<?> type, Kind kind) {

        /** {@return its name as names are compared} */
        String letters() {
            return KnownProperties.letters(name);
        }
    }

    static boolean isMap(String name) {
        return OF_A_CLIENT.stream()
                .anyMatch(known ->
                        known.kind() == Kind.MAP_OF_LISTS && known.name().equals(name));
    }

    /** {@return the one property that a name below a client's may have meant, if there is one} */
    static Optional<String> meantBy(String name) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        String elsewhere = ELSEWHERE.getOrDefault(letters(name), ELSEWHERE.get(letters(last)));
        if (elsewhere != null) {
            return Optional.of(elsewhere);
        }
        return nearest(name, OF_A_CLIENT);
    }

    /** {@return the words in front of a dot that properties have in common} */
    static List<String> groups(List<Known> properties) {
        return properties.stream()
                .filter(known -> known.name().contains("."))
                .map(known -> known.name().substring(0, known.name().indexOf('.')))
                .distinct()
                .toList();
    }

    /** {@return the property whose name is most like this one, if there is one that is like it} */
    static Optional<String> nearest(String name, List<Known> properties) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        return properties.stream()
                .map(Known::name)
                .map(known -> Map.entry(known, distance(name, last, known)))
                .filter(entry -> entry.getValue() <= bearable(last))
                .min(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey);
    }

    /** {@return how unlike two words are: letters to add, remove, change or swap} */
    static int distance(String one, String other) {
        int[][] distance = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                if (i == 0 || j == 0) {
                    distance[i][j] = i + j;
                    continue;
                }
                int changed = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                distance[i][j] = Math.min(
                        distance[i - 1][j - 1] + changed, Math.min(distance[i - 1][j], distance[i][j - 1]) + 1);
                boolean swapped = i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1);
                if (swapped) {
                    distance[i][j] = Math.min(distance[i][j], distance[i - 2][j - 2] + 1);
                }
            }
        }
        return distance[one.length()][other.length()];
    }

    /** The right word at a wrong level is nearer than a misspelt one. */
    private static int distance(String name, String last, String known) {
        String lastKnown = known.substring(known.lastIndexOf('.') + 1);
        return Math.min(distance(letters(name), letters(known)), distance(letters(last), letters(lastKnown)));
    }

    private static int bearable(String name) {
        int length = letters(name).length();
        return length < 5 ? 1 : length < 8 ? 2 : 3;
    }

    /** {@return a property's name as it is documented, whatever its spelling; the same for what is none} */
    static String written(String name) {
        return OF_A_CLIENT.stream()
                .map(Known::name)
                .filter(known -> letters(known).equals(letters(name)))
                .findFirst()
                .orElse(name);
    }

    /** {@return a name without what relaxed binding ignores} */
    static String letters(String name) {
        return name.replaceAll("[^\\p{L}\\p{N}]", "").toLowerCase(Locale.ROOT);
    }

    /** Read from the constructor, which a native image keeps since Spring Boot binds through it. */
    private static Stream<Known> in(String prefix, Class<?> properties, Kind maps) {
        Constructor<?> constructor = properties.getDeclaredConstructors()[0];
        return Stream.of(constructor.getParameters()).flatMap(parameter -> {
            String name = prefix + DataObjectPropertyName.toDashedForm(parameter.getName());
            return parameter.getType().isRecord()
                    ? in(name + ".", parameter.getType(), maps)
                    : Stream.of(new Known(name, parameter.getType(), kind(parameter, maps)));
        });
    }

    private static Kind kind(Parameter parameter, Kind maps) {
        if (Objects.equals(parameter.getType(), Map.class)) {
            return maps;
        }
        return Objects.equals(parameter.getType(), List.class) ? Kind.LIST : Kind.ONE_VALUE;
    }
}
