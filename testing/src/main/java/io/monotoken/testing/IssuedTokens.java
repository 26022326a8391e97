package io.monotoken.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/*
 * Shared state  the issued tokens by value; a refresh token's `state`.
 * Invariant     a refresh token leaves UNSPENT once, by one compareAndSet; presenting it after that is counted.
 */
/** The tokens that the server has issued, each with its state. */
final class IssuedTokens {

    private final InstantSource clock;
    private final Duration accessTokenLife;
    private final Duration refreshTokenLife;
    private final Latest<AccessToken> accessTokens = new Latest<>();
    private final Latest<RefreshToken> refreshTokens = new Latest<>();
    private final LongAdder refreshTokensPresentedTwice = new LongAdder();

    IssuedTokens(InstantSource clock, Duration accessTokenLife, Duration refreshTokenLife) {
        this.clock = clock;
        this.accessTokenLife = accessTokenLife;
        this.refreshTokenLife = refreshTokenLife;
    }

    /**
     * Issues the tokens of a fresh login and returns the documented answer.
     *
     * @param subject the user, or the client that acts for itself
     * @param tellsScopes whether the answer names them
     * @param refreshable whether a refresh token comes with the access token
     */
    String issue(String subject, String clientId, Set<String> scopes, boolean tellsScopes, boolean refreshable) {
        Login login = new Login(subject, clientId, scopes, clock.instant().plus(refreshTokenLife));
        return issue(login, tellsScopes, refreshable);
    }

    /** Returns a refresh token as a login would give it. */
    String refreshToken(String subject, String clientId, @Nullable Set<String> scopes) {
        return refreshToken(new Login(subject, clientId, scopes, clock.instant().plus(refreshTokenLife)));
    }

    /** Spends a refresh token that {@link #present} has found usable and returns the documented answer. */
    String refresh(RefreshToken token) {
        if (!token.state.compareAndSet(State.UNSPENT, State.SPENT)) {
            throw refused(token);
        }
        return issue(token.login, false, true);
    }

    private String issue(Login login, boolean tellsScopes, boolean refreshable) {
        String accessToken = random();
        accessTokens.add(
                accessToken, new AccessToken(login.subject, clock.instant().plus(accessTokenLife)));
        Set<String> scopes = login.scopes;
        String scopeMember =
                tellsScopes && scopes != null ? ",\"scope\":\"" + String.join(" ", new TreeSet<>(scopes)) + "\"" : "";
        String refreshMember = refreshable ? ",\"refresh_token\":\"" + refreshToken(login) + "\"" : "";
        return "{\"access_token\":\"" + accessToken + "\",\"expires_in\":" + accessTokenLife.toSeconds()
                + ",\"token_type\":\"Bearer\"" + scopeMember + refreshMember + "}";
    }

    private String refreshToken(Login login) {
        String refreshToken = random();
        refreshTokens.add(refreshToken, new RefreshToken(login));
        return refreshToken;
    }

    /** Returns a refresh token that this client may use now. */
    RefreshToken present(String value, String clientId) {
        RefreshToken token = refreshTokens.find(value);
        if (token == null) {
            throw OAuthRefusal.invalidGrant("refresh_token was not issued here");
        }
        if (token.state.get() != State.UNSPENT
                || !token.login.clientId.equals(clientId)
                || !clock.instant().isBefore(token.login.refreshableUntil)) {
            throw refused(token);
        }
        return token;
    }

    private OAuthRefusal refused(RefreshToken token) {
        State state = token.state.get();
        if (state == State.SPENT) {
            refreshTokensPresentedTwice.increment();
            return OAuthRefusal.invalidGrant("refresh_token was used before");
        }
        return OAuthRefusal.invalidGrant(
                state == State.REVOKED
                        ? "refresh_token was revoked"
                        : clock.instant().isBefore(token.login.refreshableUntil)
                                ? "refresh_token belongs to another client"
                                : "refresh_token has expired");
    }

    /** Returns what is known about an access token, expired or not, or null when it is unknown or revoked. */
    @Nullable
    AccessToken find(String value) {
        return accessTokens.find(value);
    }

    boolean isExpired(AccessToken token) {
        return !clock.instant().isBefore(token.expiresAt);
    }

    void revokeAccessTokens() {
        accessTokens.clear();
    }

    void revokeRefreshTokens() {
        refreshTokens.all().forEach(token -> token.state.compareAndSet(State.UNSPENT, State.REVOKED));
    }

    long refreshTokensPresentedTwice() {
        return refreshTokensPresentedTwice.sum();
    }

    /** Returns a random value. It is not from a SecureRandom, which may block an event loop: these tokens protect nothing. */
    private static String random() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    }

    private enum State {
        UNSPENT,
        SPENT,
        REVOKED
    }

    /** What the API needs to know of an access token, without the token itself. */
    record AccessToken(String subject, Instant expiresAt) {}

    /**
     * What all tokens since one login have in common; the refresh tokens expire together, however often they were used.
     *
     * @param scopes null for any
     */
    record Login(String subject, String clientId, @Nullable Set<String> scopes, Instant refreshableUntil) {}

    /** A one-time refresh token. */
    static final class RefreshToken {

        private final Login login;
        private final AtomicReference<State> state = new AtomicReference<>(State.UNSPENT);

        RefreshToken(Login login) {
            this.login = login;
        }

        @Nullable
        Set<String> scopes() {
            return login.scopes;
        }
    }
}
