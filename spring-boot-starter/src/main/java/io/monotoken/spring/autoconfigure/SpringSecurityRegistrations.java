package io.monotoken.spring.autoconfigure;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;

/** The registrations of Spring Security in an environment, and the YAML of a client that can take the place of each. */
final class SpringSecurityRegistrations {

    private static final String PREFIX = "spring.security.oauth2.client.";

    private SpringSecurityRegistrations() {}

    static Map<String, Registration> in(Environment environment) {
        Map<String, Provider> providers = bound(environment, "provider", Provider.class);
        Map<String, Registration> registrations = new TreeMap<>();
        bound(environment, "registration", Properties.class)
                .forEach((name, properties) -> registrations.put(
                        name,
                        new Registration(
                                name,
                                properties,
                                providers.get(properties.provider() == null ? name : properties.provider()))));
        return registrations;
    }

    private static <T> Map<String, T> bound(Environment environment, String below, Class<T> type) {
        return Binder.get(environment)
                .bind(PREFIX + below, Bindable.mapOf(String.class, type))
                .orElse(Map.of());
    }

    /** The properties of a registration that the YAML is made of. */
    record Properties(
            @Nullable String provider,
            @Nullable String clientId,
            @Nullable String clientAuthenticationMethod,
            @Nullable String authorizationGrantType,
            @DefaultValue List<String> scope) {}

    /** The properties of a provider that the YAML is made of. */
    record Provider(@Nullable String tokenUri, @Nullable String issuerUri) {}

    /** A registration with its provider. */
    record Registration(
            String name, Properties properties, @Nullable Provider provider) {

        /** Text that YAML takes as it is, in a list too, and not for a number or one of its words. */
        private static final Pattern PLAIN =
                Pattern.compile("(?!(?i:true|false|yes|no|on|off|null|y|n)$)[A-Za-z/][\\w./@+-]*(:[\\w./@+-]+)*");

        String property() {
            return PREFIX + "registration." + name;
        }

        boolean isForPassword() {
            return "password".equalsIgnoreCase(properties.authorizationGrantType());
        }

        boolean isForClientCredentials() {
            return "client_credentials".equalsIgnoreCase(properties.authorizationGrantType());
        }

        /** {@return what to do, as the rest of a sentence} */
        String instead() {
            String missing = missing();
            return (missing == null ? "" : missing + " ")
                    + "write instead\n\n" + yaml()
                    + "\nand use the WebClient of this client in place of the one with Spring Security's filter";
        }

        private @Nullable String missing() {
            String method = properties.clientAuthenticationMethod();
            return method == null || authentication() != null
                    ? null
                    : "and ask the provider for a client that authenticates with a secret: Monotoken does not have "
                            + method + ", and such a client has to stay with Spring Security. With a"
                            + " secret,";
        }

        private String yaml() {
            String key = name.matches("[\\w-]*[A-Za-z][\\w-]*") ? name : "'[" + name + "]'";
            StringBuilder yaml = new StringBuilder("monotoken:\n  clients:\n    " + key + ":\n");
            line(yaml, "token-uri", tokenUri());
            line(yaml, "grant", isForPassword() ? "password" : "client_credentials");
            line(
                    yaml,
                    "client-id",
                    properties.clientId() == null ? variable("CLIENT_ID") : text(properties.clientId()));
            String method = authentication() == null ? "client_secret_basic" : authentication();
            if (method.startsWith("client_secret")) {
                line(yaml, "client-secret", variable("CLIENT_SECRET"));
            }
            line(yaml, "client-authentication", method);
            if (method.equals("private_key_jwt")) {
                line(
                        yaml,
                        "assertion.key",
                        variable("KEY")
                                + " # where the private key is that the jwkResolver had, such as file:/run/key.pem");
            }
            if (method.endsWith("tls_client_auth")) {
                line(
                        yaml,
                        "ssl.bundle",
                        variable("SSL_BUNDLE") + " # an SSL bundle with the client's certificate and key");
            }
            if (isForPassword()) {
                line(
                        yaml,
                        "username",
                        variable("USERNAME") + " # which the request or the contextAttributesMapper had");
                line(yaml, "password", variable("PASSWORD"));
            }
            if (!properties.scope().isEmpty()) {
                line(
                        yaml,
                        "scopes",
                        properties.scope().stream()
                                .map(Registration::text)
                                .collect(Collectors.joining(", ", "[", "]")));
            }
            line(yaml, "base-url", "https://api.example.com # of the API: only its origin gets the token");
            return yaml.toString();
        }

        private String tokenUri() {
            if (provider != null && provider.tokenUri() != null) {
                return text(provider.tokenUri());
            }
            return variable("TOKEN_URI")
                    + (provider != null && provider.issuerUri() != null
                            ? " # token_endpoint of " + provider.issuerUri() + "/.well-known/openid-configuration"
                            : " # the provider's token endpoint");
        }

        /**
         * {@return the method by its name of today, null for one that is not here yet} Spring Security's default is the
         * Basic header, ours the form; its names before version 6 had no prefix.
         */
        private @Nullable String authentication() {
            String method = properties.clientAuthenticationMethod();
            return switch (method == null ? "" : method) {
                case "", "client_secret_basic", "basic" -> "client_secret_basic";
                case "client_secret_post", "post" -> "client_secret_post";
                case "none", "private_key_jwt", "client_secret_jwt", "tls_client_auth", "self_signed_tls_client_auth" ->
                    method;
                default -> null;
            };
        }

        private String variable(String property) {
            return "${" + name.replaceAll("[^A-Za-z0-9]+", "_").toUpperCase(Locale.ROOT) + "_" + property + "}";
        }

        private static String text(String value) {
            return PLAIN.matcher(value).matches() ? value : "'" + value.replace("'", "''") + "'";
        }

        private static void line(StringBuilder yaml, String property, String value) {
            yaml.append("      ").append(property).append(": ").append(value).append('\n');
        }
    }
}
