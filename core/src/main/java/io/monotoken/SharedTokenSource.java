package io.monotoken;

import io.monotoken.TokenListener.Lookup;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.ContextView;

/*
 * Shared state  `state` only: what is held, the flight, the pause after a failure.
 *               Tests: SharedTokenSourceSoakTests, a day of faults.
 * Invariant     at most one token request is in flight; a refresh token in `state` was never presented but by that
 *               flight, or was left unused.
 *               Tests: SharedTokenSourceSharingTests; SharedTokenSourceRotationTests.
 * Judge of time `state` alone: whether to hand out, to join, to start or to answer from memory. No timer decides.
 *               Tests: SharedTokenSourceLifeTests; servesAlthoughTheTimerIsDisposed.
 * Transitions   cleared -> in flight by one compareAndSet, whose loser drops a flight that nobody subscribed to;
 *               in flight -> committed by one compareAndSet, before callers get the token; any -> closed for good.
 *               Tests: startsOneFlightForTwoCallersWhoComeTogether, commitsBeforeCallersGetTheToken; jcstress.
 * Cancel        a caller leaving changes nothing; only close() interrupts a flight.
 *               Tests: SharedTokenSourceSharingTests.Cancellation; leavesNothingBehindWhenClosed.
 * Time          SourceClock: nanoseconds that count suspensions; a Scheduler for time-outs and expiry tasks only.
 *               Tests: SharedTokenSourceLifeTests.Clocks.
 */
/** The token source: one state, one flight at a time, shared by every caller. */
final class SharedTokenSource implements TokenSource {

    /** How long a caller waits for a renewal who could have the current token. */
    private static final long LONGEST_PATIENCE = Duration.ofSeconds(1).toNanos();

    private static final String SAME_TOKEN =
            "the provider gave the current token again; it stays in use to its end, until the provider gives another";

    private static final AtomicReferenceFieldUpdater<SharedTokenSource, State> STATE =
            AtomicReferenceFieldUpdater.newUpdater(SharedTokenSource.class, State.class, "state");

    private final SourceSetup setup;
    private volatile State state;
    private final Mono<Token> token = new CurrentToken();

    SharedTokenSource(SourceSetup setup) {
        this.setup = setup;
        this.state = State.initial(setup.clock().now());
        setup.inFleet(fleet -> fleet.attach(new OtherInstances(fleet, setup, new Sibling())));
    }

    @Override
    public Mono<Token> token() {
        return token;
    }

    @Override
    public Mono<Token> token(Duration minimumRemaining) {
        long needed = LastingToken.needed(minimumRemaining);
        return needed == 0
                ? token
                : new LastingToken(setup, needed, this::renewed, () -> state, () -> change(State::withShortLifeTold))
                        .token();
    }

    /** The one Mono of this source. A reader of a fresh token is asked for nothing, not even its context. */
    private final class CurrentToken extends Mono<Token> {

        @Override
        public void subscribe(CoreSubscriber<? super Token> caller) {
            long now = setup.clock().now();
            HeldToken held = state.held();
            if (held != null && held.isFresh(now)) {
                setup.notifyListeners(listener -> listener.lookedUp(Lookup.FRESH));
                caller.onSubscribe(Operators.scalarSubscription(caller, held.token()));
                return;
            }
            Mono<Token> answer;
            try {
                answer = renewed(caller.currentContext(), 0, now);
            } catch (Throwable e) {
                answer = Mono.error(Operators.onOperatorError(e, caller.currentContext()));
            }
            answer.subscribe(caller);
        }
    }

    /**
     * @param needed how long the caller needs the token; zero for as long as it is usable
     */
    private Mono<Token> renewed(ContextView caller, long needed, long now) {
        while (true) {
            State seen = state;
            if (seen.closed()) {
                return failed(closedException());
            }
            HeldToken usable = seen.usable(now);
            if (usable != null && usable.isFresh(now) && usable.lasts(needed, now)) {
                setup.notifyListeners(listener -> listener.lookedUp(Lookup.FRESH));
                return Mono.just(usable.token());
            }
            HeldToken current = usable == null || usable.invalidated() ? null : usable;
            Set<Object> above = Flight.waitingSources(caller);
            if (current != null && (above.contains(this) || isForNow(current, seen, needed, now))) {
                return stale(seen, current, above, now);
            }
            if (seen.flight() != null) {
                seen.flight().awaitedBy(above);
            }
            if (above.contains(this)) {
                return failed(setup.unavailable("this very request for one needs it; give the credentials supplier,"
                        + " the refresh token store and the HTTP client of the token endpoint a client without the"
                        + " filter"));
            }
            if (seen.flight() != null) {
                return joined(seen.flight(), current, needed, now);
            }
            if (!seen.isCleared(now)) {
                Pause pause = seen.pause();
                if (pause != null && pause.isLifted(now, setup.clock()) && opened(pause)) {
                    continue;
                }
                seekAWayOut(pause, now);
                return failed(pause == null ? closedException() : pause.fromMemory(setup.clock()));
            }
            Flight flight = prepared(seen, seen, above, needed, now);
            if (flight != null) {
                flight.start();
                return joined(flight, current, needed, now);
            }
        }
    }

