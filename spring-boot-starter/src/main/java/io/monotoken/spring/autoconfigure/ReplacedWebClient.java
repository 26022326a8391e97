package io.monotoken.spring.autoconfigure;

import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Finds the {@link WebClient} of the only client replaced by one of the application, and then leaves it and all behind it to
 * those who ask for them by name: what is not used needs no valid properties.
 */
final class ReplacedWebClient implements BeanFactoryPostProcessor {

    private final Environment environment;

    ReplacedWebClient(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        List<String> clients = ClientNames.of(environment);
        if (clients.size() != 1) {
            return;
        }
        String ready = ClientNames.beanName(clients.get(0), MonotokenClients.WEB_CLIENT);
        boolean replaced = Stream.of(beans.getBeanNamesForType(WebClient.class, true, false))
                .anyMatch(name -> !name.equals(ready));
        if (replaced && beans.containsBeanDefinition(ready)) {
            beans.getBeanDefinition(ready).setLazyInit(true);
        }
    }
}
