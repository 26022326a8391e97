package io.monotoken.spring.client;

import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenSource;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/**
 * Puts a client's token on requests to its own origins, and heals one 401 by asking for another token. Immutable and
 * safe to share.
 *
 * <p>A request to any other origin fails with an {@link IllegalArgumentException}; nothing is sent. A request for which
 * there is no token fails with the {@link TokenException}.
 *
 * <p>On 401 the request is sent a second time if the answer asks for another token (it has no Bearer challenge, or one
 * with {@code error="invalid_token"}), the body can be sent again and {@link TokenSource#invalidate} says that another
 * token is to be had; the second answer is final. A body can be sent again when it is a value in memory; set
 * {@link #REPLAYABLE} for others. An answer already being read is left alone when its token expires.
 *
 * <p>Add it last, so that it is the innermost filter and no other sees the token. The HTTP client must not follow
 * redirects by itself, or {@link Builder#retryOnUnauthorized} must be off: a 401 might then come from elsewhere.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750">RFC 6750</a>
 */
public final class BearerTokenFilter implements ExchangeFilterFunction {

    /**
     * Request attribute, a {@link Boolean}: whether the body may be sent a second time. It overrules what the filter
     * finds out by itself.
     */
    public static final String REPLAYABLE = "io.monotoken.replayable";

    /**
     * Request attribute, a {@link String}: the name of the client whose token is meant. A filter of another client
     * refuses the request; in a Spring Boot application {@code MonotokenClients.filter()} chooses by it. Dashes and case do
     * not matter.
     */
    public static final String CLIENT = "io.monotoken.client";

    private final String client;
    private final TokenSource tokens;
    private final List<Origin> origins;
    private final boolean retries;
    private final boolean keepsAuthorization;

    private BearerTokenFilter(Builder builder, Set<Origin> origins) {
        this.client = builder.client;
        this.tokens = builder.tokens;
        this.origins = List.copyOf(origins);
        this.retries = builder.retries;
        this.keepsAuthorization = builder.keepsAuthorization;
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
        Builder copy = new Builder(client, tokens);
        copy.origins.addAll(origins);
        copy.retries = retries;
        copy.keepsAuthorization = keepsAuthorization;
        return copy.originOf(url).build();
    }

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        String refusal = refusal(request);
        if (refusal != null) {
            return Mono.error(new IllegalArgumentException(refusal));
        }
        if (keepsAuthorization && request.headers().containsHeader(HttpHeaders.AUTHORIZATION)) {
            return next.exchange(request);
        }
        return tokens.token()
                .flatMap(token -> retries
                        ? exchangeAndHeal(request, token, next)
                        : next.exchange(new AuthorizedRequest(request, token.authorization())));
    }

    private Mono<ClientResponse> exchangeAndHeal(ClientRequest request, Token token, ExchangeFunction next) {
        boolean empty = request.body() == BodyInserters.empty();
        ReplayableBody body = empty ? null : new ReplayableBody(request.body());
        ClientRequest first =
                body == null ? request : ClientRequest.from(request).body(body).build();
        return next.exchange(new AuthorizedRequest(first, token.authorization()))
                .flatMap(response -> response.statusCode().value() == HttpStatus.UNAUTHORIZED.value()
                                && isWorthAnotherTry(request, body, response, token)
                        ? exchangeAgain(request, response, next)
                        : Mono.just(response));
    }

    private boolean isWorthAnotherTry(
            ClientRequest request, @Nullable ReplayableBody body, ClientResponse response, Token token) {
        return BearerChallenge.asksForAnotherToken(response.headers().header(HttpHeaders.WWW_AUTHENTICATE))
                && isReplayable(request, body)
                && tokens.invalidate(token);
    }

    private static boolean isReplayable(ClientRequest request, @Nullable ReplayableBody body) {
        return request.attributes().get(REPLAYABLE) instanceof Boolean told
                ? told
                : body == null || body.isReplayable();
    }

    private Mono<ClientResponse> exchangeAgain(ClientRequest request, ClientResponse response, ExchangeFunction next) {
        return response.releaseBody()
                .onErrorComplete() // its connection broke: gone as well
                .then(Mono.defer(tokens::token))
                .flatMap(token -> next.exchange(new AuthorizedRequest(request, token.authorization())));
    }

    private @Nullable String refusal(ClientRequest request) {
        Object meant = request.attributes().get(CLIENT);
        if (meant != null && !isSameClient(meant.toString(), client)) {
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
        for (Origin origin : origins) {
            if (origin.covers(request.url())) {
                return null;
            }
        }
        return "the token of client '" + client + "' may go to " + origins + ", not to " + Origin.of(request.url())
                + "; if that may see the token, add it to the client's allowed-origins";
    }

    private static boolean isSameClient(String name, String other) {
        return name.replace("-", "").equalsIgnoreCase(other.replace("-", ""));
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
        private boolean retries = true;
        private boolean keepsAuthorization;

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
         * Whether a 401 is answered with another token.
         *
         * @param retries true unless set
         * @return this builder
         */
        public Builder retryOnUnauthorized(boolean retries) {
            this.retries = retries;
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

        /** {@return the filter} */
        public BearerTokenFilter build() {
            return new BearerTokenFilter(this, origins);
        }
    }
}
