package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.MonotokenProperties.AuthenticationMethod;
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

/** Says which values a property of a client may have, and what an earlier value is called now. */
@Order(0) // before Spring Boot's, which names a Java class
final class UnknownValueFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

    /** What client-authentication had before its values took the names of the registry, as {@link #key} has them. */
    private static final Map<String, AuthenticationMethod> EARLIER = Map.of(
            "post", AuthenticationMethod.CLIENT_SECRET_POST,
            "basic", AuthenticationMethod.CLIENT_SECRET_BASIC,
            "basicraw", AuthenticationMethod.CLIENT_SECRET_BASIC_RAW);

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
        Class<?> type = cause.getTarget().getType().resolve(Object.class);
        String name = cause.getName().toString();
        ConversionFailedException conversion = findCause(cause, ConversionFailedException.class);
        if (!type.isEnum() || !ClientProperties.isOfAClient(cause.getName()) || conversion == null) {
            return null;
        }
        String value = String.valueOf(conversion.getValue());
        AuthenticationMethod renamed = type == AuthenticationMethod.class ? EARLIER.get(key(value)) : null;
        return renamed == null
                ? new FailureAnalysis(
                        name + ": " + value + " is not a value that it can have" + origin(cause.getProperty()),
                        "Write " + values(type),
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

    /** {@return a value as the documentation writes it: the registry's names have underscores, ours have dashes} */
    static String written(Object constant) {
        boolean registered =
                constant instanceof AuthenticationMethod && constant != AuthenticationMethod.CLIENT_SECRET_BASIC_RAW;
        String name = constant.toString().toLowerCase(Locale.ROOT);
        return registered ? name : name.replace('_', '-');
    }
}
