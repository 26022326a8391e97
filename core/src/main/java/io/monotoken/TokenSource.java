package io.monotoken;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One access token that a whole service shares: fetched when first needed, renewed ahead of expiry, logged in for again
 * when its refresh token has ended.
 *
 * <pre>{@code
 * TokenEndpoint stems = StemsAccounts.endpoint()
 *         .clientAuthentication(ClientAuthentication.clientSecretPost("api-client", secret))
 *         .build();
 * TokenSource tokens = TokenSource.builder(stems, new PasswordGrant(username, password, scopes)).build();
 * Mono<Token> token = tokens.token();
 * }</pre>
 *
 * <p>Safe to share between threads, and meant to be: make one for each account and keep it.
 */
public interface TokenSource extends AutoCloseable {

    /**
     * Returns the current token, or the next one.
     *
     * <p>Cold: nothing is sent before subscription; every subscription asks anew, so one Mono serves everybody. While a
     * token is usable it comes at once, also when its renewal is under way or failing; only near its end a caller may wait a
     * second for its renewal. Otherwise all callers share one request; cancelling one leaves it alone. No caller waits longer
     * than {@link RefreshSettings#timeout()}, and as long again behind another login of the same user.
     *
     * <p>Threads: a usable token comes on the subscribing thread, one that was waited for on
     * {@link Builder#resumeOn(Scheduler)}. The caller's Reactor context stays the caller's.
     *
     * @return never empty; fails with {@link TokenException.Rejected}, {@link TokenException.Unavailable} or
     *     {@link TokenException.Malformed}, each caller with an instance of its own
     */
    Mono<Token> token();

    /**
     * Returns a token for a call that takes long, such as an upload or the submission of a job: one with less life left is
     * renewed first.
     *
     * <p>As {@link #token()}, with which it shares each request: whoever waits for a token gets the same one. Cold.
     *
     * <p>It asks for more life and does not insist on it. Where the provider's tokens live shorter than that, the newest one
     * comes, with one warning for each source: one that is not due for renewal yet, or came less than ten seconds ago. Where no
     * new one is to be had, since a renewal failed or is paused after a failure, the usable one comes: within half of the
     * life that it has left. {@link Token#expiresAt()} tells what the caller got.
     *
     * @param minimumRemaining how long the token must be good for, by its expiry; zero for any usable one
     * @return never empty; fails as {@link #token()} does, and only when no token is usable
     * @throws IllegalArgumentException if that is negative
     */
    Mono<Token> token(Duration minimumRemaining);

    /**
     * Tells that an API rejected a token, and answers whether it is worth trying again with {@link #token()}.
     *
     * <p>The current token is then renewed, and given up once a new one comes or its renewal is refused. A token that is
     * rejected again right after such a renewal stays for ten seconds: renewing it would not help.
     *
     * @param token the token that was sent; compared by value
     * @return whether a different token is current or on its way
     */
    boolean invalidate(Token token);

    /** {@return a snapshot of what the source knows, without secrets} */
    TokenSourceState state();

    /** {@return where this source gets its tokens; null where nobody knows, as of a fixed one} */
    default @Nullable URI tokenUri() {
        return null;
    }

    /** Ends every pause after failures and opens the credential guard: an operator mended something. */
    void reset();

    /**
     * Ends the source: those who wait and those who ask later get {@link TokenException.Unavailable}. Nothing is left
     * on any scheduler.
     */
    @Override
    void close();

    /**
     * Starts to describe a source.
     *
     * @param transport asks for one token, such as {@code io.monotoken.endpoint.TokenEndpoint}
     * @param grant what to show when there is no refresh token
     * @return a builder with defaults for everything else
     */
    static Builder builder(TokenTransport transport, Grant grant) {
        return new Builder(transport, grant);
    }

    /**
     * Starts to describe a source that needs no grant, such as one of a metadata server.
     *
     * @param transport asks for one token; its requests have the grant type {@code none} and no other field
     * @return a builder with defaults for everything else
     */
    static Builder builder(TokenTransport transport) {
        return new Builder(transport, new NoGrant());
    }

    /**
     * Returns a source that always has the same token, for tests.
     *
     * @param token the token
     * @return a source that asks nobody and never expires; {@link #invalidate} starts nothing
     */
    static TokenSource fixed(Token token) {
        return new FixedTokenSource(token);
    }

    /**
     * Returns a source that always has the same token, for tests.
     *
     * @param value the token; visible ASCII characters
     * @return a source that asks nobody; its token expires in the year 2200, {@link #invalidate} starts nothing
     */
    static TokenSource fixed(String value) {
        return fixed(Token.of(value, List.of(), Instant.EPOCH, FixedTokenSource.FAR_AWAY));
    }

    /** Describes a {@link TokenSource}. Not safe to share between threads. */
    final class Builder {

        private static final Scheduler RESUME = new ReliableScheduler(ResumeScheduler::shared);

        private final TokenTransport transport;
        private final Grant grant;
        private RefreshSettings settings = RefreshSettings.defaults();
        private LockOutSettings lockOut = LockOutSettings.defaults();
        private List<TokenListener> listeners = List.of();
        private @Nullable RefreshTokenStore refreshTokenStore;
        private @Nullable TokenStore tokenStore;
        private @Nullable StoreSettings storeSettings;
        private Scheduler resume = RESUME;
        private SourceClock clock = SourceClock.system();

