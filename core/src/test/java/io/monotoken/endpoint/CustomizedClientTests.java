package io.monotoken.endpoint;

import static io.monotoken.endpoint.Exchanges.LOGIN;
import static io.monotoken.endpoint.Exchanges.TOKEN;
import static io.monotoken.endpoint.Exchanges.answer;
import static io.monotoken.endpoint.Exchanges.endpointAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.monotoken.TokenAnswer;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.resolver.SimpleNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ProxyProvider;

/** What a customizer of the HTTP client may do, and what it may not. */
class CustomizedClientTests {

    private static final String SECRET = "g4teway-k3y-v4lue";

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private static MockResponse token() {
        return new MockResponse.Builder()
                .setHeader("Content-Type", "application/json")
                .body(TOKEN)
                .build();
    }

    private URI uri() {
        return server.url("/token?api_key=the-k3y-of-the-query").uri();
    }

    private static RecordedRequest taken(MockWebServer server) throws InterruptedException {
        return Objects.requireNonNull(server.takeRequest(10, TimeUnit.SECONDS));
    }

    private RecordedRequest sent(UnaryOperator<HttpClient> customizer) throws InterruptedException {
        server.enqueue(token());
        assertIssued(answer(endpointAt(uri()).httpClient(customizer).build(), LOGIN));
        return taken(server);
    }

    private static void assertIssued(TokenAnswer answer) {
        assertThat(answer).isInstanceOf(TokenAnswer.Issued.class);
    }

    /** The ways of setting a header, in the order in which they take effect. */
    enum Way {
        AT_ONCE,
        DEFERRED,
        WHEN_SENT;

        UnaryOperator<HttpClient> set(Consumer<HttpHeaders> change) {
            return switch (this) {
                case AT_ONCE -> client -> client.headers(change);
                case DEFERRED ->
                    client -> client.headersWhen(headers -> {
                        change.accept(headers);
                        return Mono.just(headers);
                    });
                case WHEN_SENT ->
                    client -> client.doOnRequest((request, connection) -> change.accept(request.requestHeaders()));
            };
        }
    }

    @Nested
    class Headers {

        @ParameterizedTest
        @EnumSource
        void areAdded(Way way) throws InterruptedException {
            RecordedRequest request = sent(way.set(headers -> headers.set("X-Tenant", "one")
                    .set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")));

            assertThat(request.getHeaders().get("X-Tenant")).isEqualTo("one");
            assertThat(request.getHeaders().get("traceparent")).startsWith("00-0af");
        }

        @ParameterizedTest
        @EnumSource
        void doNotOverruleTheEndpoints(Way way) throws InterruptedException {
            RecordedRequest request = sent(way.set(headers -> headers.set("Authorization", "Basic mine")
                    .set("Content-Type", "text/plain")
                    .set("Accept", "text/html")
                    .set("Host", "evil.example")
                    .set("Content-Length", "3")
                    .set("Transfer-Encoding", "chunked")
                    .set("Content-Encoding", "gzip")
                    .set("Accept-Encoding", "gzip")
                    .set("Expect", "100-continue")));

            okhttp3.Headers headers = request.getHeaders();
            assertThat(headers.get("Authorization")).isNull();
            assertThat(headers.values("Content-Type")).containsExactly("application/x-www-form-urlencoded");
            assertThat(headers.values("Accept")).containsExactly("application/json");
            assertThat(headers.values("Host")).containsExactly(server.getHostName() + ":" + server.getPort());
            assertThat(headers.get("Transfer-Encoding")).isNull();
            assertThat(headers.get("Content-Encoding")).isNull();
            assertThat(headers.get("Accept-Encoding")).isNull();
            assertThat(headers.get("Expect")).isNull();
            assertThat(form(request)).startsWith("grant_type=password&").endsWith("client_secret=your_client_secret");
        }

        @ParameterizedTest
        @EnumSource
        void doNotOverruleWhatProvesTheClient(Way way) throws InterruptedException {
            server.enqueue(token());
            TokenEndpoint endpoint = TokenEndpoint.builder(uri())
                    .clientAuthentication(ClientAuthentication.clientSecretBasic("client", "secret"))
                    .httpClient(way.set(headers -> headers.set("Authorization", "Bearer mine")))
                    .build();

            assertIssued(answer(endpoint, LOGIN));

            assertThat(taken(server).getHeaders().values("Authorization"))
                    .containsExactly("Basic Y2xpZW50OnNlY3JldA==");
        }

        @ParameterizedTest
        @EnumSource
        void keepTheirSecretsOutOfMessages(Way way) {
            server.enqueue(new MockResponse.Builder()
                    .code(400)
                    .body("{\"error\":\"bad_key_" + SECRET + "\"}")
                    .build());

            TokenAnswer answer = answer(
                    endpointAt(uri())
                            .httpClient(way.set(h -> h.set("X-Api-Key", SECRET)))
                            .build(),
                    LOGIN);

            assertThat(answer.toString()).contains("REDACTED").doesNotContain(SECRET);
        }
    }

    @Nested
    class Ways {

        @Test
        void byAResolver() throws InterruptedException {
            server.enqueue(token());
            TokenEndpoint endpoint = endpointAt(URI.create("http://idp.example:" + server.getPort() + "/token"))
                    .allowPlainHttp()
                    .httpClient(client -> client.resolver(new ToThisMachine()))
                    .build();

            assertIssued(answer(endpoint, LOGIN));

            assertThat(taken(server).getHeaders().get("Host")).isEqualTo("idp.example:" + server.getPort());
        }

        @Test
        void toAnotherAddressThanThatOfTheUri() throws InterruptedException {
            server.enqueue(token());
            TokenEndpoint endpoint = endpointAt(URI.create("http://localhost:9/token"))
                    .httpClient(client -> client.resolvedAddressesSelector((config, resolved) ->
                            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))))
                    .build();

            assertIssued(answer(endpoint, LOGIN));

            assertThat(taken(server).getHeaders().get("Host")).isEqualTo("localhost:9");
        }

