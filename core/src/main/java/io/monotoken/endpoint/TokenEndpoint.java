package io.monotoken.endpoint;

import io.monotoken.DoubtfulText;
import io.monotoken.Grant;
import io.monotoken.RefreshSettings;
import io.monotoken.TokenAnswer;
import io.monotoken.TokenRequest;
import io.monotoken.TokenTransport;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * A provider's token endpoint and the client that speaks to it. Immutable and safe to share; it holds no connection.
 *
 * <p>Every request has its own connection, by HTTP/1.1 unless {@link Builder#httpClient} asks for HTTP/2. Redirects are never followed, since a redirected form would carry
 * the password to another host, and answers are read up to 64 KiB.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-3.2">RFC 6749, section 3.2</a>
 */
public final class TokenEndpoint implements TokenTransport {

    /** How many seconds one exchange may take unless set: {@value}. */
    public static final int DEFAULT_TIMEOUT_SECONDS = 5;

    /** How many seconds connecting may take unless set: {@value}. */
    public static final int DEFAULT_CONNECT_TIMEOUT_SECONDS = 2;

    private static final UnaryOperator<HttpClient> AS_IT_IS = UnaryOperator.identity();
    private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(DEFAULT_CONNECT_TIMEOUT_SECONDS);

    /** Most endpoints have nothing of their own to say of their client, so they share one. */
    private static final HttpClient ORDINARY = client(new Builder(URI.create("https://localhost")));

    private final URI uri;
    private final ClientAuthentication authentication;
    private final Duration timeout;
    private final ProviderWarnings warnings;
    private final HttpTokenTransport transport;

    private TokenEndpoint(Builder builder, ClientAuthentication authentication) {
        this.uri = builder.uri;
        this.authentication = authentication;
        this.timeout = builder.timeout;
        ResponseReader reader = new ResponseReader(builder.bearerTypes);
        HttpClient client = builder.isOrdinary() ? ORDINARY : client(builder);
        this.warnings = new ProviderWarnings(uri, authentication.clientId(), builder.longest, builder.known);
        warnings.ofField("client_id", authentication.clientId());
        warnings.ofField("client_secret", authentication.secret());
        warnings.ofText("client id", authentication.clientId());
        warnings.ofText("client secret", authentication.secret());
        this.transport = new HttpTokenTransport(
                client, uri, authentication, reader, warnings, builder.wallClock, builder.connectionVersion);
    }

    private static HttpClient client(Builder builder) {
        return CustomizedClient.of(builder.uri, builder.connectTimeout, builder.httpClient);
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
    @Override
    public URI uri() {
        return uri;
    }

    /** {@return the client's id} */
    @Override
    public String clientId() {
        return authentication.clientId();
    }

    @Override
    public String name() {
        return ShownUri.of(uri);
    }

    @Override
    public Mono<TokenAnswer> send(TokenRequest request) {
        return transport.send(request, timeout);
    }

    @Override
    public Mono<TokenAnswer> send(TokenRequest request, Duration within) {
        return transport.send(request, within.compareTo(timeout) < 0 ? within : timeout);
    }

    @Override
    public void validate(Grant grant, RefreshSettings refresh) {
        if (timeout.compareTo(refresh.timeout()) > 0) {
            throw new IllegalArgumentException(
                    "the endpoint's timeout " + timeout + " is longer than the refresh timeout " + refresh.timeout()
                            + ", which contains it; shorten the first or lengthen the second");
        }
        warnings.ofConstant(grant);
    }

    @Override
    public String toString() {
        return "TokenEndpoint[uri=" + name() + ", authentication=" + authentication + ", timeout=" + timeout + "]";
    }

    /** Describes a {@link TokenEndpoint}. Not safe to share between threads. */
    public static final class Builder {

        private final URI uri;
        private @Nullable ClientAuthentication authentication;
        private Duration timeout = Duration.ofSeconds(DEFAULT_TIMEOUT_SECONDS);
        private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
        private UnaryOperator<HttpClient> httpClient = AS_IT_IS;
        private Set<String> bearerTypes = Set.of();
        private Map<String, Integer> longest = Map.of();
        private boolean plainHttp;
        private InstantSource wallClock = InstantSource.system();
        private Supplier<?> connectionVersion = () -> "";
        private Set<ProofFingerprint> known = Set.of();

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

        /** {@return how the client proves who it is, if that is set} */
        public Optional<ClientAuthentication> clientAuthentication() {
            return Optional.ofNullable(authentication);
        }

        /**
         * How long one exchange may take from connecting to the last byte of the answer.
         *
         * @param timeout greater than zero; millisecond resolution; {@value #DEFAULT_TIMEOUT_SECONDS} s unless set
         * @return this builder
         */
        public Builder timeout(Duration timeout) {
            this.timeout = checked("timeout", timeout, DEFAULT_TIMEOUT_SECONDS);
            return this;
        }

        /**
         * How long connecting may take, within {@link #timeout}.
         *
         * @param connectTimeout greater than zero; millisecond resolution;
         *     {@value #DEFAULT_CONNECT_TIMEOUT_SECONDS} s unless set
         * @return this builder
         */
        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeout = checked("connectTimeout", connectTimeout, DEFAULT_CONNECT_TIMEOUT_SECONDS);
            return this;
        }

        /**
         * Changes the HTTP client: headers, a proxy, TLS, a resolver, event loops, metrics. Customizers run one after the other,
         * when the endpoint is built.
         *
         * <p>Whatever they say, redirects, repeats, authentication by challenge, decompression and wiretap stay off, limits of
         * sizes stay as they are, and the headers Authorization, Content-Type, Content-Length, Accept and Host are the
         * endpoint's. Connections stay unpooled unless a customizer brings a pool. {@code protocol(H2)}, or {@code H2C} for
         * http, is for an endpoint that offers nothing else; a list with HTTP/1.1 in it means HTTP/1.1. To connect to another
         * address than that of the URI, set a {@code resolver}.
         *
         * @param customizer gets the client that those before it made and returns the one to use
         * @return this builder
         */
        public Builder httpClient(UnaryOperator<HttpClient> customizer) {
            Objects.requireNonNull(customizer, "customizer");
            UnaryOperator<HttpClient> before = httpClient;
            this.httpClient = before == AS_IT_IS ? customizer : client -> customizer.apply(before.apply(client));
            return this;
        }

        /**
         * Tells when the certificate that connections show is another one, so that a client that the server did not know is
         * tried again before its pause is over. What {@link #clientAuthentication} shows is watched without this.
         *
         * @param version equal as long as connections show the same; must not block; always the same unless set
         * @return this builder
         */
        public Builder connectionVersion(Supplier<?> version) {
            this.connectionVersion = Objects.requireNonNull(version, "version");
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

        /**
         * Texts whose doubtful characters (see {@link DoubtfulText}) somebody has warned of already, in words that say more, such
         * as the names of properties. The endpoint warns of all others that it sends for the client and its user.
         *
         * @param texts secrets and names; only hashes are kept; none unless set
         * @return this builder
         */
        public Builder knownTexts(Collection<String> texts) {
            this.known = texts.stream().map(ProofFingerprint::of).collect(Collectors.toUnmodifiableSet());
            return this;
        }

        private boolean isOrdinary() {
            return httpClient == AS_IT_IS
                    && connectTimeout.equals(DEFAULT_CONNECT_TIMEOUT)
                    && uri.getRawQuery() == null;
        }

        Builder wallClock(InstantSource wallClock) {
            this.wallClock = wallClock;
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
         * @throws IllegalArgumentException if the URI is not one to send a password to, time-outs contradict each other, or
         *     a customizer asks for a protocol that does not fit
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

        private static Duration checked(String name, Duration value, int orElse) {
            boolean tooShort = value.isNegative() || value.toMillis() == 0;
            if (tooShort || value.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException(
                        name + " must be " + (tooShort ? "at least a millisecond" : "a day at most") + ", was " + value
                                + "; the default is " + Duration.ofSeconds(orElse));
            }
            return value;
        }

        private void checkUri() {
            String shown = ShownUri.of(uri);
            // Where Java finds no host it finds no user info either, though the text may well have one.
            boolean userInfo = uri.getHost() == null ? shown.contains("@") : uri.getRawUserInfo() != null;
            if (userInfo || uri.getRawFragment() != null) {
                throw new IllegalArgumentException(
                        "the token URI must not have user info or a fragment; give the client's id and secret through"
                                + " clientAuthentication");
            }
            if (uri.getHost() == null) {
                throw new IllegalArgumentException(
                        "the token URI must be absolute and name a host, was " + shown + whyNoHost(uri));
            }
            boolean https = "https".equalsIgnoreCase(uri.getScheme());
            boolean http = "http".equalsIgnoreCase(uri.getScheme());
            if (!https && !(http && (plainHttp || isLoopback(uri.getHost())))) {
                throw new IllegalArgumentException("the token URI must use https, was " + shown
                        + "; plain http is for loopback addresses, or for any host after allowPlainHttp()");
            }
        }

        private static boolean isLoopback(String host) {
            byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
            if (address == null) {
                return host.equalsIgnoreCase("localhost");
            }
            try {
                return InetAddress.getByAddress(address).isLoopbackAddress();
            } catch (UnknownHostException e) {
                return false;
            }
        }

        /** {@return why Java finds no host where something is written} */
        private static String whyNoHost(URI uri) {
            String authority = uri.getRawAuthority();
            if (authority == null) {
                return "";
            }
            boolean ascii = authority.chars().allMatch(c -> c < 128 && c != '%');
            if (!ascii) {
                return "; write its host in ASCII, which begins with xn-- for a name in other letters";
            }
            return authority.contains("_") ? "; a host name cannot contain an underscore" : "; that is no host name";
        }
    }
}
