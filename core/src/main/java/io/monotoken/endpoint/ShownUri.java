package io.monotoken.endpoint;

import java.net.URI;

/** An address as messages and logs may show it. */
final class ShownUri {

    private ShownUri() {}

    /** {@return the address without its query, which may hold an API key} */
    static String of(URI uri) {
        String shown = uri.toString();
        int query = shown.indexOf('?');
        return query < 0 ? shown : shown.substring(0, query);
    }
}