        @Test
        void throughASocksProxy() throws InterruptedException {
            server.enqueue(token());
            try (SocksProxy proxy = SocksProxy.to(server.getPort(), "socks-password")) {
                TokenEndpoint endpoint = endpointAt(URI.create("http://idp.example/token"))
                        .allowPlainHttp()
                        .httpClient(through(proxy, "socks-password"))
                        .build();

                assertIssued(answer(endpoint, LOGIN));

                assertThat(proxy.connects()).containsExactly("idp.example:80");
                assertThat(taken(server).getHeaders().get("Host")).isEqualTo("idp.example");
            }
        }

        @Test
        void throughASocksProxyThatRefusesSendNothing() {
            try (SocksProxy proxy = SocksProxy.to(server.getPort(), "socks-password")) {
                TokenEndpoint endpoint = endpointAt(URI.create("http://idp.example/token"))
                        .allowPlainHttp()
                        .httpClient(through(proxy, "another"))
                        .build();

                TokenAnswer.Failed failed = (TokenAnswer.Failed) answer(endpoint, LOGIN);

                assertThat(failed.delivery()).isEqualTo(TokenAnswer.Delivery.NOT_SENT);
                assertThat(failed.message()).endsWith("the proxy did not connect; check its address and credentials");
                assertThat(proxy.connects()).isEmpty();
            }
        }

        private UnaryOperator<HttpClient> through(SocksProxy proxy, String password) {
            return client -> client.proxy(spec -> spec.type(ProxyProvider.Proxy.SOCKS5)
                    .socketAddress(proxy.address())
                    .username("socks-user")
                    .password(user -> password));
        }

        @Test
        void onEventLoopsOfItsOwn() throws InterruptedException {
            LoopResources loops = LoopResources.create("token-loops", 1, true);
            AtomicReference<String> thread = new AtomicReference<>();
            try {
                sent(client -> client.runOn(loops)
                        .doOnRequest((request, connection) ->
                                thread.set(Thread.currentThread().getName())));
            } finally {
                loops.disposeLater().block(Exchanges.BOUND);
            }

            assertThat(thread.get()).startsWith("token-loops");
        }

        @Test
        void byTwoCustomizersInTheirOrder() throws InterruptedException {
            server.enqueue(token());
            TokenEndpoint endpoint = endpointAt(uri())
                    .httpClient(client -> client.headers(
                            headers -> headers.set("X-First", "1").set("X-Both", "1")))
                    .httpClient(client -> client.headers(headers -> headers.set("X-Both", "2")))
                    .build();

            assertIssued(answer(endpoint, LOGIN));

            okhttp3.Headers headers = taken(server).getHeaders();
            assertThat(headers.get("X-First")).isEqualTo("1");
            assertThat(headers.get("X-Both")).isEqualTo("2");
        }
    }

