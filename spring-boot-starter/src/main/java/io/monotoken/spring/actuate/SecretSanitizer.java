package io.monotoken.spring.actuate;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;

/** Hides clients' secrets and the store's keys from actuator's {@code env} and {@code configprops}, also where these show values. */
final class SecretSanitizer implements SanitizingFunction {

    private static final Set<String> SECRETS = Set.of("clientsecret", "password", "refreshtoken", "assertionkey");

    /** Form fields and claims, whatever they are called: an assertion, an API key, a tenant. */
    private static final Pattern PARAMETERS = Pattern.compile(
            "monotoken[._]clients[._].+[._](parameters|assertion[._]claims)([._\\[].*)?", Pattern.CASE_INSENSITIVE);

    /** Keys of the store, and the variables that these may refer to, such as {@code MONOTOKEN_STORE_KEY}. */
    private static final Pattern STORE_KEYS = Pattern.compile("monotokenstore.*key(?!prefix).*");

    /** All of them at once: {@code SPRING_APPLICATION_JSON}, the command line of a process, {@code JAVA_TOOL_OPTIONS}. */
    private static final Pattern WITHIN = Pattern.compile(
            "monotoken([._](clients|store)|\"\\s*:).*?(client[-_]?secret|password|refresh[-_]?token|parameters|claims|keys?([._\\[=\"]|\\s*:))",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** Whatever the property or variable is called that has it, which a property of ours may refer to. */
    private static final Pattern PRIVATE_KEY = Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----");

    @Override
    public SanitizableData apply(SanitizableData data) {
        String key = data.getKey().replaceAll("[^A-Za-z]", "").toLowerCase(Locale.ROOT);
        boolean secret = (key.startsWith("monotokenclients") && SECRETS.stream().anyMatch(key::endsWith))
                || STORE_KEYS.matcher(key).matches()
                || PARAMETERS.matcher(data.getKey()).matches()
                || (data.getValue() instanceof CharSequence value
                        && (WITHIN.matcher(value).find()
                                || PRIVATE_KEY.matcher(value).find()));
        return secret ? data.withSanitizedValue() : data;
    }
}
