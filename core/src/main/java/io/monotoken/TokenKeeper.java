package io.monotoken;

/** Who keeps what a flight brought, beside the source itself: nobody, a store of refresh tokens, or all instances together. */
sealed interface TokenKeeper permits Fleet, TokenKeeper.RefreshTokens {

    /** Keeps each new refresh token for a later process. */
    record RefreshTokens(RefreshTokenStore store) implements TokenKeeper {}
}
