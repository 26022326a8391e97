/**
 * Clients from properties, and a {@code WebClient} for each that is already authorised.
 *
 * <pre>{@code
 * monotoken:
 *   clients:
 *     comply-one:
 *       provider: stems-accounts
 *       client-id: ${COMPLY_ONE_CLIENT_ID}
 *       client-secret: ${COMPLY_ONE_CLIENT_SECRET}
 *       username: ${COMPLY_ONE_USERNAME}
 *       password: ${COMPLY_ONE_PASSWORD}
 *       scopes: [email, resources_stems_api, offline_access]
 *       base-url: https://api.comply-one.com/v3
 * }</pre>
 *
 * <h2>From properties to a request</h2>
 *
 * <ol>
 *   <li>{@link io.monotoken.spring.autoconfigure.MonotokenAutoConfiguration} makes three beans for each client: a
 *       {@link io.monotoken.TokenSource}, a {@link io.monotoken.spring.client.BearerTokenFilter} and a {@code WebClient}.
 *       Each gives way to a bean of the application's own.
 *   <li>An HTTP service group that is named like a client gets its filter and base URL as well.
 *   <li>The filter puts the token on requests to the client's own origins, refuses others, and answers one 401 with
 *       another token and one more try.
 * </ol>
 *
 * <p>Mistakes in the properties keep the application from starting, with a message that says what to write.
 *
 * <h2>What can be changed</h2>
 *
 * <ul>
 *   <li>{@link io.monotoken.spring.autoconfigure.MonotokenProperties}: everything with a property.
 *   <li>{@link io.monotoken.spring.autoconfigure.TokenSourceBuilderCustomizer}: what a source has beside its endpoint and
 *       grant, such as listeners and a store of refresh tokens.
 *   <li>{@link io.monotoken.spring.autoconfigure.TokenEndpointBuilderCustomizer}: how token requests travel, headers they
 *       have, and how a client proves who it is where no property says it.
 *   <li>{@link io.monotoken.spring.autoconfigure.MonotokenConnectionDetails}: where clients connect in tests and containers,
 *       where a {@code StandInTokenServer} bean is enough, and credentials that may change.
 *   <li>A {@link io.monotoken.TokenStore} bean: where instances share the tokens of clients that are {@code shared}, instead of
 *       the application's Redis; a {@link io.monotoken.StoreSettings} bean has its keys and times instead of the properties.
 *   <li>{@link io.monotoken.spring.autoconfigure.MonotokenClients}: looks beans up by the client's name, and chooses a client
 *       for each request.
 * </ul>
 */
@NullMarked
package io.monotoken.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