    /** Whether a caller gets a token at once although it is due for renewal. */
    private static boolean isForNow(HeldToken current, State seen, long needed, long now) {
        return current.lasts(needed, now)
                ? !current.isInLastStretch(now) || seen.pause() != null
                : seen.flight() == null && !seen.isCleared(now);
    }

    /**
     * @param current a token in its last stretch, or with less life than the caller needs, who gets it when the flight takes
     *     long; null when there is none
     */
    private Mono<Token> joined(Flight flight, @Nullable HeldToken current, long needed, long now) {
        setup.notifyListeners(listener -> listener.lookedUp(Lookup.WAITING));
        if (current == null) {
            return flight.join(now);
        }
        Mono<Token> otherwise = Mono.just(current.token());
        long patience = (current.trueEnd() - now) / 2;
        return current.lasts(needed, now)
                ? flight.joinOr(otherwise, Math.min(LONGEST_PATIENCE, patience), now)
                : flight.joinFor(patience, otherwise, now);
    }

    private Mono<Token> failed(TokenException failure) {
        setup.notifyListeners(listener -> listener.lookedUp(Lookup.FAILED));
        return Mono.error(failure);
    }

    /** The caller has its token at once: what a renewal does first, such as asking a vault, is not on its thread. */
    private Mono<Token> stale(State seen, HeldToken usable, Set<Object> above, long now) {
        if (seen.isCleared(now)) {
            startAside(prepared(seen, seen, above, 0, now));
        } else if (seen.flight() == null) {
            seekAWayOut(seen.pause(), now);
        }
        setup.notifyListeners(listener -> listener.lookedUp(Lookup.STALE));
        return Mono.just(usable.token());
    }

    /**
     * @param basis what the flight goes by: {@code seen}, or that with its token invalidated
     * @param needed how long whoever starts it needs the token
     * @return a flight that is the state's and not started yet; null when the state has changed since it was seen
     */
    private @Nullable Flight prepared(State seen, State basis, Set<Object> above, long needed, long now) {
        HeldToken usable = basis.usable(now);
        Flight flight = new Flight(
                this,
                setup,
                self -> outcome(basis, usable, needed, self).flatMap(outcome -> commit(self, outcome)),
                token,
                this::forgetExpired,
                above);
        return STATE.compareAndSet(this, seen, basis.withFlight(flight)) ? flight : null;
    }

    private Mono<Outcome> outcome(State basis, @Nullable HeldToken usable, long needed, Flight flight) {
        Fleet fleet = setup.fleet();
        return fleet != null
                ? new FleetFlight(
                                setup,
                                fleet,
                                usable,
                                basis.refreshToken(),
                                basis.accepted(),
                                needed,
                                outcome -> judged(flight, outcome))
                        .outcome()
                : new TokenAcquisition(
                                setup,
                                new LoginLine(setup),
                                SecretGate.OPEN,
                                basis.refreshToken(),
                                usable != null,
                                usable != null && usable.passwordSpent(),
                                basis.accepted())
                        .outcome();
    }

    /** What other instances have to know of an outcome before this one's state takes it in. */
    private Outcome judged(Flight flight, Outcome outcome) {
        long now = setup.clock().now();
        Outcome judged = outcome instanceof Outcome.Obtained obtained && isRepeated(obtained, now)
                ? obtained.repeated(setup.unavailable(SAME_TOKEN))
                : outcome;
        return judged instanceof Outcome.Failed failed
                ? failed.withPause(state.pauseAfter(failed, setup, flight.startedAt(), now))
                : judged;
    }

