package io.monotoken;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * One access token that a whole service shares: fetched when first needed, renewed ahead of expiry, logged in for again
 * when its refresh token has ended.
 *
 * <pre>{@code
 * TokenEndpoint stems = StemsAccounts.endpoint()
 *         .clientAuthentication(ClientAuthentication.post("api-client", secret))
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
     * token is usable it comes at once, also when its renewal is under way or failing. Otherwise all callers share one
     * request; cancelling one leaves it alone. No caller waits longer than {@link RefreshSettings#timeout()}.
     *
     * <p>Threads: a usable token comes on the subscribing thread, one that was waited for on
     * {@link Builder#resumeOn(Scheduler)}. The caller's Reactor context stays the caller's.
     *
     * @return never empty; fails with {@link TokenException.Rejected}, {@link TokenException.Unavailable} or
     *     {@link TokenException.Malformed}, each caller with an instance of its own
     */
    Mono<Token> token();

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
     * @param endpoint where to ask
     * @param grant what to show when there is no refresh token
     * @return a builder with defaults for everything else
     */
    static Builder builder(TokenEndpoint endpoint, Grant grant) {
        return new Builder(endpoint, grant);
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
     * @return a source that asks nobody and never expires; {@link #invalidate} starts nothing
     */
    static TokenSource fixed(String value) {
        return fixed(Token.of(value, List.of(), Instant.EPOCH, Instant.MAX));
    }

    /** Describes a {@link TokenSource}. Not safe to share between threads. */
    final class Builder {

        private static final Scheduler PARALLEL = new ReliableScheduler(Schedulers::parallel);

        private final TokenEndpoint endpoint;
        private final Grant grant;
        private RefreshSettings settings = RefreshSettings.defaults();
        private List<TokenListener> listeners = List.of();
        private @Nullable Function<String, Mono<Void>> refreshTokenStore;
        private Scheduler resume = PARALLEL;
        private SourceClock clock = SourceClock.system();

        private Builder(TokenEndpoint endpoint, Grant grant) {
            this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
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
         * Adds someone who hears what the source does.
         *
         * @param listener hears it after those that were added before
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
         * <p>Threads: called on a Reactor Netty event loop, so it must not block.
         *
         * @param store gets the refresh token and returns when it is kept; nobody unless set
         * @return this builder
         */
        public Builder refreshTokenStore(Function<String, Mono<Void>> store) {
            this.refreshTokenStore = Objects.requireNonNull(store, "store");
            return this;
        }

        /**
         * Where callers go on that had to wait for a token. On the event loop that read the answer they would all open
         * their connections on that one loop.
         *
         * @param scheduler {@link Schedulers#parallel()} unless set
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
         * @throws IllegalArgumentException if time-outs contradict each other
         */
        public TokenSource build() {
            requireWithin("the endpoint's timeout", endpoint.timeout());
            requireWithin("credentialsTimeout", settings.credentialsTimeout());
            endpoint.oddities().ofConstant(grant);
            return new SharedTokenSource(new SourceSetup(
                    endpoint.exchange(clock),
                    grant,
                    settings,
                    refreshTokenStore,
                    listeners,
                    clock,
                    resume,
                    () -> ThreadLocalRandom.current().nextDouble()));
        }

        private void requireWithin(String name, Duration part) {
            if (part.compareTo(settings.timeout()) > 0) {
                throw new IllegalArgumentException(name + " " + part + " is longer than the refresh timeout "
                        + settings.timeout() + ", which contains it; shorten the first or lengthen the second");
            }
        }
    }
}
