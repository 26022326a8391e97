/** Starts the application twice with one Redis, so that its instances share a token. */
@NullMarked
package io.monotoken.samples.complyone.fleet;

import org.jspecify.annotations.NullMarked;
