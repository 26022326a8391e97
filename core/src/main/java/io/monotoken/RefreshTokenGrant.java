package io.monotoken;

import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Starts from a refresh token that somebody else got, such as a sign-in in a browser or an earlier run of this process,
 * so that the source never sees a password.
 *
 * <p>A refresh token may be good for one request, so each that the supplier gives is presented once, by whichever source
 * shares this grant; what its answers bring is presented next. A supplier is asked again when the refresh token held then
 * is refused or may be spent. Together with {@link TokenSource.Builder#refreshTokenStore} it survives a restart.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-6">RFC 6749, section 6</a>
 */
public final class RefreshTokenGrant implements Grant {

    private static final int REMEMBERED = 16;

    private final Mono<String> refreshToken;
    private final boolean fixed;
    private final Set<Fingerprint> presented = new LinkedHashSet<>();

    /**
     * Starts from one refresh token.
     *
     * @param refreshToken the refresh token; of visible characters
     */
    public RefreshTokenGrant(String refreshToken) {
        this.refreshToken = Mono.just(checked(refreshToken));
        this.fixed = true;
    }

    /**
     * Starts from what a supplier has, such as a store.
     *
     * @param refreshToken cold; subscribed when no refresh token is held; must not block
     */
    public RefreshTokenGrant(Mono<String> refreshToken) {
        this.refreshToken = Objects.requireNonNull(refreshToken, "refreshToken");
        this.fixed = false;
    }

    private static String checked(String refreshToken) {
        if (Objects.requireNonNull(refreshToken, "refreshToken").isBlank()
                || refreshToken.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("refreshToken must not be blank or contain control characters; was it"
                    + " read from a file with its last line end?");
        }
        return refreshToken;
    }

    @Override
    public Mono<TokenRequest> request() {
        return refreshToken.map(
                value -> TokenRequest.of(TokenRequest.REFRESH_TOKEN).with("refresh_token", checked(value)));
    }

    /** {@return whether there is one refresh token to start from, which says whose tokens follow} */
    boolean isFixed() {
        return fixed;
    }

    /** {@return whether this refresh token was not presented before; from now on it was} */
    boolean present(String value) {
        synchronized (presented) {
            boolean unspent = presented.add(Fingerprint.of(value));
            if (presented.size() > REMEMBERED) {
                presented.remove(presented.iterator().next());
            }
            return unspent;
        }
    }

    @Override
    public String toString() {
        return "RefreshTokenGrant[REDACTED]";
    }
}