    private boolean isRepeated(Outcome.Obtained outcome, long now) {
        HeldToken current = state.held();
        return current != null
                && now - current.expiry() < 0
                && current.isRepeatedBy(outcome.response(), setup.clock().instant(outcome.sentAt()));
    }

    private void startAside(@Nullable Flight flight) {
        if (flight != null) {
            setup.clock().timer().schedule(flight::start);
        }
    }

    /** Other credentials end a pause, and so does another instance's token, whose hint may have been lost. */
    private void seekAWayOut(@Nullable Pause pause, long now) {
        if (pause != null) {
            setup.inFleet(fleet -> fleet.lookIfDue(pause.from(), now));
        }
        if (pause != null && pause.watch() != null) {
            pause.watch().askIfDue(now, () -> {
                if (opened(pause)) {
                    SourceSetup.log.info("{}: the credentials have changed; logging in again", this);
                }
            });
        }
        if (pause != null && pause.clientWatch() != null) {
            pause.clientWatch().askIfDue(now, () -> {
                if (change(seen -> seen.withProofChanged(pause))) {
                    SourceSetup.log.info("{}: what proves the client has changed; asking again", this);
                }
            });
        }
    }

    private boolean opened(Pause pause) {
        boolean opened = change(seen -> seen.pause() == pause ? seen.withoutPause() : seen);
        if (opened) {
            setup.notifyListeners(TokenListener::guardOpened);
        }
        return opened;
    }

    /** Takes a flight's outcome into the state, and only then lets it go on to callers who wait. */
    private Mono<Token> commit(Flight flight, Outcome outcome) {
        long now = setup.clock().now();
        try {
            return outcome instanceof Outcome.Obtained obtained
                    ? obtained(flight, obtained, now)
                    : failed(flight, (Outcome.Failed) outcome, now);
        } catch (Throwable e) {
            change(seen -> seen.flight() == flight ? seen.withFlight(null) : seen); // or every later call would join it
            return Mono.error(setup.unavailable(
                    "the token source failed with " + e.getClass().getName(), e));
        }
    }

    private Mono<Token> obtained(Flight flight, Outcome.Obtained outcome, long now) {
        if (isRepeated(outcome, now)) {
            return failed(flight, outcome.repeated(setup.unavailable(SAME_TOKEN)), now);
        }
        HeldToken next = outcome.held(setup, flight.expiryTask());
        Token obtained = next.token();
        Duration took = Duration.ofNanos(now - flight.startedAt());
        if (!next.isUsable(now)) {
            TokenException dead = setup.unavailable("the last one had ended when it came (life "
                    + Duration.ofNanos(next.length()) + ", under way for " + took + "); the next request follows soon");
            State before = committed(flight, seen -> seen.afterDeadArrival(outcome, dead, now));
            if (before == null) {
                return Mono.error(closedException());
            }
            setup.notifyListeners(listener -> listener.failed(dead, took));
            return Mono.just(obtained);
        }
        flight.cacheFor(Duration.ofNanos(outcome.sentAt() + next.length() - now));
        State before = committed(flight, seen -> seen.after(outcome, next, now));
        if (before == null) {
            flight.expiryTask().dispose();
            return Mono.error(closedException());
        }
        if (before.held() != null) {
            before.held().expiryTask().dispose();
        }
        FailureReport.over(before, setup);
        if (before.guarded() && outcome.passwordSent()) {
            setup.notifyListeners(TokenListener::guardOpened);
        }
        setup.notifyListeners(listener -> listener.obtained(obtained, took));
        return Mono.just(obtained);
    }

    private Mono<Token> failed(Flight flight, Outcome.Failed outcome, long now) {
        State before = committed(flight, seen -> seen.after(outcome, setup, flight.startedAt(), now));
        if (before == null) {
            return Mono.error(closedException());
        }
        TokenException failure = outcome.exception();
        HeldToken kept = before.remaining(outcome, now);
        if (kept == null && before.held() != null) {
            before.held().expiryTask().dispose();
        }
        FailureReport.of(outcome, before, kept, setup, flight.startedAt(), now);
        return kept == null ? Mono.error(failure) : Mono.just(kept.token());
    }

