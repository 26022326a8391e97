package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.MonotokenProperties.AuthenticationMethod;
import io.monotoken.spring.autoconfigure.MonotokenProperties.GrantType;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionFailedException;

/** Says which values a property of a client or of the store may have, and what an earlier value is called now. */
@Order(0) // before Spring Boot's, which names a Java class
final class UnknownValueFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

    /** What client-authentication had before its values took the names of the registry, as {@link #key} has them. */
    private static final Map<String, AuthenticationMethod> EARLIER = Map.of(
            "post", AuthenticationMethod.CLIENT_SECRET_POST,
            "basic", AuthenticationMethod.CLIENT_SECRET_BASIC,
            "basicraw", AuthenticationMethod.CLIENT_SECRET_BASIC_RAW);

    /** By what somebody meant to convert to: what it is, and what to write. An address may hold a secret. */
    private static final Map<Class<?>, String> KINDS = Map.of(
            Duration.class, "duration: a number with its unit, such as 500ms, 5s, 2m or 1h",
            Boolean.class, "yes or no: true or false",
            boolean.class, "yes or no: true or false",
            Integer.class, "number: a whole number",
            int.class, "number: a whole number",
            URI.class,
                    "well-formed address: one such as https://api.example.com/v1, without blanks and with %20 for each");

    private static final String BROWSER =
            "Monotoken has one token for a whole service, and no user at a browser: Spring" + " Security is for that";

    /** Why not, by the last word of what the registries of OAuth know. */
    private static final Map<String, String> NOT_HERE = Map.of(
            "authorizationcode", BROWSER,
            "implicit", BROWSER,
            "devicecode", BROWSER,
            "tokenexchange",
                    "A grant that has no name here is a bean of your own: a TokenSource with a Grant that writes its"
                            + " form fields");

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
        Class<?> type = cause.getTarget().getType().resolve(Object.class);
        String name = cause.getName().toString();
        ConversionFailedException conversion = findCause(cause, ConversionFailedException.class);
        if (!ClientProperties.MONOTOKEN.isAncestorOf(cause.getName()) || conversion == null) {
            return null;
        }
        String value = String.valueOf(conversion.getValue());
        if (!type.isEnum()) {
            String kind = KINDS.get(type);
            return kind == null
                    ? null
                    : new FailureAnalysis(
                            name + (type == URI.class ? "" : ": " + value) + " is not a "
                                    + kind.substring(0, kind.indexOf(':')) + origin(cause.getProperty()),
                            "Write " + kind.substring(kind.indexOf(':') + 2),
                            cause);
        }
        String last = key(
                value.substring(value.lastIndexOf(':') + 1)); // of a name such as urn:ietf:params:oauth:grant-type:…
        String why = NOT_HERE.get(last);
        Object renamed = type == AuthenticationMethod.class ? EARLIER.get(key(value)) : null;
        Object shorter = Stream.of(type.getEnumConstants())
                .filter(constant -> key(constant.toString()).equals(last))
                .findFirst()
                .orElse(null);
        if (shorter != null) {
            return new FailureAnalysis(
                    name + ": " + value + " is " + written(shorter) + " here" + origin(cause.getProperty()),
                    "Write " + written(shorter),
                    cause);
        }
        return renamed == null
                ? new FailureAnalysis(
                        name + ": " + value + " is not a value that it can have" + origin(cause.getProperty()),
                        "Write " + values(type) + (why == null ? "" : ". " + why),
                        cause)
                : new FailureAnalysis(
                        name + ": " + value + " is now " + written(renamed) + origin(cause.getProperty()),
                        "Write " + written(renamed),
                        cause);
    }

    private static String origin(@Nullable ConfigurationProperty property) {
        return property == null || property.getOrigin() == null ? "" : " (" + property.getOrigin() + ")";
    }

    /** As relaxed binding compares: without dashes, underscores and case. */
    private static String key(String value) {
        return value.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }

    private static String values(Class<?> type) {
        String all = Stream.of(type.getEnumConstants())
                .map(UnknownValueFailureAnalyzer::written)
                .collect(Collectors.joining(", "));
        return all.replaceFirst(", (?=[^,]*$)", " or ");
    }

    /** {@return a value as the documentation writes it: names of registries have underscores, ours and that of a URN dashes} */
    static String written(Object constant) {
        boolean registered = (constant instanceof GrantType && constant != GrantType.JWT_BEARER)
                || (constant instanceof AuthenticationMethod
                        && constant != AuthenticationMethod.CLIENT_SECRET_BASIC_RAW);
        String name = constant.toString().toLowerCase(Locale.ROOT);
        return registered ? name : name.replace('_', '-');
    }
}
