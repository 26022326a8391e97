package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Without Spring Security; with it, the sample from-spring-security tests both side by side. */
class SpringSecurityPasswordGrantCheckTests {

    private static final String REGISTRATION = "spring.security.oauth2.client.registration.comply-one.";

    private final Logger logger = (Logger) LoggerFactory.getLogger(SpringSecurityPasswordGrantCheck.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withConfiguration(StandIns.AUTO_CONFIGURATIONS);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
        logger.setLevel(Level.WARN);
        logger.setAdditive(false);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
        logger.setLevel(null);
        logger.setAdditive(true);
    }

    @Test
    void isToldThatItDoesNothing() {
        context.withPropertyValues(REGISTRATION + "authorization-grant-type=password", REGISTRATION + "scope=a,b")
                .run(started -> {
                    assertThat(started).hasNotFailed();
                    assertThat(lines.list)
                            .extracting(ILoggingEvent::getFormattedMessage)
                            .containsExactly("spring.security.oauth2.client.registration.comply-one has the grant type"
                                    + " password, which Spring Security 7 does not know; it does nothing and may be"
                                    + " removed");
                });
    }

    @Test
    void isNotMistakenForOtherGrants() {
        context.withPropertyValues(REGISTRATION + "authorization-grant-type=client_credentials")
                .run(started -> {
                    assertThat(started).hasNotFailed();
                    assertThat(lines.list).isEmpty();
                });
    }
}
