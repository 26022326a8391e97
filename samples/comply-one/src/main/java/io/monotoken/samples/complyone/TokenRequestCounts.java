package io.monotoken.samples.complyone;

/**
 * How many requests reached the token endpoint.
 *
 * @param logins with a password
 * @param refreshes with a refresh token
 */
public record TokenRequestCounts(long logins, long refreshes) {

    public TokenRequestCounts since(TokenRequestCounts earlier) {
        return new TokenRequestCounts(logins - earlier.logins, refreshes - earlier.refreshes);
    }

    /** {@return such as {@code 1 (logins 1, refreshes 0)}} */
    @Override
    public String toString() {
        return logins + refreshes + " (logins " + logins + ", refreshes " + refreshes + ")";
    }
}
