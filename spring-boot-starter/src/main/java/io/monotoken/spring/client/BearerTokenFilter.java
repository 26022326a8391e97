package io.monotoken.spring.client;

import io.monotoken.TokenException;
import io.monotoken.TokenSource;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Puts a client's token on requests to its own origins, and heals one 401 of a request. Safe to share.
 *
 * <p>A request to any other origin fails with an {@link IllegalArgumentException}; nothing is sent. A request for which
 * there is no token fails with the {@link TokenException}.
 *
 * <p>On 401 the token is invalidated, unless a Bearer challenge says {@code insufficient_scope} or {@code invalid_request}.
 * The request is sent a second time if its body can be sent again and {@link TokenSource#invalidate} says that another token
 * is to be had; or with the same token, if its origin accepted it in the last minute, as where one node of many rejects good
 * tokens, for a tenth of an origin's requests or one a second. The second answer is final. A body can be sent again when it
 * is a value in memory; set {@link #REPLAYABLE} for others. {@link Builder#unauthorizedStatuses} are treated as a 401. An answer already being read is left alone when its token
 * expires.
 *
 * <p>A redirect goes to the caller, with one warning for each filter; {@link Builder#followRedirects} changes that.
 *
 * <p>Add it last, so that it is the innermost filter. The token is on the wire only: no exception, log or answer has it. The
 * HTTP client must not follow redirects by itself, which would carry the token anywhere.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750">RFC 6750</a>
 */
public final class BearerTokenFilter implements ExchangeFilterFunction {

    /**
     * Request attribute, a {@link Boolean}: whether the request may be sent a second time, after a 401 or a redirect. It
     * overrules what the filter finds out by itself.
     */
    public static final String REPLAYABLE = "io.monotoken.replayable";

    /**
     * Request attribute, a {@link String}: the name of the client whose token is meant. A filter of another client
     * refuses the request; in a Spring Boot application {@code MonotokenClients.filter()} chooses by it. Dashes and case do
     * not matter.
     */
    public static final String CLIENT = "io.monotoken.client";

    /**
     * Request attribute, a {@link java.net.URI}: the address that the caller wrote, where filters before this one rewrite it,
     * as load balancers do. Its origin is checked in place of the rewritten one if these differ in host and port only, or
     * go from {@code http} to {@code https}. Beside a load balancer either set it before that rewrites, as the ready
     * {@code WebClient} does, or add this filter before it.
     */
    public static final String ADDRESS = "io.monotoken.address";

    /**
     * Request attribute, a {@link Duration}: how much of its life the token must have left, for a request that takes long. It
     * overrules {@link Builder#minimumRemainingLife}.
     */
    public static final String MINIMUM_REMAINING_LIFE = "io.monotoken.minimumRemainingLife";

    private final String client;
    private final List<AllowedOrigin> origins;
    private final boolean keepsAuthorization;
    private final AuthorizedExchange.Setup setup;

    private BearerTokenFilter(Builder builder, List<AllowedOrigin> origins) {
        this.client = builder.client;
        this.origins = origins;
        this.keepsAuthorization = builder.keepsAuthorization;
        this.setup = new AuthorizedExchange.Setup(
                builder.tokens,
                builder.minimumRemainingLife,
                builder.unauthorized,
                builder.retries,
                new Redirects(builder.client, origins, builder.followsRedirects),
                builder.nanos,
                builder.timer);
    }

    /**
     * Starts to describe a filter.
     *
     * @param client the client's name, for messages and {@link #CLIENT}
     * @param tokens where tokens come from
     * @return a builder that allows no origin yet
     */
    public static Builder builder(String client, TokenSource tokens) {
        return new Builder(client, tokens);
    }

    /**
     * Allows one more origin.
     *
     * @param url an address of that origin; its path does not matter
     * @return a copy
     * @throws IllegalArgumentException if no token may be sent there
     */
    public BearerTokenFilter withOriginOf(URI url) {
        Builder copy = new Builder(client, setup.tokens());
        copy.known.addAll(origins);
        copy.minimumRemainingLife = setup.minimumRemainingLife();
        copy.unauthorized = setup.unauthorized();
        copy.retries = setup.retries();
        copy.followsRedirects = setup.redirects().follows();
        copy.keepsAuthorization = keepsAuthorization;
        return copy.time(setup.nanos(), setup.timer()).originOf(url).build();
    }

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        AllowedOrigin origin = allowed(request);
        if (origin == null) {
            return Mono.error(new IllegalArgumentException(refusal(request)));
        }
        boolean own = keepsAuthorization && request.headers().containsHeader(HttpHeaders.AUTHORIZATION);
        return new AuthorizedExchange(setup, request, origin, next, own, 0).answer();
    }

    private @Nullable AllowedOrigin allowed(ClientRequest request) {
        if (!isMeant(request.attributes().get(CLIENT)) || Origin.flaw(request.url()) != null) {
            return null;
        }
        AllowedOrigin origin = covering(request.url());
        return origin == null
                        && request.attributes().get(ADDRESS) instanceof URI written
                        && Origin.isRewritten(written, request.url())
                ? covering(written)
                : origin;
    }

    private @Nullable AllowedOrigin covering(URI url) {
        for (AllowedOrigin origin : origins) {
            if (origin.covers(url)) {
                return origin;
            }
        }
        return null;
    }

    private boolean isMeant(@Nullable Object meant) {
        return meant == null || isSameClient(meant.toString(), client);
    }

    private String refusal(ClientRequest request) {
        Object meant = request.attributes().get(CLIENT);
        if (!isMeant(meant)) {
            return "the request asks for the token of client '" + meant + "', this filter has that of '" + client
                    + "'; use a WebClient with MonotokenClients.filter() to choose for each request";
        }
        if (origins.isEmpty()) {
            return "the token of client '" + client + "' may go nowhere yet; set the client's base-url";
        }
        String flaw = Origin.flaw(request.url());
        if (flaw != null) {
            return flaw;
        }
        return "the token of client '" + client + "' may go to " + origins + ", not to " + Origin.of(request.url())
                + "; if that may see the token, add it to the client's allowed-origins";
    }

    private static boolean isSameClient(String name, String other) {
        String sign = "[^\\p{L}\\p{N}]";
        return name.replaceAll(sign, "").equalsIgnoreCase(other.replaceAll(sign, ""));
    }

    /** {@return the origins to which the token may go, each with its scheme and host, and its port unless it is the usual} */
    public List<URI> origins() {
        return origins.stream().map(origin -> URI.create(origin.toString())).toList();
    }

    @Override
    public String toString() {
        return "BearerTokenFilter[client=" + client + ", origins=" + origins + "]";
    }

    /** Describes a {@link BearerTokenFilter}. Not safe to share between threads. */
    public static final class Builder {

        private final String client;
        private final TokenSource tokens;
        private final Set<Origin> origins = new LinkedHashSet<>();
        private final List<AllowedOrigin> known = new ArrayList<>(); // by the filter that this one is a copy of
        private Duration minimumRemainingLife = Duration.ZERO;
        private UnauthorizedStatuses unauthorized = UnauthorizedStatuses.usual();
        private boolean retries = true;
        private boolean followsRedirects;
        private boolean keepsAuthorization;
        private LongSupplier nanos = System::nanoTime;
        private Supplier<Scheduler> timer = Schedulers::parallel; // looked up each time: one may be disposed

        private Builder(String client, TokenSource tokens) {
            this.client = Objects.requireNonNull(client, "client");
            this.tokens = Objects.requireNonNull(tokens, "tokens");
        }

        /**
         * Allows the origin of an address.
         *
         * @param url {@code https} or {@code http}, without user info; its path does not matter
         * @return this builder
         * @throws IllegalArgumentException if no token may be sent there
         */
        public Builder originOf(URI url) {
            origins.add(Origin.of(url));
            return this;
        }

        /**
         * How much of its life the token of a request must have left, for requests that take long; one with less is renewed
         * first (see {@link TokenSource#token(Duration)}). {@link #MINIMUM_REMAINING_LIFE} changes it for one request.
         *
         * @param life zero unless set: any usable token will do
         * @return this builder
         * @throws IllegalArgumentException if that is negative
         */
        public Builder minimumRemainingLife(Duration life) {
            if (life.isNegative()) {
                throw new IllegalArgumentException(
                        "minimumRemainingLife must not be negative, was " + life + "; zero is for any usable token");
            }
            this.minimumRemainingLife = life;
            return this;
        }

        /**
         * Which statuses beside 401 say that the token is no longer good, at an API that does not answer with 401 then. The
         * same rules hold for them.
         *
         * @param statuses such as 403, 419 or 498; none unless set
         * @return this builder
         * @throws IllegalArgumentException if one of them never says so: below 400 or above 499, 407 and 429
         */
        public Builder unauthorizedStatuses(Collection<Integer> statuses) {
            this.unauthorized = UnauthorizedStatuses.with(statuses);
            return this;
        }

        /**
         * Whether a request that was answered with 401 is sent once more. The token is invalidated in any case.
         *
         * @param retries true unless set
         * @return this builder
         */
        public Builder retryOnUnauthorized(boolean retries) {
            this.retries = retries;
            return this;
        }

        /**
         * Whether the filter follows redirects: five in a row at most, to its own origins only and never from https to http,
         * with the token of the moment. A body is sent again after 307 and 308 only, and only if it can be. Any other
         * redirect goes to the caller.
         *
         * @param follows false unless set: callers get all redirects
         * @return this builder
         */
        public Builder followRedirects(boolean follows) {
            this.followsRedirects = follows;
            return this;
        }

        /**
         * Whether a request that has an {@code Authorization} header already keeps it and gets no token.
         *
         * @param keeps false unless set: the token replaces it
         * @return this builder
         */
        public Builder keepAuthorization(boolean keeps) {
            this.keepsAuthorization = keeps;
            return this;
        }

        /** What tests measure time with. */
        Builder time(LongSupplier nanos, Supplier<Scheduler> timer) {
            this.nanos = nanos;
            this.timer = timer;
            return this;
        }

        /** {@return the filter} */
        public BearerTokenFilter build() {
            List<AllowedOrigin> allowed = new ArrayList<>(known);
            for (Origin origin : origins) {
                if (known.stream().noneMatch(one -> one.origin().equals(origin))) {
                    allowed.add(new AllowedOrigin(origin, nanos.getAsLong()));
                }
            }
            return new BearerTokenFilter(this, List.copyOf(allowed));
        }
    }
}
