package io.monotoken.spring.autoconfigure;

import java.util.List;
import java.util.Optional;
import org.springframework.core.env.Environment;

/** The clients that the environment names, and what each is given. */
final class ClientCatalog {

    private final List<String> names;
    private final MonotokenProperties properties;
    private final Connections connections;
    private final ClientProperties written;

    ClientCatalog(Environment environment, MonotokenProperties properties, Connections connections) {
        this.names = ClientNames.of(environment);
        this.properties = properties;
        this.connections = connections;
        this.written = new ClientProperties(environment);
    }

    List<String> names() {
        return names;
    }

    /** {@return what a client is given, with nothing checked yet} */
    ConfiguredClient client(String name) {
        return new ConfiguredClient(name, properties, connections, written);
    }

    /** {@return the enabled client that a name means, whatever its dashes, underscores and case} */
    Optional<String> named(String name) {
        String key = ClientNames.key(name);
        return names.stream()
                .filter(known -> ClientNames.key(known).equals(key))
                .findFirst();
    }
}
