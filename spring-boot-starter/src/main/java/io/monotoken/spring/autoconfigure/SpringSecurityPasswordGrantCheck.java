package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.SpringSecurityRegistrations.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Finds registrations of Spring Security that a client can stand for, and says what to write. Version 7 does not know the
 * password grant any more, takes such a registration without complaint and then sends requests without a token.
 */
final class SpringSecurityPasswordGrantCheck {

    private static final Logger log = Loggers.getLogger(SpringSecurityPasswordGrantCheck.class);

    private static final String CLIENT_REGISTRATION =
            "org.springframework.security.oauth2.client.registration.ClientRegistration";

    private final Environment environment;
    private final boolean springSecurity;

    SpringSecurityPasswordGrantCheck(Environment environment, @Nullable ClassLoader classes) {
        this.environment = environment;
        this.springSecurity = ClassUtils.isPresent(CLIENT_REGISTRATION, classes);
    }

    /**
     * Warns of a registration that does nothing, and refuses one whose requests would go out without a token.
     *
     * @throws InvalidClientException for registrations that Spring Security would use and no client of ours stands for
     */
    void check() {
        Map<String, Registration> registrations = SpringSecurityRegistrations.in(environment);
        if (registrations.isEmpty()) {
            return;
        }
        List<Problem> problems = new ArrayList<>();
        List<String> clients =
                ClientNames.of(environment).stream().map(ClientNames::key).toList();
        registrations.forEach((name, registration) -> {
            boolean stoodFor = clients.contains(ClientNames.key(name));
            if (registration.isForPassword()) {
                if (springSecurity && !stoodFor) {
                    problems.add(withoutToken(registration));
                } else {
                    log.warn(
                            "{} has the grant type password, which Spring Security 7 does not know; it does nothing and"
                                    + " may be removed",
                            registration.property());
                }
            } else if (registration.isForClientCredentials()) {
                if (!springSecurity) {
                    log.warn(
                            "{} does nothing without Spring Security{}",
                            registration.property(),
                            stoodFor ? " and may be removed" : ". Remove it, and " + registration.instead());
                } else if (clients.isEmpty()) { // whoever has some knows what to write
                    log.info(
                            "{} is Spring Security's. To have its tokens from Monotoken, remove it and {}",
                            registration.property(),
                            registration.instead());
                }
            }
        });
        if (!problems.isEmpty()) {
            throw new InvalidClientException(problems, null);
        }
    }

    private static Problem withoutToken(Registration registration) {
        return new Problem(
                registration.property() + " has the grant type password, which Spring Security 7 does not know: it"
                        + " starts without complaint and then sends requests without a token",
                "Remove it, " + registration.instead());
    }
}
