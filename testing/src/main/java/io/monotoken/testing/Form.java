package io.monotoken.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A form-encoded body. One that breaks the rules of the encoding is parsed all the same, so that it can be counted. */
final class Form {

    private final Map<String, String> fields;
    private final @Nullable String flaw;

    private Form(Map<String, String> fields, @Nullable String flaw) {
        this.fields = fields;
        this.flaw = flaw;
    }

    static Form parse(String body) {
        Map<String, String> fields = new HashMap<>();
        String flaw = body.chars().allMatch(character -> character < 128) ? null : "the form is not ASCII";
        for (String pair : body.split("&", -1)) {
            int equals = pair.indexOf('=');
            try {
                String name = decode(equals < 0 ? pair : pair.substring(0, equals));
                if (fields.putIfAbsent(name, equals < 0 ? "" : decode(pair.substring(equals + 1))) != null) {
                    flaw = "a field is repeated";
                }
            } catch (IllegalArgumentException e) {
                flaw = "the form is not percent-encoded";
            }
        }
        return new Form(fields, flaw);
    }

    static String decode(String encoded) {
        return URLDecoder.decode(encoded, UTF_8);
    }

    /**
     * Refuses a form that breaks the rules of the encoding.
     *
     * @throws OAuthRefusal for such a form
     */
    void requireSound() {
        if (flaw != null) {
            throw OAuthRefusal.invalidRequest(flaw);
        }
    }

    /** Returns the value of a field that must be present and not empty. */
    String required(String name) {
        String value = fields.get(name);
        if (value == null || value.isEmpty()) {
            throw OAuthRefusal.invalidRequest(name + " is missing");
        }
        return value;
    }

    @Nullable
    String optional(String name) {
        return fields.get(name);
    }
}
