/** Races of the token source under jcstress, each with its table of accepted outcomes. */
@NullMarked
package io.monotoken;

import org.jspecify.annotations.NullMarked;
