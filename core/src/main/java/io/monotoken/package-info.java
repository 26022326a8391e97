/**
 * One shared, self-renewing OAuth 2.0 access token: {@code TokenSource} hands it out, {@code TokenEndpoint} asks for it.
 */
@NullMarked
package io.monotoken;

import org.jspecify.annotations.NullMarked;
