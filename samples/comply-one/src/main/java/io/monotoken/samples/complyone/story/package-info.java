/** What the console tells after the start, with what has been counted. */
@NullMarked
package io.monotoken.samples.complyone.story;

import org.jspecify.annotations.NullMarked;
