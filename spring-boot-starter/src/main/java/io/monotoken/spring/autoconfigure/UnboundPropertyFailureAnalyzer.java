package io.monotoken.spring.autoconfigure;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/** Says which property of a client does not exist or is empty, and which there are. */
@Order(0) // before Spring Boot's, which says that elements were left unbound
final class UnboundPropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

    private static final List<String> PROPERTIES =
            names("", MonotokenProperties.Client.class).sorted().toList();

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
        List<ConfigurationProperty> unbound = cause.getUnboundProperties().stream()
                .filter(property -> ClientNames.isOfAClient(property.getName()))
                .toList();
        if (unbound.isEmpty()) {
            return null;
        }
        String description = unbound.stream()
                .map(UnboundPropertyFailureAnalyzer::description)
                .sorted()
                .collect(Collectors.joining("\n"));
        return new FailureAnalysis(
                description,
                "Give a value to what is empty, or leave it out; correct what does not exist. The properties of a client are: "
                        + String.join(", ", PROPERTIES),
                cause);
    }

    /** Without the value, which may be a secret below a mistaken name. */
    private static String description(ConfigurationProperty property) {
        String name = property.getName().toString();
        String origin = property.getOrigin() == null ? "" : " (" + property.getOrigin() + ")";
        boolean exists = PROPERTIES.stream().anyMatch(known -> name.endsWith("." + known));
        boolean empty = property.getValue().toString().isBlank();
        return name + origin + (exists && empty ? " is empty" : " is no property of a client");
    }

    private static Stream<String> names(String prefix, Class<?> type) {
        return Stream.of(type.getRecordComponents()).flatMap(component -> {
            String name = prefix + DataObjectPropertyName.toDashedForm(component.getName());
            return isGroup(component) ? names(name + ".", component.getType()) : Stream.of(name);
        });
    }

    private static boolean isGroup(RecordComponent component) {
        return component.getType().isRecord();
    }
}
