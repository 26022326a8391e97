package io.monotoken;

import io.netty.channel.ChannelOption;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * A provider's token endpoint and the client that speaks to it. Immutable and safe to share; it holds no connection.
 *
 * <p>Every request has its own HTTP/1.1 connection. Redirects are never followed, since a redirected form would carry
 * the password to another host, and answers are read up to 64 KiB.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-3.2">RFC 6749, section 3.2</a>
 */
public final class TokenEndpoint {

    private final URI uri;
    private final ClientAuthentication authentication;
    private final Duration timeout;
    private final HttpClient client;
    private final ResponseReader reader;
    private final Oddities oddities;
    private final TokenExchange exchange;

    private TokenEndpoint(Builder builder, ClientAuthentication authentication) {
        this.uri = builder.uri;
        this.authentication = authentication;
        this.timeout = builder.timeout;
        this.reader = new ResponseReader(builder.bearerTypes);
        HttpClient customized = builder.httpClient.apply(
                HttpClient.create(ConnectionProvider.newConnection()).option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        Math.min(builder.connectTimeout.toMillis(), Integer.MAX_VALUE)));
        // After the customizer, so that nothing in it can send the form twice, elsewhere, or to a log.
        this.client = DiscreetHttp.applyTo(customized, uri)
                .protocol(HttpProtocol.HTTP11)
                .followRedirect(false)
                .httpAuthentication((request, response) -> false, (request, address) -> {})
                .compress(false)
                .disableRetry(true)
                .wiretap(false);
        this.oddities = new Oddities(uri, authentication.clientId(), builder.longest);
        oddities.ofField("client_id", authentication.clientId());
        oddities.ofField("client_secret", authentication.secret());
        this.exchange = newExchange(SourceClock.system());
    }

    /**
     * Starts to describe an endpoint.
     *
     * @param uri {@code https}; or {@code http} for a loopback address; without user info and fragment
     * @return a builder with defaults for everything but the client's authentication
     */
    public static Builder builder(URI uri) {
        return new Builder(uri);
    }

    /** {@return the endpoint's address} */
    public URI uri() {
        return uri;
    }

    /** {@return the client's id} */
    public String clientId() {
        return authentication.clientId();
    }

    Duration timeout() {
        return timeout;
    }

    Oddities oddities() {
        return oddities;
    }

    /** {@return the sending half, which stamps requests with the given clock and bounds them with its timer} */
    TokenExchange exchange(SourceClock clock) {
        return clock == SourceClock.system() ? exchange : newExchange(clock);
    }

    private TokenExchange newExchange(SourceClock clock) {
        return new HttpTokenExchange(client, uri, authentication, timeout, reader, oddities, clock);
    }

    @Override
    public String toString() {
        return "TokenEndpoint[uri=" + withoutQuery(uri) + ", authentication=" + authentication + ", timeout=" + timeout
                + "]";
    }

    /** {@return the URI as it may be shown: a query may hold an API key} */
    static String withoutQuery(URI uri) {
        String shown = uri.toString();
        int query = shown.indexOf('?');
        return query < 0 ? shown : shown.substring(0, query);
    }

    /** Describes a {@link TokenEndpoint}. Not safe to share between threads. */
    public static final class Builder {

        private final URI uri;
        private @Nullable ClientAuthentication authentication;
        private Duration timeout = Duration.ofSeconds(5);
        private Duration connectTimeout = Duration.ofSeconds(2);
        private UnaryOperator<HttpClient> httpClient = UnaryOperator.identity();
        private Set<String> bearerTypes = Set.of();
        private Map<String, Integer> longest = Map.of();
        private boolean plainHttp;

        private Builder(URI uri) {
            this.uri = Objects.requireNonNull(uri, "uri");
        }

        /**
         * How the client proves who it is. Required.
         *
         * @param authentication one way
         * @return this builder
         */
        public Builder clientAuthentication(ClientAuthentication authentication) {
            this.authentication = Objects.requireNonNull(authentication, "authentication");
            return this;
        }

        /**
         * How long one exchange may take from connecting to the last byte of the answer.
         *
         * @param timeout greater than zero; millisecond resolution; 5 s unless set
         * @return this builder
         */
        public Builder timeout(Duration timeout) {
            this.timeout = RefreshSettings.positive("timeout", timeout, "PT5S");
            return this;
        }

        /**
         * How long connecting may take, within {@link #timeout}.
         *
         * @param connectTimeout greater than zero; millisecond resolution; 2 s unless set
         * @return this builder
         */
        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeout = RefreshSettings.positive("connectTimeout", connectTimeout, "PT2S");
            return this;
        }

        /**
         * Changes the HTTP client: a proxy, TLS, loops of its own. Connections stay unpooled unless it brings a pool;
         * redirects, decompression, repeats and wiretap stay off whatever it says.
         *
         * @param customizer gets the prepared client and returns the one to use
         * @return this builder
         */
        public Builder httpClient(UnaryOperator<HttpClient> customizer) {
            this.httpClient = Objects.requireNonNull(customizer, "customizer");
            return this;
        }

        /**
         * Accepts other names for {@code Bearer} in {@code token_type}, such as Apigee's {@code BearerToken}.
         *
         * @param types the names; case does not matter; none unless set
         * @return this builder
         */
        public Builder bearerTypes(Collection<String> types) {
            this.bearerTypes =
                    types.stream().map(type -> type.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
            return this;
        }

        /**
         * Allows {@code http} to any host. Whoever can read the network then reads the password; loopback addresses
         * need no permission.
         *
         * @return this builder
         */
        public Builder allowPlainHttp() {
            this.plainHttp = true;
            return this;
        }

        /** Warns of longer values than the server takes: field names with their numbers of characters. */
        Builder longest(Map<String, Integer> longest) {
            this.longest = longest;
            return this;
        }

        /**
         * Checks the description and builds the endpoint. Nothing is sent.
         *
         * @return the endpoint
         * @throws IllegalArgumentException if the URI is not one to send a password to, or time-outs contradict each
         *     other
         * @throws IllegalStateException if the client's authentication is missing
         */
        public TokenEndpoint build() {
            if (authentication == null) {
                throw new IllegalStateException(
                        "clientAuthentication is missing; use ClientAuthentication.none(clientId) for a public client");
            }
            if (connectTimeout.compareTo(timeout) > 0) {
                throw new IllegalArgumentException("connectTimeout " + connectTimeout + " is longer than timeout "
                        + timeout + ", which contains it; shorten the first or lengthen the second");
            }
            checkUri();
            return new TokenEndpoint(this, authentication);
        }

        private void checkUri() {
            String shown = withoutQuery(uri);
            // Where Java finds no host it finds no user info either, though the text may well have one.
            boolean userInfo = uri.getHost() == null ? shown.contains("@") : uri.getRawUserInfo() != null;
            if (userInfo || uri.getRawFragment() != null) {
                throw new IllegalArgumentException(
                        "the token URI must not have user info or a fragment; give the client's id and secret through"
                                + " clientAuthentication");
            }
            if (uri.getHost() == null) {
                throw new IllegalArgumentException("the token URI must be absolute and name a host, was " + shown);
            }
            boolean https = "https".equalsIgnoreCase(uri.getScheme());
            boolean http = "http".equalsIgnoreCase(uri.getScheme());
            if (!https && !(http && (plainHttp || isLoopback(uri.getHost())))) {
                throw new IllegalArgumentException("the token URI must use https, was " + shown
                        + "; plain http is for loopback addresses, or for any host after allowPlainHttp()");
            }
        }

        private static boolean isLoopback(String host) {
            if (host.equalsIgnoreCase("localhost") || host.equals("[::1]")) {
                return true;
            }
            return host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
        }
    }
}
