package io.monotoken;

import org.jspecify.annotations.Nullable;

/**
 * What the instances of a service know of one account: the credential guard's memory, and the password that is on its way.
 *
 * @param history by the store's clock
 * @param inFlight null when no password is on its way
 */
record SharedAccount(LoginHistory history, @Nullable InFlight inFlight) {

    /**
     * A password on its way.
     *
     * @param until after that its sender is taken for dead, and its answer for lost
     */
    record InFlight(Fingerprint fingerprint, String owner, long until) {}
}
