package io.monotoken.spring.autoconfigure;

import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.TokenEndpoint;

/**
 * Changes what a client's token endpoint is built from, after its properties: how its requests travel, headers they have, and
 * how the client proves who it is. Beans of this type are called in their order, once for each client.
 *
 * <pre>{@code
 * @Bean
 * TokenEndpointBuilderCustomizer tenant(Vault vault) {
 *     return (client, endpoint) -> endpoint
 *             .clientAuthentication(ClientAuthentication.clientSecretPost("orders", vault.secret("orders")))
 *             .httpClient(http -> http.headers(headers -> headers.set("X-Tenant", "one")));
 * }
 * }</pre>
 *
 * <p>A {@link ClientAuthentication} that is set here replaces that of the properties: {@code client-id}, {@code client-secret} and
 * {@code client-authentication} are not read then, and need not be there. Proxy and TLS of the properties are part of the HTTP
 * client that {@link TokenEndpoint.Builder#httpClient} hands on; what stays out of a customizer's reach is told there.
 *
 * <p>Beside a stand-in of {@code monotoken-testing} customizers are not called: a test must send nothing through a real proxy, and
 * no real secret to the stand-in.
 */
@FunctionalInterface
public interface TokenEndpointBuilderCustomizer {

    /**
     * Changes the builder of one client's endpoint.
     *
     * @param client the client's name, as its properties spell it
     * @param builder the builder to change
     */
    void customize(String client, TokenEndpoint.Builder builder);
}
