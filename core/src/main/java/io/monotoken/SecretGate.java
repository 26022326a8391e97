package io.monotoken;

import reactor.core.publisher.Mono;

/** What a secret must pass before it is sent, where several instances act as one. */
interface SecretGate {

    /** For an instance that goes by itself. */
    SecretGate OPEN = new SecretGate() {};

    /** Whether a given refresh token may be presented. */
    enum Presentation {
        /** Nobody has presented it. */
        FIRST,
        /** An instance has. */
        AGAIN,
        /** Nobody knows. */
        UNKNOWN
    }

    /** {@return whether the password may be sent} */
    default Mono<LoginPermit.Entry> beforePassword(LoginPermit met, TokenRequest login) {
        return Mono.just(new LoginPermit.Entry.Open());
    }

    /** {@return completes when the others can know what became of the password, unless it was accepted} */
    default Mono<Void> afterPassword(LoginPermit met, LoginResult result) {
        return Mono.empty();
    }

    /** Tells the others of a password whose flight was ended on the way. */
    default void abandoned(LoginResult.Lost result) {}

    /** {@return whether this refresh token, which the grant gave, may be presented} */
    default Mono<Presentation> beforeGiven(String refreshToken) {
        return Mono.just(Presentation.FIRST);
    }

    /** {@return whether another instance used these credentials last, with success} */
    default boolean wereAccepted(TokenRequest login) {
        return false;
    }
}
