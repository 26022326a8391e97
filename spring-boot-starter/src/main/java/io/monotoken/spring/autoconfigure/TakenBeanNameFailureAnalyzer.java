package io.monotoken.spring.autoconfigure;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.BeanDefinitionOverrideException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Says what to do about a bean of the application's that is named like one of a client's. */
@Order(0) // before Spring Boot's, which knows no better than to allow overriding
final class TakenBeanNameFailureAnalyzer extends AbstractFailureAnalyzer<BeanDefinitionOverrideException> {

    private final Environment environment;

    TakenBeanNameFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BeanDefinitionOverrideException cause) {
        String bean = cause.getBeanName();
        return ClientNames.of(environment).stream()
                .filter(client -> Stream.of(
                                MonotokenClients.TOKEN_SOURCE, MonotokenClients.FILTER, MonotokenClients.WEB_CLIENT)
                        .anyMatch(kind -> ClientNames.beanName(client, kind).equals(bean)))
                .findFirst()
                .map(client -> analysis(client, bean, cause))
                .orElse(null);
    }

    private static FailureAnalysis analysis(String client, String bean, BeanDefinitionOverrideException cause) {
        String property = ClientNames.PREFIX + client;
        return new FailureAnalysis(
                "The bean '" + bean + "' of the application has the name of one that " + property + " brings",
                "Give it another name: as the only bean of its type it takes the client's place where there is one"
                        + " client. Or set " + property
                        + ".enabled to false, which leaves all names to the application",
                cause);
    }
}
