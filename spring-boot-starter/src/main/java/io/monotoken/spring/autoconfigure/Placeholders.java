package io.monotoken.spring.autoconfigure;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** References to other properties that nothing resolved: Spring Boot leaves them in the value as they are. */
final class Placeholders {

    private static final Pattern WHOLE = Pattern.compile("\\$\\{([^:}]+)}");

    private Placeholders() {}

    /** {@return the name in a value that is nothing but a reference} */
    static @Nullable String whole(String value) {
        Matcher placeholder = WHOLE.matcher(value);
        return placeholder.matches() ? placeholder.group(1) : null;
    }

    static String toDefine(String name) {
        return "Define " + name + ", for instance as an environment variable";
    }
}
