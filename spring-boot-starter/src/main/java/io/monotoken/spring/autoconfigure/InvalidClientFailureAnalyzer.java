package io.monotoken.spring.autoconfigure;

import io.monotoken.spring.autoconfigure.InvalidClientException.Problem;
import java.util.stream.Collectors;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says at start what is wrong with a client's properties and what to write. */
final class InvalidClientFailureAnalyzer extends AbstractFailureAnalyzer<InvalidClientException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidClientException cause) {
        String description = cause.problems().stream().map(Problem::what).collect(Collectors.joining("\n"));
        String action = cause.problems().stream().map(Problem::action).collect(Collectors.joining("\n"));
        return new FailureAnalysis(description, action, cause);
    }
}
