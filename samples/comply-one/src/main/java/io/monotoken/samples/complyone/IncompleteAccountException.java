package io.monotoken.samples.complyone;

import java.util.List;

/** Some of the account's variables are set, and others are not. */
final class IncompleteAccountException extends RuntimeException {

    IncompleteAccountException(List<String> missing) {
        super("The account is incomplete, not set: " + String.join(", ", missing));
    }
}