    @Override
    public boolean invalidate(Token rejected) {
        while (true) {
            long now = setup.clock().now();
            State seen = state;
            HeldToken usable = seen.usable(now);
            if (usable != null && (usable.invalidated() || !usable.token().equals(rejected))) {
                return true;
            }
            if (usable != null && seen.flight() != null) {
                if (STATE.compareAndSet(this, seen, seen.withInvalidated(usable))) {
                    setup.notifyListeners(listener -> listener.invalidated(usable.token()));
                    return true;
                }
                continue;
            }
            if (seen.flight() != null) {
                return true;
            }
            if (!seen.isCleared(now) || (usable != null && now - seen.forcedFrom() < 0)) {
                seekAWayOut(seen.pause(), now);
                return false;
            }
            State basis = usable == null ? seen : seen.withInvalidated(usable);
            Flight flight = prepared(seen, basis, Set.of(), 0, now);
            if (flight != null) {
                startAside(flight);
                if (usable != null) {
                    setup.notifyListeners(listener -> listener.invalidated(usable.token()));
                }
                return true;
            }
        }
    }

    @Override
    public TokenSourceState state() {
        return Snapshot.of(state, setup, setup.clock().now());
    }

    @Override
    public void reset() {
        setup.inFleet(Fleet::forgive);
        State before = STATE.getAndUpdate(this, State::withoutPause);
        if (before.pause() != null && before.pause().permit() != null) {
            setup.openAccount(before.pause().permit());
        } else {
            setup.openGrantsAccount();
        }
        if (before.guarded()) {
            setup.notifyListeners(TokenListener::guardOpened);
        }
    }

    @Override
    public void close() {
        State before = STATE.getAndUpdate(this, State::ended);
        if (before.held() != null) {
            before.held().expiryTask().dispose();
        }
        if (before.pause() != null) {
            before.pause().dispose();
        }
        if (before.flight() != null) {
            before.flight().interrupt(closedException());
        }
        setup.inFleet(Fleet::close);
    }

    /** Forgets a token at its end, so that no secret outlives its use. */
    private void forgetExpired() {
        change(seen ->
                seen.held() != null && setup.clock().now() - seen.held().expiry() >= 0 ? seen.withoutHeld() : seen);
    }

    /** What this source does when other instances make themselves felt. */
    private final class Sibling implements OtherInstances.Source {

        @Override
        public State state() {
            return state;
        }

        @Override
        public boolean adopt(State seen, Outcome.Obtained outcome) {
            long now = setup.clock().now();
            HeldToken current = seen.usable(now);
            Disposable.Swap expiryTask = Disposables.swap();
            HeldToken next = outcome.held(setup, expiryTask);
            if (!next.isUsable(now)
                    || (current != null && next.expiry() - current.expiry() <= 0)
                    || !STATE.compareAndSet(SharedTokenSource.this, seen, seen.after(outcome, next, now))) {
                return false;
            }
            expiryTask.update(setup.clock()
                    .timer()
                    .schedule(SharedTokenSource.this::forgetExpired, next.expiry() - now, TimeUnit.NANOSECONDS));
            if (current != null) {
                current.expiryTask().dispose();
            }
            setup.notifyListeners(listener -> listener.obtained(next.token(), Duration.ZERO));
            return true;
        }

        @Override
        public void renewRejected(State seen, HeldToken rejected) {
            Flight flight = prepared(
                    seen,
                    seen.withInvalidated(rejected),
                    Set.of(),
                    0,
                    setup.clock().now());
            if (flight != null) {
                setup.notifyListeners(listener -> listener.invalidated(rejected.token()));
                flight.start();
            }
        }

        @Override
        public void open(Pause pause) {
            opened(pause);
        }
    }

    private TokenException closedException() {
        return setup.unavailable("its token source is closed");
    }

    @Override
    public URI tokenUri() {
        return setup.tokenUri();
    }

    /** {@return what a log line may say of this source} */
    @Override
    public String toString() {
        return "TokenSource[" + setup.shown() + "]";
    }

    /** {@return the state before, or null when the flight was not in it any more} */
    private @Nullable State committed(Flight flight, Function<State, State> change) {
        while (true) {
            State seen = state;
            if (seen.flight() != flight) {
                return null;
            }
            if (STATE.compareAndSet(this, seen, change.apply(seen))) {
                return seen;
            }
        }
    }

    private boolean change(Function<State, State> change) {
        while (true) {
            State seen = state;
            State next = change.apply(seen);
            if (next == seen) {
                return false;
            }
            if (STATE.compareAndSet(this, seen, next)) {
                return true;
            }
        }
    }
}
