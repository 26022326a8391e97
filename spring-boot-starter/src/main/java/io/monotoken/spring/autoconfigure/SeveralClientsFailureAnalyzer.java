package io.monotoken.spring.autoconfigure;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.analyzer.AbstractInjectionFailureAnalyzer;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Says how to ask for the bean of one client where there are several clients. */
@Order(0) // before Spring Boot's, which knows beans and no clients
final class SeveralClientsFailureAnalyzer extends AbstractInjectionFailureAnalyzer<NoUniqueBeanDefinitionException> {

    private static final List<String> KINDS =
            List.of(MonotokenClients.TOKEN_SOURCE, MonotokenClients.FILTER, MonotokenClients.WEB_CLIENT);

    private final Environment environment;

    SeveralClientsFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(
            Throwable rootFailure, NoUniqueBeanDefinitionException cause, @Nullable String description) {
        Collection<String> found = Objects.requireNonNullElse(cause.getBeanNamesFound(), List.of());
        List<String> clients = ClientNames.of(environment).stream()
                .filter(client -> KINDS.stream().anyMatch(kind -> found.contains(ClientNames.beanName(client, kind))))
                .toList();
        if (clients.size() < 2 || clients.size() != found.size()) {
            return null;
        }
        String names = String.join(", ", found);
        String first = found.iterator().next();
        return new FailureAnalysis(
                (description == null ? "A bean" : description) + " required a single "
                        + Objects.requireNonNull(cause.getBeanType()).getSimpleName()
                        + ", but each of the clients "
                        + clients.stream().map(client -> "'" + client + "'").collect(Collectors.joining(", "))
                        + " has one",
                "Name the parameter or field like the one that is meant (" + names + "), or write @Qualifier(\"" + first
                        + "\") in front of it",
                cause);
    }
}
