/**
 * A WebFlux application that calls the Comply One API. What it takes is in {@code ComplyOneController} and application.yml; the
 * rest plays the provider, tells a story on the console and draws a page.
 */
@NullMarked
package io.monotoken.samples.complyone;

import org.jspecify.annotations.NullMarked;
