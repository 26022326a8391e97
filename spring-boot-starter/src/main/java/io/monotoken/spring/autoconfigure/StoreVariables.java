package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.KnownProperties.Kind;
import io.monotoken.spring.autoconfigure.KnownProperties.Known;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;

/**
 * Finds environment variables that look like properties of the store and set none: Spring Boot drops them in silence. One that
 * a property refers to is the application's own, whatever it is called.
 */
final class StoreVariables {

    private static final String PREFIX = "MONOTOKEN_STORE_REDIS_";
    private static final String A_KEY = "_K1";

    private StoreVariables() {}

    static List<Problem> problems(Environment environment) {
        return ClientVariables.values(environment, PREFIX).keySet().stream()
                .filter(variable -> !sets(variable))
                .filter(variable -> !ClientVariables.isOfAService(variable))
                .filter(variable -> !isReferredTo(variable, environment))
                .map(variable -> new Problem(
                        "The environment variable " + variable + " sets no property of the store",
                        meant(variable)
                                .map(name -> "Write " + name + ", or remove it")
                                .orElse("Write " + PREFIX
                                        + "ENABLED for monotoken.store.redis.enabled, for instance, or"
                                        + " remove it")))
                .toList();
    }

    private static boolean sets(String variable) {
        String path = path(variable);
        return KnownProperties.OF_THE_STORE.stream().anyMatch(known -> switch (known.kind()) {
            case ONE_VALUE -> KnownProperties.letters(path).equals(known.letters());
            case LIST, MAP_OF_LISTS, MAP_OF_VALUES -> path.startsWith(known.name() + ".");
        });
    }

    private static Optional<String> meant(String variable) {
        String path = path(variable);
        return KnownProperties.nearest(path, KnownProperties.OF_THE_STORE)
                .or(() -> KnownProperties.nearest(path.replaceFirst("[.][^.]*$", ""), KnownProperties.OF_THE_STORE)
                        .filter(name -> kind(name) == Kind.MAP_OF_VALUES))
                .map(name -> variable("monotoken.store." + name) + (kind(name) == Kind.MAP_OF_VALUES ? A_KEY : ""));
    }

    private static Kind kind(String name) {
        return KnownProperties.OF_THE_STORE.stream()
                .filter(known -> known.name().equals(name))
                .map(Known::kind)
                .findFirst()
                .orElse(Kind.ONE_VALUE);
    }

    /** {@return the environment variable that sets a property} */
    static String variable(String property) {
        return property.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** {@return the name below the store that Spring Boot reads from a variable} */
    private static String path(String variable) {
        String upper = variable.toUpperCase(Locale.ROOT);
        return "redis."
                + upper.substring(upper.indexOf(PREFIX) + PREFIX.length())
                        .replace('_', '.')
                        .toLowerCase(Locale.ROOT);
    }

    private static boolean isReferredTo(String variable, Environment environment) {
        return environment instanceof ConfigurableEnvironment configurable
                && configurable.getPropertySources().stream()
                        .flatMap(source -> source instanceof EnumerablePropertySource<?> names
                                ? Stream.of(names.getPropertyNames()).map(source::getProperty)
                                : Stream.empty())
                        .map(String::valueOf)
                        .anyMatch(value ->
                                value.contains("${" + variable + "}") || value.contains("${" + variable + ":"));
    }
}
