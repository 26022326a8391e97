package io.monotoken.testing;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * A JSON API on a loopback port that accepts the access tokens of a {@link StandInTokenServer}: a stand-in for any API.
 *
 * <pre>{@code
 * StandInApi api = StandInApi.start(tokenServer)
 *         .answer("/orders", "[{\"id\":1}]")
 *         .reject("/admin", "{}", "Bearer error=\"insufficient_scope\"");
 * }</pre>
 *
 * <p>Paths are those below the {@link #baseUrl()}, as they are sent, without the query; one that ends with {@code /**} is every
 * path below, unless that has an answer of its own. All methods of HTTP get the same answer. Without a valid token it is 401
 * with the challenge of RFC 6750, whether there is such a resource or not.
 *
 * <p>All methods may be called from any thread and count from the next request on; starting and closing block and are not for
 * an event loop's thread.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750#section-3">RFC 6750, section 3</a>
 */
public final class StandInApi implements AutoCloseable {

    private static final String SCHEME = "Bearer ";
    private static final String BELOW = "/**";
    private static final String DENIED = "{\"message\":\"Authorization has been denied for this request\"}";
    private static final Answer NO_RESOURCE = Answer.json(404, "{\"message\":\"There is no such resource\"}");

    private final StandInTokenServer tokenServer;
    private final LoopbackServer server;
    private final String path;
    private final boolean isComplyOne;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final LongAdder requests = new LongAdder();
    private final LongAdder authorised = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder rejectedExpired = new LongAdder();
    private final AtomicInteger rejectionsToCome = new AtomicInteger();
    private volatile @Nullable List<String> challenges;

    private StandInApi(Builder builder) {
        tokenServer = builder.tokenServer;
        path = builder.path;
        isComplyOne = builder.isComplyOne;
        server = new LoopbackServer(builder, this::answer);
    }

    /**
     * Starts an API without a resource on a free port.
     *
     * @param tokenServer whose access tokens it accepts
     * @return the running API
     */
    public static StandInApi start(StandInTokenServer tokenServer) {
        return builder(tokenServer).start();
    }

    /**
     * Returns a builder for an API without a resource.
     *
     * @param tokenServer whose access tokens the API accepts
     * @return the builder
     */
    public static Builder builder(StandInTokenServer tokenServer) {
        return new Builder(tokenServer, "", false);
    }

    /**
     * Returns a builder for a stand-in for the Comply One API: below the path {@code /v3} it has {@code GET /me} (an object that
     * names the token's user), {@code GET /employees} (an array) and {@code POST /echo} (an object with the {@code length} and
     * {@code sha256} of the body that was received).
     *
     * @param tokenServer whose access tokens the API accepts, such as one of {@link StandInTokenServer#stemsAccounts()}
     * @return the builder
     */
    public static Builder complyOne(StandInTokenServer tokenServer) {
        return new Builder(tokenServer, "/v3", true);
    }

    /** {@return where the resources are, such as {@code http://127.0.0.1:<port>}} */
    public URI baseUrl() {
        return server.uri(path);
    }

    /** {@return the token server whose tokens it accepts} */
    public StandInTokenServer tokenServer() {
        return tokenServer;
    }

    /**
     * Sets the answer to requests that have a valid token, with status 200.
     *
     * @param path begins with a slash; {@code /**} at its end is every path below
     * @param json the body
     * @return this
     */
    public StandInApi answer(String path, String json) {
        return answer(path, 200, json);
    }

    /**
     * Sets the answer to requests that have a valid token.
     *
     * @param path begins with a slash; {@code /**} at its end is every path below
     * @param status from 200 to 599, but not 401, for which there is {@link #reject}
     * @param json the body; not sent with 204 and 304
     * @return this
     */
    public StandInApi answer(String path, int status, String json) {
        if (status < 200 || status > 599 || status == 401) {
            throw new IllegalArgumentException(
                    "status must be from 200 to 599, and for 401 there is reject(...), was " + status);
        }
        answers.put(ServerBuilder.checkedPath(path), Answer.json(status, Objects.requireNonNull(json, "json")));
        return this;
    }

    /**
     * Answers 401 to requests at a path, whatever their token.
     *
     * @param path begins with a slash; {@code /**} at its end is every path below
     * @param json the body
     * @param challenges the lines of {@code WWW-Authenticate}, each as it is sent; without any there is no such header
     * @return this
     */
    public StandInApi reject(String path, String json, String... challenges) {
        answers.put(
                ServerBuilder.checkedPath(path),
                rejection(Objects.requireNonNull(json, "json"), checkedChallenges(challenges)));
        return this;
    }

    /**
     * Sets the challenges for tokens that are missing, unknown, expired or rejected by {@link #rejectNext}.
     *
     * @param challenges the lines of {@code WWW-Authenticate}, each as it is sent, such as {@code Bearer
     *     error="expired_token"}; without any there is no such header
     * @return this
     */
    public StandInApi challenges(String... challenges) {
        this.challenges = checkedChallenges(challenges);
        return this;
    }

    private static List<String> checkedChallenges(String... challenges) {
        List<String> lines = List.of(challenges);
        new DefaultHttpHeaders().set(HttpHeaderNames.WWW_AUTHENTICATE, lines); // refuses line breaks
        return lines;
    }

    /** {@return how many requests were received, {@link #authorised()} and {@link #rejected()} together} */
    public long requests() {
        return requests.sum();
    }

    /** {@return how many requests had a valid token and were not answered 401} */
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
        String below = below(request.fullPath());
        Answer set = below == null ? null : setFor(below);
        if (set != null && set.status() == 401) {
            return rejected(request, set);
        }
        List<String> authorization = request.requestHeaders().getAll(HttpHeaderNames.AUTHORIZATION);
        if (authorization.size() != 1 || !authorization.get(0).regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return rejected(request, rejection("Bearer"));
        }
        IssuedTokens tokens = tokenServer.tokens();
        IssuedTokens.AccessToken token = tokens.find(authorization.get(0).substring(SCHEME.length()));
        if (token == null) {
            return rejected(request, rejection(invalidToken("The access token is unknown")));
        }
        if (tokens.isExpired(token)) {
            rejectedExpired.increment();
            return rejected(request, rejection(invalidToken("The access token expired")));
        }
        if (rejectionsToCome.get() > 0 && rejectionsToCome.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return rejected(request, rejection(invalidToken("The access token is unknown")));
        }
        authorised.increment();
        Mono<Answer> resource = set == null && isComplyOne && below != null
                ? ComplyOneResources.answer(request, below, token.subject())
                : null;
        return resource == null ? afterBody(request, set == null ? NO_RESOURCE : set) : resource;
    }

    /** Returns the path below the base URL, or null when it is another one. */
    private @Nullable String below(String requested) {
        return requested.startsWith(path + "/") ? requested.substring(path.length()) : null;
    }

    private @Nullable Answer setFor(String below) {
        Answer set = answers.get(below);
        String above = below;
        while (set == null && !above.isEmpty()) {
            set = answers.get(above + BELOW);
            above = above.substring(0, above.lastIndexOf('/'));
        }
        return set == null ? answers.get(BELOW) : set;
    }

    private Mono<Answer> rejected(HttpServerRequest request, Answer rejection) {
        rejected.increment();
        return afterBody(request, rejection);
    }

    /** Reads the body first, because a connection with an unread one is closed after the answer, during the next request. */
    private static Mono<Answer> afterBody(HttpServerRequest request, Answer answer) {
        return request.receive().then(Mono.just(answer));
    }

    private Answer rejection(String challenge) {
        List<String> set = challenges;
        return rejection(DENIED, set == null ? List.of(challenge) : set);
    }

    private static Answer rejection(String json, List<String> challenges) {
        return Answer.json(401, json).with(HttpHeaderNames.WWW_AUTHENTICATE, challenges);
    }

    private static String invalidToken(String description) {
        return "Bearer error=\"invalid_token\", error_description=\"" + description + "\"";
    }

    /** What a {@link StandInApi} starts with; everything has a default. */
    public static final class Builder extends ServerBuilder<Builder> {

        private final StandInTokenServer tokenServer;
        private final boolean isComplyOne;
        private String path;

        private Builder(StandInTokenServer tokenServer, String path, boolean isComplyOne) {
            this.tokenServer = Objects.requireNonNull(tokenServer, "tokenServer");
            this.path = path;
            this.isComplyOne = isComplyOne;
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets the path of the base URL, such as {@code /v4}.
         *
         * @param path begins with a slash and does not end with one; none by default, {@code /v3} for Comply One
         * @return this
         */
        public Builder path(String path) {
            if (path.endsWith("/")) {
                throw new IllegalArgumentException("path must not end with a slash, was '" + path + "'");
            }
            this.path = checkedPath(path);
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
