package io.monotoken.spring.autoconfigure;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** References to other properties that nothing resolved: Spring Boot leaves them in the value as they are. */
final class Placeholders {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^:}]+)}");

    private Placeholders() {}

    /** {@return the name in a value that is nothing but a reference} */
    static @Nullable String whole(String value) {
        Matcher placeholder = PLACEHOLDER.matcher(value);
        return placeholder.matches() ? placeholder.group(1) : null;
    }

    /** {@return the name in the first reference that a value has} */
    static @Nullable String first(String value) {
        Matcher placeholder = PLACEHOLDER.matcher(value);
        return placeholder.find() ? placeholder.group(1) : null;
    }

    static String toDefine(String name) {
        return "Define " + name + ", for instance as an environment variable";
    }
}
