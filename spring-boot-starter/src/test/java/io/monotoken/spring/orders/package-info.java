/** An application as any other, and its tests as docs/testing.md shows them. */
@NullMarked
package io.monotoken.spring.orders;

import org.jspecify.annotations.NullMarked;
