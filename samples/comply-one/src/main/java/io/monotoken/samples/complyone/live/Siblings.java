package io.monotoken.samples.complyone.live;

import io.monotoken.TokenException;
import io.monotoken.TokenListener;
import io.monotoken.TokenSourceState;
import io.monotoken.samples.complyone.live.Happening.Kind;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Counts what this instance does to share its token with others, and tells when it is another one. */
@Component
final class Siblings implements TokenListener {

    private final LongAdder led = new LongAdder();
    private final LongAdder adopted = new LongAdder();
    private final LongAdder waited = new LongAdder();
    private final Tally tally;
    private volatile boolean leading;
    private long generation;
    private boolean away;

    Siblings(Tally tally) {
        this.tally = tally;
    }

    /** {@return whether a token request of this instance is in flight} */
    boolean isLeading() {
        return leading;
    }

    @Override
    public void requested(String grantType) {
        leading = true;
    }

    @Override
    public void answered(String grantType, @Nullable TokenException failure, Duration took) {
        leading = false;
    }

    @Override
    public void shared(Sharing what) {
        switch (what) {
            case LED -> led.increment();
            case ADOPTED -> adopted.increment();
            case WAITED -> waited.increment();
            case ORPHANED -> tally.tell(Kind.NOTE, "A refresh token came too late to be shared, and was dropped");
        }
    }

    /** {@return what was done until now, null where no token is shared; not for several threads at once} */
    @Nullable
    Parts parts(TokenSourceState.@Nullable Shared shared) {
        if (shared == null) {
            return null;
        }
        if (shared.generation() != generation) {
            generation = shared.generation();
            tellLeader(shared);
        }
        if ((shared.awaySince() != null) != away) {
            away = !away;
            tally.tell(
                    Kind.NOTE,
                    away
                            ? "The store gives no usable answer: each instance goes on with the token that it has"
                            : "The store answers again");
        }
        return new Parts(led.sum(), adopted.sum(), waited.sum());
    }

    private void tellLeader(TokenSourceState.Shared shared) {
        tally.tell(
                Kind.NOTE,
                "Token " + shared.generation()
                        + (shared.instance().equals(shared.leader())
                                ? ": this instance led, and got it for all"
                                : ": " + shared.leader() + " led, and nothing was sent from here"));
    }

    /**
     * What this instance did.
     *
     * @param led token requests that it made for all
     * @param adopted tokens that it took over
     * @param waited how often it waited for another instance's token request
     */
    record Parts(long led, long adopted, long waited) {}
}
