package io.monotoken.spring.autoconfigure;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Properties from which no client can be made, and what to write instead. */
final class InvalidClientException extends RuntimeException {

    private final transient List<Problem> problems;

    InvalidClientException(List<Problem> problems, @Nullable Throwable cause) {
        super(String.join("; ", problems.stream().map(Problem::what).toList()), cause);
        this.problems = List.copyOf(problems);
    }

    InvalidClientException(Problem problem) {
        this(List.of(problem), null);
    }

    List<Problem> problems() {
        return problems;
    }

    /**
     * One thing to correct.
     *
     * @param what what is wrong, with the property's full name and no secret
     * @param action what to write
     */
    record Problem(String what, String action) {}
}
