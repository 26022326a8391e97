package io.monotoken.spring.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/**
 * Reads the address in a property as it is written. Spring's own conversion to a {@link URI} takes it for one that is not
 * encoded yet, and makes {@code %252F} of {@code %2F}.
 */
final class AddressProperty {

    /** What an address cannot have: a percent sign that begins no escape, white space and a few others. */
    private static final Pattern NOT_ENCODED = Pattern.compile("%(?![0-9A-Fa-f]{2})|[\\s\"<>\\\\^`{|}]");

    private AddressProperty() {}

    /**
     * {@return the address, null if there is none}
     *
     * @param property the property's full name, for the message
     * @throws InvalidClientException if the text is no address; its message leaves the text out, which may hold a secret
     */
    static @Nullable URI read(String property, @Nullable String text) {
        if (text == null) {
            return null;
        }
        if (text.isBlank()) {
            throw new InvalidClientException(new Problem(
                    property + " is empty", "Write an address such as https://api.example.com/v1, or leave it out"));
        }
        String placeholder = Placeholders.first(text);
        if (placeholder != null) {
            throw new InvalidClientException(new Problem(
                    property + (Placeholders.whole(text.strip()) == null ? " has " : " is ") + "${" + placeholder
                            + "}, which nothing resolves",
                    Placeholders.toDefine(placeholder)));
        }
        String encoded = NOT_ENCODED.matcher(text.strip()).replaceAll(found -> UriUtils.encode(found.group(), UTF_8));
        try {
            URI address = new URI(encoded);
            return address.getHost() == null ? address : new URI(address.toASCIIString());
        } catch (URISyntaxException e) {
            throw new InvalidClientException(new Problem(
                    property + " is no address: " + e.getReason() + " at position " + (e.getIndex() + 1),
                    "Write an address such as https://api.example.com/v1"));
        }
    }
}
