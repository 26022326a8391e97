/**
 * Meters and observations of token sources, for Micrometer; nothing of Spring.
 *
 * <pre>{@code
 * TokenSourceMetrics metrics = TokenSourceMetrics.of("comply-one", meters);
 * TokenSource tokens = TokenSource.builder(endpoint, grant)
 *         .listener(metrics)
 *         .listener(ObservedRequests.of("comply-one", observations))
 *         .build();
 * }</pre>
 *
 * <p>Both are {@linkplain io.monotoken.TokenListener listeners}, and each works without the other.
 *
 * <ul>
 *   <li>{@link io.monotoken.micrometer.TokenSourceMetrics}: callers by what they met, how long they waited, how many wait,
 *       seconds to the token's end, rejected tokens, and whether the credential guard is closed. For a source that shares its
 *       token with other instances also its part in that, and what the store was asked.
 *   <li>{@link io.monotoken.micrometer.ObservedRequests}: each token request is an observation, which becomes a timer and a
 *       trace where the registry has handlers for them. Its names and keys are documented in
 *       {@link io.monotoken.micrometer.TokenRequestObservationDocumentation}; a
 *       {@link io.monotoken.micrometer.TokenRequestObservationConvention} replaces them.
 * </ul>
 *
 * <p>Neither sends a request nor shows a secret. The Spring Boot starter adds both to every client.
 */
@NullMarked
package io.monotoken.micrometer;

import org.jspecify.annotations.NullMarked;
