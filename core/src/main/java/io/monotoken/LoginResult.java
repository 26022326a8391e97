package io.monotoken;

/** What became of a password that the credential guard let through. */
sealed interface LoginResult {

    /** The server accepted it. */
    record Accepted() implements LoginResult {}

    /** The server refused it. */
    record Refused(TokenException.Rejected refusal) implements LoginResult {}

    /**
     * It was written, and no answer says what the server made of it.
     *
     * @param acceptedBefore whether these credentials were the ones that this source used last with success
     */
    record Lost(boolean acceptedBefore, TokenException why) implements LoginResult {}

    /** It was not sent after all, since its flight had ended. */
    record Withdrawn() implements LoginResult {}

    /** It was not written, or the server said nothing about it. */
    record Undecided(FailureCause cause, TokenException why) implements LoginResult {}
}
