package io.monotoken.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Set;
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

    private static final String OFFLINE_ACCESS = "offline_access";

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

    /** Issues the tokens of a fresh login and returns the documented answer. */
    String logIn(String username, String clientId, Set<String> scopes) {
        return issue(new Login(username, clientId, scopes, clock.instant().plus(refreshTokenLife)));
    }

    /** Spends a refresh token that {@link #present} has found usable and returns the documented answer. */
    String refresh(RefreshToken token) {
        if (!token.state.compareAndSet(State.UNSPENT, State.SPENT)) {
            throw refused(token);
        }
        return issue(token.login);
    }

    private String issue(Login login) {
        String accessToken = random();
        accessTokens.add(
                accessToken, new AccessToken(login.username, clock.instant().plus(accessTokenLife)));
        String refreshMember = "";
        if (login.scopes.contains(OFFLINE_ACCESS)) {
            String refreshToken = random();
            refreshTokens.add(refreshToken, new RefreshToken(login));
            refreshMember = ",\"refresh_token\":\"" + refreshToken + "\"";
        }
        return "{\"access_token\":\"" + accessToken + "\",\"expires_in\":" + accessTokenLife.toSeconds()
                + ",\"token_type\":\"Bearer\"" + refreshMember + "}";
    }

    /** Returns a refresh token that this client may use now. */
    RefreshToken present(String value, String clientId) {
        RefreshToken token = refreshTokens.find(value);
        if (token == null) {
            throw OAuthRefusal.of("invalid_grant");
        }
        if (token.state.get() != State.UNSPENT
                || !token.login.clientId.equals(clientId)
                || !clock.instant().isBefore(token.login.refreshableUntil)) {
            throw refused(token);
        }
        return token;
    }

    private OAuthRefusal refused(RefreshToken token) {
        if (token.state.get() == State.SPENT) {
            refreshTokensPresentedTwice.increment();
        }
        return OAuthRefusal.of("invalid_grant");
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
    record AccessToken(String username, Instant expiresAt) {}

    /** What all tokens since one login have in common; the refresh tokens expire together, however often they were used. */
    record Login(String username, String clientId, Set<String> scopes, Instant refreshableUntil) {}

    /** A one-time refresh token. */
    static final class RefreshToken {

        private final Login login;
        private final AtomicReference<State> state = new AtomicReference<>(State.UNSPENT);

        RefreshToken(Login login) {
            this.login = login;
        }

        Set<String> scopes() {
            return login.scopes;
        }
    }
}
