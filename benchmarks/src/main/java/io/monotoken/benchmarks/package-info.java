/** One class for each speed claim, and the table they fill. */
@NullMarked
package io.monotoken.benchmarks;

import org.jspecify.annotations.NullMarked;
