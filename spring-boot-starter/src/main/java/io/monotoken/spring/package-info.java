/** Tokens for Spring WebFlux applications: the filter, and beans made from properties. */
@NullMarked
package io.monotoken.spring;

import org.jspecify.annotations.NullMarked;
