package io.monotoken.spring.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Client;
import io.monotoken.spring.autoconfigure.MonotokenProperties.GrantType;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The rules for one client's properties. Collects what breaks them, so that one failed start names all of it. */
final class ClientValidation {

    private static final Duration SHORTEST = Duration.ofMillis(100); // no exchange over a network is faster for sure
    private static final Duration LONGEST = Duration.ofDays(1);

    private final ConfiguredClient client;
    private final List<Problem> problems = new ArrayList<>();

    ClientValidation(ConfiguredClient client) {
        this.client = client;
    }

    void report(String what, String action) {
        problems.add(new Problem(what, action));
    }

    /**
     * Refuses the client if a problem was reported.
     *
     * @throws InvalidClientException with all of them
     */
    void throwProblems() {
        if (!problems.isEmpty()) {
            throw new InvalidClientException(problems, null);
        }
    }

    /** {@return the value, which must be there and resolved; empty where it is missing} */
    String required(String property, @Nullable String value, String orElse) {
        if (value == null || value.isBlank()) {
            report(
                    client.property(property) + " is missing",
                    "Set " + client.property(property) + " or the environment variable "
                            + ClientNames.variable(client.name(), property) + orElse);
            return "";
        }
        String placeholder = Placeholders.whole(value);
        if (placeholder != null) {
            report(
                    client.property(property) + " is " + value + ", which nothing resolves",
                    Placeholders.toDefine(placeholder));
        }
        return value;
    }

    /** {@return the value if it has one, which must be resolved} */
    @Nullable
    String optional(String property, @Nullable String value) {
        return value == null || value.isBlank() ? null : required(property, value, "");
    }

    /** {@return what the part makes of the property, null where it refuses to} */
    <T> @Nullable T accepted(String property, Supplier<T> part, String action) {
        try {
            return part.get();
        } catch (IllegalArgumentException e) {
            report(client.property(property) + ": " + e.getMessage(), action);
            return null;
        }
    }

    /** {@return what to write for an address, which often lacks no more than its scheme} */
    String withScheme(URI address, String example) {
        String text = address.toString();
        boolean scheme = text.contains("://") || text.contains("@") || text.startsWith("/") || text.contains("?");
        return scheme || !text.matches("[\\w.-]+(:\\d+)?(/.*)?")
                ? "Write an address such as " + example
                : (text.matches("(localhost|127\\.).*") ? "Write http://" : "Write https://") + text;
    }

    /** Allows an origin, which must have scheme, host and port only. */
    void bareOrigin(URI origin, Function<URI, ?> allow) {
        boolean allowed = accepted(
                        "allowed-origins",
                        () -> allow.apply(origin),
                        withScheme(origin, "https://files.example.com").replace("an address", "an origin"))
                != null;
        String path = requireNonNullElse(origin.getRawPath(), "");
        if (allowed && (path.length() > 1 || origin.getRawQuery() != null || origin.getRawFragment() != null)) {
            report(
                    client.property("allowed-origins") + " must name scheme, host and port only, was '" + origin + "'",
                    "Leave out what comes after host and port: a token is never held back by path");
        }
    }

    /** A login and a refresh each write fields of their own; what one of them does not write may be a parameter of it. */
    void noFieldTwice() {
        Client properties = client.properties();
        Set<String> always = new HashSet<>(Set.of("grant_type", "client_secret"));
        switch (client.authenticationMethod()) {
            case CLIENT_SECRET_POST, NONE, TLS_CLIENT_AUTH, SELF_SIGNED_TLS_CLIENT_AUTH -> always.add("client_id");
            case CLIENT_SECRET_BASIC, CLIENT_SECRET_BASIC_RAW -> {} // the header has it
            case PRIVATE_KEY_JWT, CLIENT_SECRET_JWT, ASSERTION ->
                always.addAll(Set.of("client_id", "client_assertion", "client_assertion_type"));
        }
        Set<String> login = new HashSet<>(always);
        if (client.grantType() == GrantType.PASSWORD) {
            login.addAll(Set.of("username", "password"));
        }
        if (client.grantType() == GrantType.JWT_BEARER) {
            login.add("assertion");
        }
        if (!properties.scopes().isEmpty()) {
            login.add("scope");
        }
        always.add("refresh_token");
        noFieldTwice("parameters.", client.parameters(), login);
        noFieldTwice("refresh.parameters.", client.refreshParameters(), always);
    }

    private void noFieldTwice(String below, Map<String, List<String>> parameters, Set<String> own) {
        parameters.keySet().stream()
                .filter(own::contains)
                .forEach(field -> report(
                        client.property(below + field) + " would be sent twice",
                        "Remove it; the client writes " + field + " from its other properties"));
    }

    void noScopesForARefreshToken() {
        boolean scopes = !client.properties().scopes().isEmpty();
        if (scopes || !client.parameters().isEmpty()) {
            report(
                    client.property(scopes ? "scopes" : "parameters")
                            + " would not be sent: a refresh token has the scopes that it was issued for",
                    "Remove it; further form fields of the refresh grant go below "
                            + client.property("refresh.parameters"));
        }
    }

    void within(String property, Duration part, String containing, Duration whole) {
        if (part.compareTo(whole) > 0) {
            report(
                    client.property(property) + " of " + ShownDuration.of(part) + " is longer than "
                            + client.property(containing) + " of " + ShownDuration.of(whole) + ", which contains it",
                    "Shorten the first or lengthen the second");
        }
    }

    /** {@return the duration, or another one to go on with where it is too short or too long to be meant} */
    Duration sensible(String property, Duration value, Duration otherwise) {
        return sensible(client.property(property), value, otherwise, "remove it");
    }

    /** {@return the same for one of Spring Boot's own properties} */
    Duration sensible(String property, Duration value, Duration otherwise, String orElse) {
        boolean tooShort = value.compareTo(SHORTEST) < 0;
        if (!tooShort && value.compareTo(LONGEST) <= 0) {
            return value;
        }
        report(
                property + " must be " + (tooShort ? "at least " : "at most ")
                        + ShownDuration.of(tooShort ? SHORTEST : LONGEST) + ", was " + ShownDuration.of(value),
                "Write a duration with its unit, such as 5s, or " + orElse);
        return otherwise;
    }
}
