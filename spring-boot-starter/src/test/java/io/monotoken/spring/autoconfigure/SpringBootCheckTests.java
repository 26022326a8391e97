package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.DefaultResourceLoader;

class SpringBootCheckTests {

    private static void startWith(ClassLoader classes) {
        SpringApplication application = new SpringApplication(SpringBootCheckTests.class);
        application.setResourceLoader(new DefaultResourceLoader(classes));
        new SpringBootCheck()
                .onApplicationEvent(new ApplicationEnvironmentPreparedEvent(
                        new DefaultBootstrapContext(), application, new String[0], new StandardEnvironment()));
    }

    @Test
    void acceptsThisSpringBoot() {
        assertThatCode(() -> startWith(getClass().getClassLoader())).doesNotThrowAnyException();
    }

    @Test
    void refusesASpringFrameworkWithoutBeanRegistrars() {
        assertThatExceptionOfType(InvalidClientException.class)
                .isThrownBy(() -> startWith(new FilteredClassLoader("org.springframework.beans.factory.BeanRegistrar")))
                .withMessage("monotoken-spring-boot-starter needs Spring Boot 4.0 or newer, this application has"
                        + " Spring Boot " + SpringBootVersion.getVersion());
    }
}
