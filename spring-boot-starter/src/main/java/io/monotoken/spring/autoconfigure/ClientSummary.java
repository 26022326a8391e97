package io.monotoken.spring.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import io.monotoken.TokenSource;
import io.monotoken.spring.client.BearerTokenFilter;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The line of the log that says at start what a client does. */
final class ClientSummary {

    private ClientSummary() {}

    static String of(ConfiguredClient client, TokenSource tokens) {
        List<URI> origins = origins(client, tokens);
        String shownUri = String.valueOf(client.tokenUri()).replaceFirst("\\?.*", "");
        return "Client '" + client.name() + "' gets tokens from " + shownUri + " by "
                + requireNonNullElse(client.grantType(), "").toString().toLowerCase(Locale.ROOT) + " grant, for "
                + (origins.isEmpty()
                        ? "no origin"
                        : String.join(", ", origins.stream().map(URI::toString).toList()));
    }

    /** {@return what is missing where no request of the client's can get a token} */
    static @Nullable String warning(ConfiguredClient client) {
        return client.baseUrl() != null
                        || !client.properties().allowedOrigins().isEmpty()
                        || client.written().groupHasBaseUrl(client.name())
                ? null
                : client.property("base-url") + " is missing: the token of client '" + client.name()
                        + "' may go nowhere, and requests of its WebClient fail. Set it to the address of the API, such as"
                        + " https://api.example.com/v1";
    }

    /** {@return the origins as the filter will have them} */
    private static List<URI> origins(ConfiguredClient client, TokenSource tokens) {
        BearerTokenFilter.Builder filter = BearerTokenFilter.builder(client.name(), tokens);
        Stream.concat(Stream.ofNullable(client.baseUrl()), client.allowedOrigins().stream())
                .forEach(url -> allow(url, filter));
        return filter.build().origins();
    }

    private static void allow(URI url, BearerTokenFilter.Builder filter) {
        try {
            filter.originOf(url);
        } catch (IllegalArgumentException e) {
            return; // the mapping of the client's filter reports it
        }
    }
}
