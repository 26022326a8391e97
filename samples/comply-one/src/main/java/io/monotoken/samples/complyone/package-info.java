/**
 * A WebFlux application that calls the Comply One API, tells on the console what its token does, and keeps serving.
 */
@NullMarked
package io.monotoken.samples.complyone;

import org.jspecify.annotations.NullMarked;
