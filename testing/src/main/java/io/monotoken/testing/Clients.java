package io.monotoken.testing;

import java.security.PublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/*
 * Shared state  one immutable client per id; a change puts another one in its place.
 */
/** The registered clients with the secrets and keys by which they prove who they are, several while one is changed. */
final class Clients {

    private record Client(List<String> secrets, List<PublicKey> keys) {}

    private final Map<String, Client> clients = new ConcurrentHashMap<>();

    /**
     * Registers clients.
     *
     * @param secrets by client id; an empty one is none
     * @param keys by client id
     */
    Clients(Map<String, String> secrets, Map<String, PublicKey> keys) {
        secrets.forEach((id, secret) -> {
            PublicKey key = keys.get(id);
            clients.put(
                    id,
                    new Client(secret.isEmpty() ? List.of() : List.of(secret), key == null ? List.of() : List.of(key)));
        });
    }

    boolean isKnown(String id) {
        return clients.containsKey(id);
    }

    /** {@return whether it proves nothing} */
    boolean isPublic(String id) {
        Client client = clients.get(id);
        return client != null && client.secrets().isEmpty() && client.keys().isEmpty();
    }

    boolean hasSecret(String id, String secret) {
        return secrets(id).contains(secret);
    }

    List<String> secrets(String id) {
        @Nullable Client client = clients.get(id);
        return client == null ? List.of() : client.secrets();
    }

    List<PublicKey> keys(String id) {
        @Nullable Client client = clients.get(id);
        return client == null ? List.of() : client.keys();
    }

    /** {@return whether this is a secret of any client, which belongs into no record} */
    boolean isSecret(String value) {
        return clients.values().stream().anyMatch(client -> client.secrets().contains(value));
    }

    void changeSecrets(String id, String... secrets) {
        change(id, new Client(List.of(secrets), List.of()));
    }

    void changeKeys(String id, PublicKey... keys) {
        change(id, new Client(List.of(), Arrays.asList(keys)));
    }

    private void change(String id, Client client) {
        if (client.secrets().isEmpty() && client.keys().isEmpty()) {
            throw new IllegalArgumentException("client '" + id + "' needs one secret or key at least");
        }
        if (clients.replace(id, client) == null) {
            throw new IllegalArgumentException("no client '" + id + "'; register it with the builder's client(...)");
        }
    }
}
