package io.monotoken.testing;

import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** The faults that a test has asked for. */
final class Faults {

    private static final Refusals NO_REFUSALS = new Refusals(0, 0);

    private final AtomicReference<Refusals> refusals = new AtomicReference<>(NO_REFUSALS);
    private final AtomicBoolean losesNextAnswer = new AtomicBoolean();
    private volatile boolean silent;

    void refuseNext(int requests, int status) {
        if (requests < 0) {
            throw new IllegalArgumentException("requests must not be negative, was " + requests);
        }
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("status must be from 400 to 599, was " + status);
        }
        refusals.set(new Refusals(requests, status));
    }

    void loseNextAnswer() {
        losesNextAnswer.set(true);
    }

    void stopAnswering() {
        silent = true;
    }

    void end() {
        silent = false;
        refusals.set(NO_REFUSALS);
        losesNextAnswer.set(false);
    }

    boolean isSilent() {
        return silent;
    }

    /** Returns the status to refuse this request with, if it is to be refused; each call uses one refusal up. */
    OptionalInt refusal() {
        Refusals before = refusals.getAndUpdate(Refusals::oneLess);
        return before.left == 0 ? OptionalInt.empty() : OptionalInt.of(before.status);
    }

    /** Returns whether the answer to this request is lost; the answer to the next one is not. */
    boolean losesThisAnswer() {
        return losesNextAnswer.get() && losesNextAnswer.getAndSet(false);
    }

    private record Refusals(int left, int status) {

        Refusals oneLess() {
            return left == 0 ? this : new Refusals(left - 1, status);
        }
    }
}
