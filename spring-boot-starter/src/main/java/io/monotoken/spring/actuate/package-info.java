/**
 * What clients show in production, where Micrometer and Actuator are present; all of it is optional, sends no request and
 * shows no secret.
 *
 * <ul>
 *   <li>Meters and observations: those of {@link io.monotoken.micrometer}, for each client; a
 *       {@link io.monotoken.micrometer.TokenRequestObservationConvention} bean renames the observations.
 *   <li>Health: one entry for each client.
 *   <li>{@link io.monotoken.spring.actuate.MonotokenEndpoint}: the states, and two actions for operators.
 *   <li>The endpoints {@code env} and {@code configprops} hide the clients' secrets, also where they show values.
 * </ul>
 */
@NullMarked
package io.monotoken.spring.actuate;

import org.jspecify.annotations.NullMarked;
