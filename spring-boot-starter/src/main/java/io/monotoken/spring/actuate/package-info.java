/** What clients show in production: observations, meters, health and an actuator endpoint; all of it optional. */
@NullMarked
package io.monotoken.spring.actuate;

import org.jspecify.annotations.NullMarked;
