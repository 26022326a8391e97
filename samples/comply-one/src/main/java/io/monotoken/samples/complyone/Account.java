package io.monotoken.samples.complyone;

import java.util.List;
import org.springframework.core.env.PropertyResolver;
import org.springframework.util.StringUtils;

/** The four variables that name an account at Comply One: all of them, or none. */
final class Account {

    private static final List<String> VARIABLES =
            List.of("COMPLY_ONE_CLIENT_ID", "COMPLY_ONE_CLIENT_SECRET", "COMPLY_ONE_USERNAME", "COMPLY_ONE_PASSWORD");

    private Account() {}

    /**
     * Returns whether there is an account.
     *
     * @throws IncompleteAccountException if some variables are set and others are not
     */
    static boolean isGiven(PropertyResolver environment) {
        List<String> missing = VARIABLES.stream()
                .filter(variable -> !StringUtils.hasText(environment.getProperty(variable)))
                .toList();
        if (!missing.isEmpty() && missing.size() < VARIABLES.size()) {
            throw new IncompleteAccountException(missing);
        }
        return missing.isEmpty();
    }
}
