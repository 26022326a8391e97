package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Without Spring Security; with it, the sample from-spring-security tests both side by side. */
class SpringSecurityPasswordGrantCheckTests {

    private static final String REGISTRATION = "spring.security.oauth2.client.registration.comply-one.";

    private final LogLines lines = new LogLines(SpringSecurityPasswordGrantCheck.class, Level.WARN);
    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withConfiguration(StandIns.AUTO_CONFIGURATIONS);

    @AfterEach
    void stopListening() {
        lines.close();
    }

    @Test
    void isToldThatItDoesNothing() {
        context.withPropertyValues(REGISTRATION + "authorization-grant-type=password", REGISTRATION + "scope=a,b")
                .run(started -> {
                    assertThat(started).hasNotFailed();
                    assertThat(lines.all())
                            .containsExactly(
                                    "WARN spring.security.oauth2.client.registration.comply-one has the grant type"
                                            + " password, which Spring Security 7 does not know; it does nothing and may be"
                                            + " removed");
                });
    }

    @Test
    void isNotMistakenForOtherGrants() {
        context.withPropertyValues(REGISTRATION + "authorization-grant-type=client_credentials")
                .run(started -> {
                    assertThat(started).hasNotFailed();
                    assertThat(lines.all()).isEmpty();
                });
    }
}
