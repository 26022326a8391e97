package io.monotoken.samples.complyone.live;

import io.monotoken.TokenSourceState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the live page draws of one quarter of a second.
 *
 * @param at its end
 * @param source the token source's state
 * @param waiting how many callers waited for a token at the same time, at most
 * @param counts since the application started
 * @param parts what was done to share the token with other instances, null where it is not shared
 * @param realService whether Comply One is the real one
 * @param provider what the provider counted, null where it is not ours
 * @param obstacles by the names of actions that cannot be started now, why
 * @param happenings what happened in it
 */
record Moment(
        Instant at,
        TokenSourceState source,
        int waiting,
        Counts counts,
        Siblings.@Nullable Parts parts,
        boolean realService,
        @Nullable Provider provider,
        Map<String, String> obstacles,
        List<Happening> happenings) {

    /**
     * What only the provider can know.
     *
     * @param wrongPasswords how many it was sent
     * @param refreshTokensPresentedTwice how often; zero, unless Monotoken breaks its promise
     * @param stopped whether the token endpoint answers 503
     */
    record Provider(long wrongPasswords, long refreshTokensPresentedTwice, boolean stopped) {}
}
