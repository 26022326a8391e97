package io.monotoken.spring.autoconfigure;

import io.monotoken.DoubtfulText;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Assertion;
import io.monotoken.spring.autoconfigure.MonotokenProperties.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;

/** Warns of secrets and names of a client that are hardly what somebody meant, without showing them. */
final class DoubtfulValues {

    private static final Set<String> TEXTS = Set.of(
            "client-id",
            "client-secret",
            "username",
            "password",
            "refresh-token",
            "proxy.username",
            "proxy.password",
            "issuer",
            "assertion.audience",
            "assertion.issuer",
            "assertion.key-id",
            "assertion.key-password",
            "assertion.subject");

    private DoubtfulValues() {}

    static List<String> warnings(ConfiguredClient client) {
        List<String> warnings = new ArrayList<>();
        byProperty(client)
                .forEach((property, texts) -> texts.forEach(text -> {
                    if (text != null) {
                        DoubtfulText.in(text)
                                .forEach(doubt -> warnings.add(
                                        client.property(property) + " " + doubt + "; it is sent as it is"));
                    }
                }));
        client.written().of(client.name()).forEach((name, property) -> {
            boolean matters = TEXTS.contains(name) || isParameter(name);
            if (matters && isUsed(client, name)) {
                String kind = kind(client.written().raw(property.getValue()));
                if (kind != null) {
                    warnings.add(client.property(name) + origin(property) + " is " + kind
                            + ", which YAML made of what is written there; write it in quotes, so that it is sent as"
                            + " written");
                }
            }
        });
        return warnings;
    }

    /** {@return the texts that {@link #warnings} looks at and names better than the token endpoint can} */
    static List<String> texts(ConfiguredClient client) {
        return byProperty(client).values().stream()
                .flatMap(List::stream)
                .filter(Objects::nonNull)
                .toList();
    }

    private static Map<String, List<@Nullable String>> byProperty(ConfiguredClient client) {
        Map<String, List<@Nullable String>> texts = new LinkedHashMap<>();
        add(texts, "client-id", client.clientId());
        add(texts, "client-secret", client.clientSecret());
        add(texts, "username", client.username());
        add(texts, "password", client.password());
        add(texts, "refresh-token", client.refreshToken());
        Assertion assertion = client.properties().assertion();
        add(texts, "issuer", client.properties().issuer());
        add(texts, "assertion.audience", assertion.audience());
        add(texts, "assertion.issuer", assertion.issuer());
        add(texts, "assertion.key-id", assertion.keyId());
        add(texts, "assertion.key-password", assertion.keyPassword());
        add(texts, "assertion.subject", assertion.subject());
        Proxy proxy = client.properties().proxy();
        if (proxy != null) {
            add(texts, "proxy.username", proxy.username());
            add(texts, "proxy.password", proxy.password());
        }
        client.parameters().forEach((key, values) -> texts.put("parameters." + key, List.copyOf(values)));
        client.refreshParameters()
                .forEach((key, values) -> texts.put("refresh.parameters." + key, List.copyOf(values)));
        return texts;
    }

    private static void add(Map<String, List<@Nullable String>> texts, String property, @Nullable String text) {
        if (text != null && Placeholders.whole(text) == null) { // which is refused
            texts.put(property, List.of(text));
        }
    }

    private static boolean isParameter(String name) {
        return name.startsWith("parameters.") || name.startsWith("refresh.parameters.");
    }

    /** Connection details replace some properties. */
    private static boolean isUsed(ConfiguredClient client, String name) {
        return switch (name) {
            case "client-id" ->
                Objects.equals(client.clientId(), client.properties().clientId());
            case "client-secret" ->
                Objects.equals(client.clientSecret(), client.properties().clientSecret());
            case "username" ->
                Objects.equals(client.username(), client.properties().username());
            case "password" ->
                Objects.equals(client.password(), client.properties().password());
            case "refresh-token" ->
                Objects.equals(client.refreshToken(), client.properties().refreshToken());
            default -> true;
        };
    }

    private static @Nullable String kind(@Nullable Object raw) {
        return raw instanceof Boolean ? "true or false" : raw instanceof Number ? "a number" : null;
    }

    private static String origin(ConfigurationProperty property) {
        return property.getOrigin() == null ? "" : " (" + property.getOrigin() + ")";
    }
}
