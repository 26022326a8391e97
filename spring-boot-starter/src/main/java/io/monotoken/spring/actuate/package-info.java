/**
 * What clients show in production, where Micrometer and Actuator are present; all of it is optional, sends no request and
 * shows no secret.
 *
 * <ul>
 *   <li>Observations: each token request is one, documented in
 *       {@link io.monotoken.spring.actuate.TokenRequestObservation} and named by a
 *       {@link io.monotoken.spring.actuate.TokenRequestObservationConvention} that can be replaced.
 *   <li>Meters: callers by what they met, how long they waited, how many wait, seconds to the token's end, rejections, and whether
 *       the guard is closed.
 *   <li>Health: one entry for each client.
 *   <li>{@link io.monotoken.spring.actuate.MonotokenEndpoint}: the states, and two actions for operators.
 * </ul>
 */
@NullMarked
package io.monotoken.spring.actuate;

import org.jspecify.annotations.NullMarked;
