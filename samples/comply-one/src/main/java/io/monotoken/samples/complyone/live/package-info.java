/** The page at {@code /}, drawn as it happens, with buttons that make the stand-ins misbehave. */
@NullMarked
package io.monotoken.samples.complyone.live;

import org.jspecify.annotations.NullMarked;
