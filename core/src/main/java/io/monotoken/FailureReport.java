package io.monotoken;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What operators and listeners hear of a flight without a token, once for each change of state. */
final class FailureReport {

    private FailureReport() {}

    /**
     * @param before the state that the flight ended in
     * @param kept what is still handed out
     */
    static void of(
            Outcome.Failed outcome,
            State before,
            @Nullable HeldToken kept,
            SourceSetup setup,
            long startedAt,
            long now) {
        if (outcome.cause() == FailureCause.POSTPONED && kept != null) {
            return;
        }
        TokenException failure = outcome.exception();
        setup.notifyListeners(listener -> listener.failed(failure, Duration.ofNanos(now - startedAt)));
        String source = shown(setup);
        String message = failure.getMessage();
        TokenException.Rejected refusal = outcome.refusedLogin();
        if (refusal != null && (outcome.cause() == FailureCause.CREDENTIALS || !before.guarded())) {
            long wait = outcome.permit() == null ? 0 : outcome.permit().wait(setup.clock());
            guardClosed(refusal, wait, source, setup);
        } else if (kept == null && before.usable(now) != null) {
            SourceSetup.log.warn("{}: a rejected token could not be renewed and is given up: {}", source, message);
        } else if (before.pause() == null && kept != null) {
            SourceSetup.log.warn("{}: a renewal failed, and the current token stays in use: {}", source, message);
        }
    }

    /** Tokens come again. */
    static void over(State before, SourceSetup setup) {
        Pause pause = before.pause();
        if (pause != null && pause.cause() != FailureCause.POSTPONED) {
            SourceSetup.log.info("{}: tokens come again", shown(setup));
        }
    }

    private static String shown(SourceSetup setup) {
        return "TokenSource[" + setup.shown() + "]";
    }

    private static void guardClosed(TokenException.Rejected refusal, long wait, String source, SourceSetup setup) {
        boolean ends = wait < Backoff.NEVER;
        if (ends) {
            SourceSetup.log.warn(
                    "{}: credentials refused; no password is sent for {} s unless they change",
                    source,
                    Math.round(wait / 1e9));
        } else {
            SourceSetup.log.warn("{}: credentials refused; no password is sent until they change or a reset", source);
        }
        setup.notifyListeners(listener -> listener.guardClosed(refusal, ends ? Duration.ofNanos(wait) : null));
    }
}
