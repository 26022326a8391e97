package io.monotoken.samples.complyone.fleet;

/** What the fleet needs is not to be had; the message says what to do. */
final class CannotStartException extends RuntimeException {

    CannotStartException(String message) {
        super(message);
    }
}
