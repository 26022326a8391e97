package io.monotoken.testing;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * A JSON API on a loopback port that accepts the access tokens of a {@link StandInTokenServer}: a stand-in for the Comply One
 * API.
 *
 * <p>Below the {@link #baseUrl()} it has {@code GET /me} (an object that names the token's user), {@code GET /employees} (an
 * array) and {@code POST /echo} (an object with the {@code length} and {@code sha256} of the body that was received). Without
 * a valid token the answer is 401 with the challenge of RFC 6750, for unknown resources too.
 *
 * <p>All methods may be called from any thread; starting and closing block and are not for an event loop's thread.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750#section-3">RFC 6750, section 3</a>
 */
public final class StandInApi implements AutoCloseable {

    private static final String SCHEME = "Bearer ";

    private final IssuedTokens tokens;
    private final Resources resources;
    private final LoopbackServer server;
    private final URI baseUrl;
    private final LongAdder requests = new LongAdder();
    private final LongAdder authorised = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder rejectedExpired = new LongAdder();
    private final AtomicInteger rejectionsToCome = new AtomicInteger();

    private StandInApi(Builder builder) {
        tokens = builder.tokenServer.tokens();
        resources = new Resources(builder.version);
        server = new LoopbackServer(builder, this::answer);
        baseUrl = server.uri(builder.version);
    }

    /**
     * Starts an API with the default settings on a free port.
     *
     * @param tokenServer whose access tokens it accepts
     * @return the running API
     */
    public static StandInApi start(StandInTokenServer tokenServer) {
        return builder(tokenServer).start();
    }

    /**
     * Returns a builder with the default settings.
     *
     * @param tokenServer whose access tokens the API accepts
     * @return the builder
     */
    public static Builder builder(StandInTokenServer tokenServer) {
        return new Builder(tokenServer);
    }

    /** {@return where the resources are, {@code http://127.0.0.1:<port>/v3} unless set otherwise} */
    public URI baseUrl() {
        return baseUrl;
    }

    /** {@return how many requests were received, {@link #authorised()} and {@link #rejected()} together} */
    public long requests() {
        return requests.sum();
    }

    /** {@return how many requests had a valid token and were answered with a resource} */
    public long authorised() {
        return authorised.sum();
    }

    /** {@return how many requests were answered 401, for any reason} */
    public long rejected() {
        return rejected.sum();
    }

    /** {@return how many of the {@link #rejected()} requests had an expired token} */
    public long rejectedExpired() {
        return rejectedExpired.sum();
    }

    /**
     * Rejects the next requests although their tokens are valid, with the challenge for an unknown token.
     *
     * @param requests how many requests with a valid token; zero ends an earlier call's rejections
     */
    public void rejectNext(int requests) {
        if (requests < 0) {
            throw new IllegalArgumentException("requests must not be negative, was " + requests);
        }
        rejectionsToCome.set(requests);
    }

    /**
     * Sets how long answers wait after the token was checked, from the next request on.
     *
     * @param latency zero or more; nanosecond resolution
     */
    public void latency(Duration latency) {
        server.latency(latency);
    }

    /** Stops listening and closes all connections. The token server stays open. A second call does nothing. */
    @Override
    public void close() {
        server.close();
    }

    private Mono<Answer> answer(HttpServerRequest request) {
        requests.increment();
        List<String> authorization = request.requestHeaders().getAll(HttpHeaderNames.AUTHORIZATION);
        if (authorization.size() != 1 || !authorization.get(0).regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return rejection(request, "Bearer");
        }
        IssuedTokens.AccessToken token = tokens.find(authorization.get(0).substring(SCHEME.length()));
        if (token == null) {
            return rejection(request, invalidToken("The access token is unknown"));
        }
        if (tokens.isExpired(token)) {
            rejectedExpired.increment();
            return rejection(request, invalidToken("The access token expired"));
        }
        if (rejectionsToCome.get() > 0 && rejectionsToCome.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return rejection(request, invalidToken("The access token is unknown"));
        }
        authorised.increment();
        return resources.answer(request, token.username());
    }

    /** Reads the body first, because a connection with an unread one is closed after the answer, during the next request. */
    private Mono<Answer> rejection(HttpServerRequest request, String challenge) {
        rejected.increment();
        return request.receive()
                .then(Mono.just(Answer.json(401, "{\"message\":\"Authorization has been denied for this request\"}")
                        .with(HttpHeaderNames.WWW_AUTHENTICATE, challenge)));
    }

    private static String invalidToken(String description) {
        return "Bearer error=\"invalid_token\", error_description=\"" + description + "\"";
    }

    /** What a {@link StandInApi} starts with; everything has a default. */
    public static final class Builder extends ServerBuilder<Builder> {

        private final StandInTokenServer tokenServer;
        private String version = "/v3";

        private Builder(StandInTokenServer tokenServer) {
            this.tokenServer = Objects.requireNonNull(tokenServer, "tokenServer");
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets the path that all resources are below.
         *
         * @param version begins with a slash and does not end with one; {@code /v3} by default
         * @return this
         */
        public Builder version(String version) {
            if (version.endsWith("/")) {
                throw new IllegalArgumentException("version must not end with a slash, was '" + version + "'");
            }
            this.version = checkedPath(version);
            return this;
        }

        /**
         * Starts an API.
         *
         * @return the running API
         */
        public StandInApi start() {
            return new StandInApi(this);
        }
    }
}
