/** The token source without Spring, in one file. */
@NullMarked
package io.monotoken.samples.plain;

import org.jspecify.annotations.NullMarked;
