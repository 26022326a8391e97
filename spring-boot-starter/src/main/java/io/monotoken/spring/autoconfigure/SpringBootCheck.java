package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.util.ClassUtils;

/**
 * Refuses a Spring Boot older than 4. It runs before anything else that such a one would stumble over, its own environment
 * post-processors among them, and uses only types that both have.
 */
final class SpringBootCheck implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {

    /** New in the Spring Framework 7 of Spring Boot 4. */
    private static final String BEAN_REGISTRAR = "org.springframework.beans.factory.BeanRegistrar";

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        if (!ClassUtils.isPresent(BEAN_REGISTRAR, event.getSpringApplication().getClassLoader())) {
            throw new InvalidClientException(new Problem(
                    "monotoken-spring-boot-starter needs Spring Boot 4.0 or newer, this application has Spring Boot "
                            + SpringBootVersion.getVersion(),
                    "Update the application to Spring Boot 4, or use monotoken-core instead, which needs no Spring"));
        }
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }
}
