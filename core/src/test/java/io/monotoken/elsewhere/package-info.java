/** Tokens from elsewhere: transports as a user would write them, with public types only. */
@NullMarked
package io.monotoken.elsewhere;

import org.jspecify.annotations.NullMarked;
