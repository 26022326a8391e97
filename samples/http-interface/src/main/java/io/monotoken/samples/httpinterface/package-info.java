/** An API as a Java interface whose calls are authorised. */
@NullMarked
package io.monotoken.samples.httpinterface;

import org.jspecify.annotations.NullMarked;
