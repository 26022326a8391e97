/** The token client against an identity provider that nobody here wrote. */
@NullMarked
package io.monotoken.keycloak;

import org.jspecify.annotations.NullMarked;
