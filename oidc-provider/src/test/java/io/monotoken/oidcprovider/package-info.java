/** The token client against a certified authorization server that nobody here wrote. */
@NullMarked
package io.monotoken.oidcprovider;

import org.jspecify.annotations.NullMarked;
