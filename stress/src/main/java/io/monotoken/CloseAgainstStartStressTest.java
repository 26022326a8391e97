package io.monotoken;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A source is closed while a caller starts a flight: r1 = what the caller got, r2 = callers still waiting. */
@JCStressTest
@State
@Outcome(id = "-1, 0", expect = Expect.ACCEPTABLE, desc = "The caller gets the error that the source is closed.")
public class CloseAgainstStartStressTest {

    private final Sources sources = new Sources();
    private volatile int caller;

    /** Closes the source. */
    @Actor
    public void close() {
        sources.source.close();
    }

    /** Subscribes to a token, which starts a flight. */
    @Actor
    public void start() {
        sources.source.token().subscribe(token -> caller = 1, error -> caller = -1);
    }

    /**
     * Records the outcome when both actors are done.
     *
     * @param result what the caller got, and how many callers wait
     */
    @Arbiter
    public void arbiter(II_Result result) {
        result.r1 = caller;
        result.r2 = sources.source.state().waiters();
    }
}
