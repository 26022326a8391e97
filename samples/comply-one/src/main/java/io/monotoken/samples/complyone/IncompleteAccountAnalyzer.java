package io.monotoken.samples.complyone;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in two sentences, instead of a stack trace, what an account needs. */
final class IncompleteAccountAnalyzer extends AbstractFailureAnalyzer<IncompleteAccountException> {

    @Override
    protected FailureAnalysis analyze(Throwable failure, IncompleteAccountException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "Set all four COMPLY_ONE_* variables to call the real service, or none of them to call the stand-ins.",
                cause);
    }
}
