package io.monotoken.samples.complyone.live;

/**
 * How often what has happened since the application started.
 *
 * @param served requests that Comply One answered with success
 * @param failed requests that ended otherwise, the ones without a token included
 * @param waited requests that had to wait for a token
 * @param logins token requests with the password that brought a token
 * @param refreshes token requests with a refresh token that brought a token
 * @param refused token requests that brought none
 */
record Counts(long served, long failed, long waited, long logins, long refreshes, long refused) {

    Counts since(Counts earlier) {
        return new Counts(
                served - earlier.served,
                failed - earlier.failed,
                waited - earlier.waited,
                logins - earlier.logins,
                refreshes - earlier.refreshes,
                refused - earlier.refused);
    }

    long tokenRequests() {
        return logins + refreshes + refused;
    }
}