    /** HTTP/2 where the endpoint offers nothing else. */
    @Nested
    class Http2 {

        private final HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .build();

        private final MockWebServer http2 = new MockWebServer();

        private TokenEndpoint.Builder overTls() throws Exception {
            http2.useHttps(new HandshakeCertificates.Builder()
                    .heldCertificate(certificate)
                    .build()
                    .sslSocketFactory());
            http2.setProtocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
            http2.start();
            SslContext trusting = SslContextBuilder.forClient()
                    .trustManager(certificate.certificate())
                    .applicationProtocolConfig(new io.netty.handler.ssl.ApplicationProtocolConfig(
                            io.netty.handler.ssl.ApplicationProtocolConfig.Protocol.ALPN,
                            io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            "h2"))
                    .build();
            return endpointAt(
                            URI.create("https://localhost:" + http2.getPort() + "/token?api_key=the-k3y-of-the-query"))
                    .httpClient(client -> client.protocol(HttpProtocol.H2)
                            .secure(spec -> spec.sslContext(trusting))
                            .headers(headers -> headers.set("X-Api-Key", SECRET)));
        }

        private TokenEndpoint.Builder inTheClear() throws Exception {
            http2.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
            http2.start();
            return endpointAt(URI.create("http://localhost:" + http2.getPort() + "/token?api_key=the-k3y-of-the-query"))
                    .httpClient(client ->
                            client.protocol(HttpProtocol.H2C).headers(headers -> headers.set("X-Api-Key", SECRET)));
        }

