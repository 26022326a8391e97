package io.monotoken;

import java.time.Instant;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZLI_Result;

/**
 * An API rejects a token while its renewal obtains the next one: r1 = whether another token is current or in flight, r2 = the
 * token that is current in the end, r3 = requests.
 */
@JCStressTest
@State
@Outcome(
        id = "true, 2, 2",
        expect = Expect.ACCEPTABLE,
        desc = "A retry is worthwhile and uses the new token, in any order.")
public class InvalidateAgainstCommitStressTest {

    private static final Token FIRST = Token.of("first", List.of(), Instant.EPOCH, Instant.EPOCH);

    private final Sources sources = Sources.renewing();
    private volatile long current;

    /**
     * Invalidates the first token.
     *
     * @param result whether a retry is worthwhile
     */
    @Actor
    public void reject(ZLI_Result result) {
        result.r1 = sources.source.invalidate(FIRST);
    }

    /** Obtains the second token, which the source commits. */
    @Actor
    public void commit() {
        sources.obtain("second");
    }

    /**
     * Records the outcome when both actors are done.
     *
     * @param result which token is current, and how many requests were sent
     */
    @Arbiter
    public void arbiter(ZLI_Result result) {
        sources.source.token().subscribe(token -> current = token.value().equals("second") ? 2 : 1);
        result.r2 = current;
        result.r3 = sources.requests.get();
    }
}
