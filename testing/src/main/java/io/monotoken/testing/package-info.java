/**
 * Stand-in servers to be started in tests: a strict token server and an API that asks for its tokens.
 */
@NullMarked
package io.monotoken.testing;

import org.jspecify.annotations.NullMarked;
