package io.monotoken;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A caller joins in the moment its flight lands: r1 = what the first got, r2 = what the joiner got, r3 = requests. */
@JCStressTest
@State
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "Both have the token of the one request.")
public class JoinAgainstLandingStressTest {

    private final Sources sources = new Sources();
    private volatile int first;
    private volatile int joiner;

    /** One caller waits already. */
    public JoinAgainstLandingStressTest() {
        sources.source.token().subscribe(token -> first = 1, error -> first = -1);
    }

    /** Lands. */
    @Actor
    public void landing() {
        sources.land("token");
    }

    /** Joins. */
    @Actor
    public void join() {
        sources.source.token().subscribe(token -> joiner = 1, error -> joiner = -1);
    }

    /**
     * Counts.
     *
     * @param result what happened
     */
    @Arbiter
    public void arbiter(III_Result result) {
        result.r1 = first;
        result.r2 = joiner;
        result.r3 = sources.requests.get();
    }

    /** The same for a flight that ends without a token. */
    @JCStressTest
    @State
    @Outcome(id = "-1, -1, 1", expect = Expect.ACCEPTABLE, desc = "Both have the failure of the one request.")
    public static class Failing {

        private final Sources sources = new Sources();
        private volatile int first;
        private volatile int joiner;

        /** One caller waits already. */
        public Failing() {
            sources.source.token().subscribe(token -> first = 1, error -> first = -1);
        }

        /** Lands without a token. */
        @Actor
        public void landing() {
            sources.miss();
        }

        /** Joins. */
        @Actor
        public void join() {
            sources.source.token().subscribe(token -> joiner = 1, error -> joiner = -1);
        }

        /**
         * Counts.
         *
         * @param result what happened
         */
        @Arbiter
        public void arbiter(III_Result result) {
            result.r1 = first;
            result.r2 = joiner;
            result.r3 = sources.requests.get();
        }
    }
}