        private Builder(TokenTransport transport, Grant grant) {
            this.transport = Objects.requireNonNull(transport, "transport");
            this.grant = Objects.requireNonNull(grant, "grant");
        }

        /**
         * When tokens are renewed and how long that may take.
         *
         * @param settings {@link RefreshSettings#defaults()} unless set
         * @return this builder
         */
        public Builder refresh(RefreshSettings settings) {
            this.settings = Objects.requireNonNull(settings, "settings");
            return this;
        }

        /**
         * How often a refused password is sent again.
         *
         * @param lockOut {@link LockOutSettings#defaults()} unless set
         * @return this builder
         */
        public Builder lockOut(LockOutSettings lockOut) {
            this.lockOut = Objects.requireNonNull(lockOut, "lockOut");
            return this;
        }

        /**
         * Adds a listener that is notified of what the source does.
         *
         * @param listener is notified after those that were added before
         * @return this builder
         */
        public Builder listener(TokenListener listener) {
            Objects.requireNonNull(listener, "listener");
            listeners = Stream.concat(listeners.stream(), Stream.of(listener)).toList();
            return this;
        }

        /**
         * Hands every new refresh token to someone who keeps it, so that a restarted process need not log in (see
         * {@link RefreshTokenGrant}). Callers get the access token afterwards, two seconds later at most: a store that
         * takes longer goes on and is not waited for, and one that fails is logged and harms nobody.
         *
         * @param store gets the refresh token and completes when it is kept; nobody unless set
         * @return this builder
         */
        public Builder refreshTokenStore(RefreshTokenStore store) {
            this.refreshTokenStore = Objects.requireNonNull(store, "store");
            return this;
        }

        /**
         * Shares the token with the other instances of the service: they log in once and renew once for all, no refresh token
         * is presented twice by whichever instance, and a refused password counts for all of them. A store that is out of
         * reach costs nothing but the sharing.
         *
         * @param store keeps what they share, encrypted; none unless set
         * @param settings the same keys in all instances
         * @return this builder
         */
        public Builder tokenStore(TokenStore store, StoreSettings settings) {
            this.tokenStore = Objects.requireNonNull(store, "store");
            this.storeSettings = Objects.requireNonNull(settings, "settings");
            return this;
        }

        /**
         * Scheduler on which waiting callers are resumed, so that they do not all share the event loop that read the
         * answer.
         *
         * @param scheduler daemon threads that may block, shared by all sources and none while idle, unless set
         * @return this builder
         */
        public Builder resumeOn(Scheduler scheduler) {
            Objects.requireNonNull(scheduler, "scheduler");
            this.resume = new ReliableScheduler(() -> scheduler);
            return this;
        }

        Builder clock(SourceClock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Checks the description and builds the source. Nothing is sent.
         *
         * @return the source
         * @throws IllegalArgumentException if time-outs or stores contradict each other, or the transport refuses them
         */
        public TokenSource build() {
            if (settings.credentialsTimeout().compareTo(settings.timeout()) > 0) {
                throw new IllegalArgumentException("credentialsTimeout " + settings.credentialsTimeout()
                        + " is longer than the refresh timeout " + settings.timeout()
                        + ", which contains it; shorten the first or lengthen the second");
            }
            if (tokenStore != null && refreshTokenStore != null) {
                throw new IllegalArgumentException("tokenStore and refreshTokenStore contradict each other: a shared"
                        + " refresh token lives in the token store alone; keep one");
            }
            if (storeSettings != null) {
                Duration shortest =
                        settings.timeout().plus(storeSettings.timeout().multipliedBy(2));
                if (storeSettings.lease().compareTo(shortest) < 0) {
                    throw new IllegalArgumentException("lease " + storeSettings.lease()
                            + " is shorter than a renewal may take; it must be at least " + shortest
                            + ", the refresh timeout and twice the store's; lengthen the lease or shorten a timeout");
                }
            }
            if (storeSettings != null && storeSettings.subject() == null && !saysForWhom()) {
                throw new IllegalArgumentException("a shared token store needs to know whose tokens " + grant
                        + " asks for, so that two users never share one; name it with StoreSettings.withSubject");
            }
            transport.validate(grant, settings);
            Fingerprint.prepare();
            return new SharedTokenSource(new SourceSetup(
                    transport,
                    grant,
                    settings,
                    lockOut,
                    keeper(),
                    Listeners.of(listeners),
                    clock,
                    resume,
                    Builder::random));
        }

        private static double random() {
            return ThreadLocalRandom.current().nextDouble();
        }

        private boolean saysForWhom() {
            return grant.isConstant()
                    || grant instanceof PasswordGrant
                    || grant instanceof NoGrant
                    || (grant instanceof RefreshTokenGrant given && given.isFixed());
        }

        private @Nullable TokenKeeper keeper() {
            if (tokenStore != null && storeSettings != null) {
                return new Fleet(
                        tokenStore,
                        storeSettings,
                        settings.timeout(),
                        clock,
                        Builder::random,
                        Listeners.of(listeners),
                        SourceSetup.shown(transport));
            }
            return refreshTokenStore == null ? null : new TokenKeeper.RefreshTokens(refreshTokenStore);
        }
    }
}