        private TokenEndpoint.Builder endpoint(boolean tls) throws Exception {
            return tls ? overTls() : inTheClear();
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void carriesTheWholeRequest(boolean tls) throws Exception {
            try (http2) {
                TokenEndpoint endpoint = endpoint(tls).build();
                http2.enqueue(token());

                assertIssued(answer(endpoint, LOGIN));

                RecordedRequest request = taken(http2);
                assertThat(request.getVersion()).isEqualTo("HTTP/2");
                assertThat(request.getTarget()).isEqualTo("/token?api_key=the-k3y-of-the-query");
                assertThat(request.getHeaders().get("X-Api-Key")).isEqualTo(SECRET);
                assertThat(request.getHeaders().values("Content-Type"))
                        .containsExactly("application/x-www-form-urlencoded");
                assertThat(request.getHeaders().values("Accept")).containsExactly("application/json");
                assertThat(form(request)).startsWith("grant_type=password&");
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void hasAConnectionForEachRequest(boolean tls) throws Exception {
            try (http2) {
                List<Integer> ports = new CopyOnWriteArrayList<>();
                List<Mono<Void>> ends = new CopyOnWriteArrayList<>();
                TokenEndpoint endpoint = endpoint(tls)
                        .httpClient(client -> client.doOnRequest((request, connection) -> {
                            io.netty.channel.Channel whole =
                                    connection.channel().parent();
                            ports.add(((InetSocketAddress) whole.localAddress()).getPort());
                            ends.add(reactor.netty.FutureMono.from(whole.closeFuture()));
                        }))
                        .build();
                http2.enqueue(token());
                http2.enqueue(token());
                http2.enqueue(token());

                assertIssued(answer(endpoint, LOGIN));
                Mono.when(endpoint.send(LOGIN), endpoint.send(LOGIN)).block(Exchanges.BOUND);

                assertThat(ports).hasSize(3).doesNotHaveDuplicates();
                Mono.when(ends).block(Exchanges.BOUND);
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void saysWhatTheServerRefused(boolean tls) throws Exception {
            try (http2) {
                TokenEndpoint endpoint = endpoint(tls).build();
                http2.enqueue(new MockResponse.Builder()
                        .code(400)
                        .body("{\"error\":\"invalid_grant\"}")
                        .build());

                TokenAnswer.Failed failed = (TokenAnswer.Failed) answer(endpoint, LOGIN);

                assertThat(failed.delivery()).isEqualTo(TokenAnswer.Delivery.ANSWERED);
                assertThat(failed.message()).contains("invalid_grant");
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void logsNoSecret(boolean tls) throws Exception {
            try (http2) {
                TokenEndpoint endpoint = endpoint(tls).build();
                http2.enqueue(token());

                String logged = logged(() -> assertIssued(answer(endpoint, LOGIN)));

                assertThat(logged).contains("reactor.netty").doesNotContain(SECRET, "the-k3y-of-the-query", "P4ssw0rd");
            }
        }

        @Test
        void isNotForAddressesThatDoNotFit() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> endpointAt(uri())
                            .httpClient(client -> client.protocol(HttpProtocol.H2))
                            .build())
                    .withMessage("a customizer of the HTTP client asks for [H2], and " + server.url("/token")
                            + " can be asked by HTTP11 or H2C; name one of these");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> endpointAt(URI.create("https://idp.example/token"))
                            .httpClient(client -> client.protocol(HttpProtocol.H2C))
                            .build())
                    .withMessage("a customizer of the HTTP client asks for [H2C], and https://idp.example/token can be"
                            + " asked by HTTP11 or H2; name one of these");
        }
    }

    @Nested
    class IsOverruled {

        @Test
        void whenItLengthensTheHeadersThatAreRead() {
            server.enqueue(new MockResponse.Builder()
                    .setHeader("X-Long", "x".repeat(20_000))
                    .body(TOKEN)
                    .build());

            TokenAnswer answer = answer(
                    endpointAt(uri())
                            .httpClient(client -> client.httpResponseDecoder(spec -> spec.maxHeaderSize(100_000)))
                            .build(),
                    LOGIN);

            assertThat(answer.toString()).contains("its headers are too large");
        }

        @Test
        void whenItRepeatsWhatFailed() throws Exception {
            AtomicInteger requests = new AtomicInteger();
            try (RawServer resetting = RawServer.holding(socket -> {
                RawServer.readRequest(socket);
                requests.incrementAndGet();
                RawServer.reset(socket);
            })) {
                TokenEndpoint endpoint = endpointAt(resetting.uri())
                        .httpClient(client -> client.disableRetry(false).mapConnect(connect -> connect.retry(3)))
                        .build();

                TokenAnswer.Failed failed = (TokenAnswer.Failed) answer(endpoint, LOGIN);

                assertThat(failed.delivery()).isEqualTo(TokenAnswer.Delivery.UNANSWERED);
                assertThat(requests).hasValue(1);
            }
        }

        @Test
        void whenItReturnsNothing() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            endpointAt(uri()).httpClient(client -> nothing()).build())
                    .withMessageContaining("returned null");
        }

        @SuppressWarnings("NullAway") // what a customizer may well do
        private HttpClient nothing() {
            return null;
        }
    }

    @Test
    void logsNoSecretOfAHeader() throws InterruptedException {
        String logged = logged(() -> {
            server.enqueue(token());
            assertIssued(answer(
                    endpointAt(uri())
                            .httpClient(client -> client.headers(headers -> headers.set("X-Api-Key", SECRET))
                                    .wiretap(true))
                            .build(),
                    LOGIN));
        });

        assertThat(logged).contains("reactor.netty").doesNotContain(SECRET, "the-k3y-of-the-query", "P4ssw0rd");
        assertThat(taken(server).getHeaders().get("X-Api-Key")).isEqualTo(SECRET);
    }

    private static String form(RecordedRequest request) {
        return request.getBody() == null ? "" : request.getBody().utf8();
    }

    /** {@return all that anything but the server said meanwhile, at any level} */
    private static String logged(Runnable action) {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.list = new CopyOnWriteArrayList<>();
        events.start();
        root.setLevel(Level.TRACE);
        root.addAppender(events);
        List<Logger> silent = List.of("io.monotoken", "reactor.netty").stream()
                .map(name -> (Logger) LoggerFactory.getLogger(name))
                .toList();
        silent.forEach(logger -> logger.setLevel(Level.TRACE));
        try {
            action.run();
        } finally {
            silent.forEach(logger -> logger.setLevel(Level.OFF));
            root.detachAppender(events);
            root.setLevel(before);
        }
        return events.list.stream()
                .map(event -> event.getLoggerName() + " " + event.getFormattedMessage() + " "
                        + ThrowableProxyUtil.asString(event.getThrowableProxy()))
                .collect(Collectors.joining("\n"));
    }

    private static final class ToThisMachine extends AddressResolverGroup<InetSocketAddress> {
        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            return new InetSocketAddressResolver(executor, new SimpleNameResolver<>(executor) {
                @Override
                protected void doResolve(String name, Promise<InetAddress> promise) {
                    promise.setSuccess(InetAddress.getLoopbackAddress());
                }

                @Override
                protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
                    promise.setSuccess(List.of(InetAddress.getLoopbackAddress()));
                }
            });
        }
    }
}
