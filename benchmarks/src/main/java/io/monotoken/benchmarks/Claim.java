package io.monotoken.benchmarks;

import java.util.List;

/** Measures what one speed claim says, with its peers and its limit in the same run. */
@FunctionalInterface
interface Claim {

    /** {@return the claim's rows of the table} */
    List<Row> measure(Pace pace);
}
