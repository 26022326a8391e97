package io.monotoken;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A caller joins a flight while the flight obtains its token: r1 = what the first caller got, r2 = what the joiner got, r3 =
 * requests.
 */
@JCStressTest
@State
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "Both callers get the token of the one request.")
public class JoinAgainstOutcomeStressTest {

    private final Sources sources = new Sources();
    private volatile int first;
    private volatile int joiner;

    /** Subscribes the first caller, which starts the flight. */
    public JoinAgainstOutcomeStressTest() {
        sources.source.token().subscribe(token -> first = 1, error -> first = -1);
    }

    /** Obtains the token. */
    @Actor
    public void obtain() {
        sources.obtain("token");
    }

    /** Subscribes the second caller, which joins the flight. */
    @Actor
    public void join() {
        sources.source.token().subscribe(token -> joiner = 1, error -> joiner = -1);
    }

    /**
     * Records the outcome when both actors are done.
     *
     * @param result what the callers got, and how many requests were sent
     */
    @Arbiter
    public void arbiter(III_Result result) {
        result.r1 = first;
        result.r2 = joiner;
        result.r3 = sources.requests.get();
    }

    /** The same for a flight that fails. */
    @JCStressTest
    @State
    @Outcome(id = "-1, -1, 1", expect = Expect.ACCEPTABLE, desc = "Both callers get the failure of the one request.")
    public static class Failing {

        private final Sources sources = new Sources();
        private volatile int first;
        private volatile int joiner;

        /** Subscribes the first caller, which starts the flight. */
        public Failing() {
            sources.source.token().subscribe(token -> first = 1, error -> first = -1);
        }

        /** Fails the request. */
        @Actor
        public void fail() {
            sources.fail();
        }

        /** Subscribes the second caller, which joins the flight. */
        @Actor
        public void join() {
            sources.source.token().subscribe(token -> joiner = 1, error -> joiner = -1);
        }

        /**
         * Records the outcome when both actors are done.
         *
         * @param result what the callers got, and how many requests were sent
         */
        @Arbiter
        public void arbiter(III_Result result) {
            result.r1 = first;
            result.r2 = joiner;
            result.r3 = sources.requests.get();
        }
    }
}
