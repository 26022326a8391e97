/** Races of the token source under jcstress, each with the outcomes that are acceptable. */
@NullMarked
package io.monotoken;

import org.jspecify.annotations.NullMarked;
