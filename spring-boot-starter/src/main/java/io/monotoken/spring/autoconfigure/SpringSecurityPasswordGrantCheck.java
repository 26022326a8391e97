package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Finds registrations of Spring Security with the password grant. Version 7 does not know it any more, takes such a
 * registration without complaint and then sends requests without a token.
 */
final class SpringSecurityPasswordGrantCheck {

    private static final Logger log = Loggers.getLogger(SpringSecurityPasswordGrantCheck.class);

    private static final String PREFIX = "spring.security.oauth2.client.";
    private static final String CLIENT_REGISTRATION =
            "org.springframework.security.oauth2.client.registration.ClientRegistration";

    private final Environment environment;
    private final boolean springSecurity;

    SpringSecurityPasswordGrantCheck(Environment environment, @Nullable ClassLoader classes) {
        this.environment = environment;
        this.springSecurity = ClassUtils.isPresent(CLIENT_REGISTRATION, classes);
    }

    /** The properties of a registration that the proposed YAML is made of. */
    record Registration(
            @Nullable String provider,
            @Nullable String clientId,
            @Nullable String clientAuthenticationMethod,
            @Nullable String authorizationGrantType,
            @DefaultValue List<String> scope) {}

    /** The properties of a provider that the proposed YAML is made of. */
    record Provider(@Nullable String tokenUri, @Nullable String issuerUri) {}

    /**
     * Warns of a registration that does nothing, and refuses one whose requests would go out without a token.
     *
     * @throws InvalidClientException for registrations that Spring Security would use and no client of ours stands for
     */
    void check() {
        List<Problem> problems = new ArrayList<>();
        List<String> clients =
                ClientNames.of(environment).stream().map(ClientNames::key).toList();
        bound("registration", Registration.class).forEach((name, registration) -> {
            if (!"password".equalsIgnoreCase(registration.authorizationGrantType())) {
                return;
            }
            String property = PREFIX + "registration." + name;
            if (!springSecurity || clients.contains(ClientNames.key(name))) {
                log.warn(
                        "{} has the grant type password, which Spring Security 7 does not know; it does nothing and may"
                                + " be removed",
                        property);
            } else {
                problems.add(new Problem(
                        property + " has the grant type password, which Spring Security 7 does not know: it starts"
                                + " without complaint and then sends requests without a token",
                        "Remove it, write instead\n\n" + instead(name, registration)
                                + "\nand use the WebClient of this client in place of the one with Spring Security's"
                                + " filter"));
            }
        });
        if (!problems.isEmpty()) {
            throw new InvalidClientException(problems, null);
        }
    }

    private <T> Map<String, T> bound(String below, Class<T> type) {
        return new TreeMap<>(Binder.get(environment)
                .bind(PREFIX + below, Bindable.mapOf(String.class, type))
                .orElse(Map.of()));
    }

    private String instead(String name, Registration registration) {
        String providerName = registration.provider() == null ? name : registration.provider();
        Provider provider = bound("provider", Provider.class).get(providerName);
        String variable = name.replace('-', '_').toUpperCase(Locale.ROOT);
        StringBuilder yaml = new StringBuilder("monotoken:\n  clients:\n    " + name + ":\n");
        line(yaml, "token-uri", tokenUri(provider));
        line(yaml, "grant", "password");
        line(
                yaml,
                "client-id",
                registration.clientId() == null ? "${" + variable + "_CLIENT_ID}" : registration.clientId());
        line(yaml, "client-secret", "${" + variable + "_CLIENT_SECRET}");
        line(yaml, "client-authentication", authentication(registration.clientAuthenticationMethod()));
        line(yaml, "username", "${" + variable + "_USERNAME} # which the request or the contextAttributesMapper had");
        line(yaml, "password", "${" + variable + "_PASSWORD}");
        if (!registration.scope().isEmpty()) {
            line(yaml, "scopes", registration.scope().toString());
        }
        line(yaml, "base-url", "https://api.example.com # of the API: only its origin gets the token");
        return yaml.toString();
    }

    private static String tokenUri(@Nullable Provider provider) {
        if (provider != null && provider.tokenUri() != null) {
            return provider.tokenUri();
        }
        return provider != null && provider.issuerUri() != null
                ? "# token_endpoint of " + provider.issuerUri() + "/.well-known/openid-configuration"
                : "# the provider's token endpoint";
    }

    /** Spring Security's default is the Basic header, ours the form. */
    private static String authentication(@Nullable String method) {
        String known = method == null ? "client_secret_basic" : method;
        return switch (known) {
            case "client_secret_post", "none" -> known;
            default -> "client_secret_basic";
        };
    }

    private static void line(StringBuilder yaml, String property, String value) {
        yaml.append("      ").append(property).append(": ").append(value).append('\n');
    }
}
