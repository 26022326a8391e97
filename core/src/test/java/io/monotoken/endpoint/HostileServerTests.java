package io.monotoken.endpoint;

import static io.monotoken.endpoint.Exchanges.BOUND;
import static io.monotoken.endpoint.Exchanges.LOGIN;
import static io.monotoken.endpoint.Exchanges.TOKEN;
import static io.monotoken.endpoint.Exchanges.answer;
import static io.monotoken.endpoint.Exchanges.endpoint;
import static io.monotoken.endpoint.Exchanges.endpointAt;
import static io.monotoken.endpoint.Exchanges.failed;
import static io.monotoken.endpoint.Exchanges.issued;
import static io.monotoken.endpoint.Exchanges.json;
import static io.monotoken.endpoint.Exchanges.uri;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenAnswer;
import io.monotoken.TokenAnswer.Delivery;
import io.monotoken.TokenException;
import io.monotoken.TokenRequest;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import okio.GzipSink;
import okio.Okio;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.http.client.HttpClient;
import reactor.netty.transport.ProxyProvider;

/** Attackers on the other side and on the way. */
class HostileServerTests {

    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    private static TokenEndpoint impatient(URI uri) {
        return endpointAt(uri).connectTimeout(SHORT).timeout(SHORT).build();
    }

    private static void expectUnavailable(TokenAnswer answer, Delivery delivery, String message) {
        assertThat(failed(answer).delivery()).isEqualTo(delivery);
        assertThat(failed(answer).exception())
                .isInstanceOf(TokenException.Unavailable.class)
                .hasMessage(message);
    }

    private static String noToken(URI uri, String description) {
        return uri + " gave client 'your_client_id' (grant password) no token: " + description;
    }

    private static void expectNotHttp(TokenAnswer answer, URI uri) {
        assertThat(failed(answer).delivery()).isEqualTo(Delivery.UNANSWERED);
        assertThat(failed(answer).exception())
                .isInstanceOf(TokenException.Malformed.class)
                .hasNoCause()
                .hasMessage(uri + " gave client 'your_client_id' an answer that is no token response (grant password):"
                        + " it is not HTTP, or its headers are too large");
    }

    @Nested
    class Redirects {

        @StartStop
        private final MockWebServer server = new MockWebServer();

        @StartStop
        private final MockWebServer target = new MockWebServer();

        @ParameterizedTest
        @ValueSource(ints = {301, 302, 303, 307, 308})
        void areNeverFollowedAndOnlyTheirOriginIsNamed(int status) {
            target.enqueue(json(TOKEN));
            TokenAnswer answer = answer(
                    server,
                    LOGIN,
                    redirect(status, target.url("/steal?password=P4ssw0rd").toString()));

            assertThat(target.getRequestCount()).isZero();
            assertThat(server.getRequestCount()).isEqualTo(1);
            assertThat(failed(answer).delivery()).isEqualTo(Delivery.ANSWERED);
            assertThat(failed(answer).exception())
                    .isInstanceOf(TokenException.Malformed.class)
                    .hasMessage(message(status, " to http://localhost:" + target.getPort()));
        }

        @Test
        void toTheSameHostAreNotFollowedEither() {
            TokenAnswer answer = answer(server, LOGIN, redirect(307, "/token/"));

            assertThat(server.getRequestCount()).isEqualTo(1);
            assertThat(failed(answer).exception()).hasMessage(message(307, " to http://localhost:" + server.getPort()));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "http://[",
                    "javascript:alert(1)",
                    "P4ssw0rd:x",
                    "//",
                    "mailto:a@b",
                    "https://us_er@h_ost/"
                })
        void toNowhereNameNothing(String location) {
            assertThat(failed(answer(server, LOGIN, redirect(302, location)))
                            .exception()
                            .getMessage())
                    .startsWith(message(302, "").substring(0, message(302, "").indexOf(": it redirects")))
                    .doesNotContain("P4ssw0rd", "us_er", "alert");
        }

        @Test
        void hideAnOriginThatRepeatsThePassword() {
            assertThat(failed(answer(server, LOGIN, redirect(302, "https://john@p4ssw0rd.evil.example:8443/x")))
                            .exception())
                    .hasMessage(message(302, " to REDACTED"));
        }

        private MockResponse redirect(int status, String location) {
            return new MockResponse.Builder()
                    .code(status)
                    .addHeaderLenient("Location", location)
                    .build();
        }

        private String message(int status, String target) {
            return server.url("/token") + " gave client 'your_client_id' an answer that is no token response (grant"
                    + " password, status " + status + ", no media type, 0 bytes): it redirects" + target
                    + ", and redirects are never followed; correct the token URI";
        }
    }

    @Nested
    class Certificates {

        private final HeldCertificate authority =
                new HeldCertificate.Builder().certificateAuthority(0).build();

        @StartStop
        private final MockWebServer server = new MockWebServer();

        private TokenAnswer exchange(HeldCertificate certificate, UnaryOperator<HttpClient> customizer) {
            server.useHttps(new HandshakeCertificates.Builder()
                    .heldCertificate(certificate)
                    .build()
                    .sslSocketFactory());
            server.enqueue(json(TOKEN));
            return answer(
                    endpointAt(server.url("/token").uri())
                            .httpClient(customizer)
                            .build(),
                    LOGIN);
        }

        private UnaryOperator<HttpClient> trusting(HeldCertificate root) {
            return client -> client.secure(spec -> spec.sslContext(trust(root)));
        }

        private SslContext trust(HeldCertificate root) {
            try {
                return SslContextBuilder.forClient()
                        .trustManager(root.certificate())
                        .build();
            } catch (SSLException e) {
                throw new AssertionError(e);
            }
        }

        private HeldCertificate.Builder certificateFor(String host) {
            return new HeldCertificate.Builder().addSubjectAlternativeName(host).signedBy(authority);
        }

        private void expectNothingSent(TokenAnswer answer) {
            expectUnavailable(
                    answer,
                    Delivery.NOT_SENT,
                    noToken(
                            uri(server),
                            "TLS failed; check the certificate, its host name and which authorities are trusted"));
            assertThat(failed(answer).exception()).hasCauseInstanceOf(SSLException.class);
            assertThat(server.getRequestCount()).isZero();
        }

        @Test
        void ofAPrivateAuthorityAreTrustedThroughTheCustomizer() throws InterruptedException {
            TokenAnswer answer = exchange(certificateFor("localhost").build(), trusting(authority));

            assertThat(issued(answer).accessToken()).isEqualTo("ad8e51c5a981bb821cfd77cc52154ad0");
            assertThat(requireNonNull(server.takeRequest(1, TimeUnit.SECONDS)).getRequestLine())
                    .isEqualTo("POST /token HTTP/1.1");
        }

        @Test
        void ofAPrivateAuthorityAreRefusedOtherwise() {
            expectNothingSent(exchange(certificateFor("localhost").build(), UnaryOperator.identity()));
        }

        @Test
        void forAnotherHostAreRefused() {
            expectNothingSent(exchange(certificateFor("accounts.example").build(), trusting(authority)));
        }

        @Test
        void thatHaveExpiredAreRefused() {
            long yesterday = Instant.now().minus(Duration.ofDays(1)).toEpochMilli();

            expectNothingSent(exchange(
                    certificateFor("localhost")
                            .validityInterval(yesterday - 1000, yesterday)
                            .build(),
                    trusting(authority)));
        }

        @Test
        void thatAreNotYetValidAreRefused() {
            long tomorrow = Instant.now().plus(Duration.ofDays(1)).toEpochMilli();

            expectNothingSent(exchange(
                    certificateFor("localhost")
                            .validityInterval(tomorrow, tomorrow + 1000)
                            .build(),
                    trusting(authority)));
        }

        @Test
        void signedByThemselvesAreRefused() {
            HeldCertificate self = new HeldCertificate.Builder()
                    .addSubjectAlternativeName("localhost")
                    .build();

            expectNothingSent(exchange(self, UnaryOperator.identity()));
        }

        @Test
        void ofTheClientThatAreMissingCountAsNoAnswer() {
            server.requireClientAuth();

            TokenAnswer.Failed failed =
                    failed(exchange(certificateFor("localhost").build(), trusting(authority)));

            assertThat(failed.exception()).isInstanceOf(TokenException.Unavailable.class);
            assertThat(failed.delivery()).isEqualTo(Delivery.UNANSWERED);
            assertThat(server.getRequestCount()).isZero();
        }

        @Test
        void areNotDoneWithoutWhenTheServerSpeaksPlainHttp() throws IOException {
            try (RawServer plain = RawServer.holding(socket -> {
                socket.getInputStream().read();
                RawServer.write(socket, OK + "\r\n" + TOKEN);
            })) {
                URI https = URI.create("https://127.0.0.1:" + plain.port() + "/token");

                expectUnavailable(
                        answer(endpoint(https), LOGIN),
                        Delivery.NOT_SENT,
                        noToken(
                                https,
                                "TLS failed; check the certificate, its host name and which authorities are trusted"));
            }
        }
    }

    @Nested
    class TheWayThere {

        @Test
        void endsAtAnUnknownName() {
            URI nowhere = URI.create("https://idp.invalid/token");
            TokenEndpoint endpoint = endpointAt(nowhere)
                    .httpClient(client -> client.resolver(new NoSuchHost()))
                    .build();

            expectUnavailable(
                    answer(endpoint, LOGIN),
                    Delivery.NOT_SENT,
                    noToken(nowhere, "its host name was not found; check the token URI and the name servers"));
        }

        @Test
        void endsAtAClosedPort() throws IOException {
            URI closed;
            try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                closed = URI.create("http://127.0.0.1:" + port.getLocalPort() + "/token");
            }

            expectUnavailable(
                    answer(endpoint(closed), LOGIN),
                    Delivery.NOT_SENT,
                    noToken(closed, "not connected; check the token URI and what stands between"));
        }

        @Test
        void endsAtAProxyThatRefuses() throws IOException {
            try (RawServer proxy =
                    RawServer.answering("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")) {
                expectUnavailable(
                        answer(through(proxy, Exchanges.BOUND), LOGIN),
                        Delivery.NOT_SENT,
                        noToken(
                                StemsAccounts.TOKEN_URI,
                                "the proxy did not connect; check its address and credentials"));
            }
        }

        @Test
        void endsAtAProxyThatHangsUp() throws IOException {
            try (RawServer proxy = RawServer.answering("")) {
                expectUnavailable(
                        answer(through(proxy, Exchanges.BOUND), LOGIN),
                        Delivery.NOT_SENT,
                        noToken(
                                StemsAccounts.TOKEN_URI,
                                "the proxy did not connect; check its address and credentials"));
            }
        }

        @Test
        void takesTheRefusalOfAProxyForAnHttpAddressForNotSent() throws IOException {
            URI plain = URI.create("http://idp.example/token");
            try (RawServer proxy =
                    RawServer.answering("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")) {
                TokenEndpoint endpoint = endpointAt(plain)
                        .allowPlainHttp()
                        .httpClient(client -> client.proxy(spec -> spec.type(ProxyProvider.Proxy.HTTP)
                                .socketAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()))))
                        .build();

                expectUnavailable(
                        answer(endpoint, LOGIN),
                        Delivery.NOT_SENT,
                        noToken(plain, "the proxy did not connect; check its address and credentials"));
            }
        }

        @Test
        void takesA407OfTheServerItselfForAnAnswer() {
            TokenAnswer answer = TokenAnswer.unavailable(Delivery.ANSWERED, "not asked");
            try (RawServer server = RawServer.answering("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")) {
                answer = answer(endpoint(server.uri()), LOGIN);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }

            assertThat(failed(answer).delivery()).isEqualTo(Delivery.ANSWERED);
        }

        @Test
        void endsWithTheTimeoutAtAProxyThatIsSilent() throws IOException {
            CountDownLatch done = new CountDownLatch(1);
            try (RawServer proxy = RawServer.holding(socket -> await(done))) {
                expectUnavailable(
                        answer(through(proxy, SHORT), LOGIN),
                        Delivery.NOT_SENT,
                        noToken(StemsAccounts.TOKEN_URI, "not connected within 300 ms"));
            } finally {
                done.countDown();
            }
        }

        private TokenEndpoint through(RawServer proxy, Duration timeout) {
            return endpointAt(StemsAccounts.TOKEN_URI)
                    .connectTimeout(timeout)
                    .timeout(timeout)
                    .httpClient(client -> client.proxy(spec -> spec.type(ProxyProvider.Proxy.HTTP)
                            .socketAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()))))
                    .build();
        }
    }

    @Nested
    class BodiesAndHeadersWithoutEnd {

        private final AtomicLong written = new AtomicLong();
        private final CountDownLatch left = new CountDownLatch(1);

        /** Writes until the client has enough of it. */
        private RawServer pouring(String start, String more) {
            byte[] piece = more.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            return RawServer.holding(socket -> {
                try {
                    RawServer.readRequest(socket);
                    RawServer.write(socket, start);
                    while (written.addAndGet(piece.length) < 1L << 30) {
                        socket.getOutputStream().write(piece);
                    }
                } finally {
                    left.countDown();
                }
            });
        }

        private void expectCutOff() {
            await(left);
            assertThat(written).hasValueLessThan(32L << 20); // what the buffers of two sockets may hold
        }

        @ParameterizedTest
        @ValueSource(strings = {"Content-Length: 1073741824\r\n", ""})
        void ofAGibibyteAreCutOffAt64KiB(String length) throws IOException {
            try (RawServer server = pouring(OK + length + "\r\n", "x".repeat(16_384))) {
                TokenAnswer answer = answer(endpoint(server.uri()), LOGIN);

                expectCutOff();
                assertThat(failed(answer).delivery()).isEqualTo(Delivery.ANSWERED);
                assertThat(failed(answer).exception())
                        .isInstanceOf(TokenException.Malformed.class)
                        .hasMessage(server.uri() + " gave client 'your_client_id' an answer that is no token response"
                                + " (grant password, status 200, application/json, more than 65536 bytes): it is"
                                + " larger than 65536 bytes");
            }
        }

        @Test
        void inChunksAreCutOffToo() throws IOException {
            try (RawServer server =
                    pouring(OK + "Transfer-Encoding: chunked\r\n\r\n", "4000\r\n" + "x".repeat(16_384) + "\r\n")) {
                assertThat(failed(answer(endpoint(server.uri()), LOGIN)).exception())
                        .isInstanceOf(TokenException.Malformed.class);

                expectCutOff();
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"HTTP/1.1 200 ", OK, OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n"})
        void ofHeadersAreCutOff(String start) throws IOException {
            try (RawServer server =
                    pouring(start, "X-More: " + "y".repeat(1000) + "\r\n".repeat(start.endsWith(" ") ? 0 : 1))) {
                expectNotHttp(answer(endpoint(server.uri()), LOGIN), server.uri());

                expectCutOff();
            }
        }

        private void expectBound(String once, String againAndAgain) throws IOException {
            try (RawServer server = RawServer.holding(socket -> {
                RawServer.readRequest(socket);
                RawServer.write(socket, once);
                do {
                    RawServer.write(socket, againAndAgain);
                } while (!await(left, Duration.ofMillis(20)));
            })) {
                expectUnavailable(
                        answer(impatient(server.uri()), LOGIN),
                        Delivery.UNANSWERED,
                        noToken(server.uri(), "no complete answer within 300 ms"));
            } finally {
                left.countDown();
            }
        }

        @Test
        void thatDripAreBoundByTheTimeout() throws IOException {
            expectBound(OK + "\r\n", " ");
        }

        @Test
        void ofInterimAnswersAreBoundByTheTimeout() throws IOException {
            expectBound("", "HTTP/1.1 100 Continue\r\n\r\n");
        }

        @Test
        void thatNeverComeAreBoundByTheTimeout() throws IOException {
            try (RawServer server = RawServer.holding(socket -> await(left))) {
                expectUnavailable(
                        answer(impatient(server.uri()), LOGIN),
                        Delivery.UNANSWERED,
                        noToken(server.uri(), "no complete answer within 300 ms"));
            } finally {
                left.countDown();
            }
        }
    }

    @Nested
    class Compression {

        @StartStop
        private final MockWebServer server = new MockWebServer();

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void isRefusedSoThatNoBombExplodes(boolean askedForByTheCustomizer) throws IOException {
            Buffer bomb = new Buffer();
            try (okio.BufferedSink gzip = Okio.buffer((okio.Sink) new GzipSink(bomb))) {
                gzip.write(new byte[8 << 20]);
            }
            long size = bomb.size();
            server.enqueue(new MockResponse.Builder()
                    .setHeader("Content-Encoding", "gzip")
                    .body(bomb)
                    .build());
            TokenEndpoint endpoint = endpointAt(uri(server))
                    .httpClient(client -> client.compress(askedForByTheCustomizer))
                    .build();

            assertThat(failed(answer(endpoint, LOGIN)).exception())
                    .isInstanceOf(TokenException.Malformed.class)
                    .hasMessage(uri(server) + " gave client 'your_client_id' an answer that is no token response (grant"
                            + " password, status 200, no media type encoded as gzip, " + size
                            + " bytes): it is encoded,"
                            + " which no request asked for");
        }
    }

    @Nested
    class LineBreaks {

        @StartStop
        private final MockWebServer server = new MockWebServer();

        @Test
        void inWhatIsSentStayInsideTheForm() throws InterruptedException {
            TokenRequest request = TokenRequest.of("password")
                    .with("username", "john\r\nX-Evil: user")
                    .with("password", "x\r\n\r\nX-Evil: password&grant_type=none")
                    .with("evil\r\nname", "v");
            server.enqueue(json(TOKEN));

            issued(answer(endpoint(uri(server)), request));

            RecordedRequest sent = requireNonNull(server.takeRequest(BOUND.toSeconds(), TimeUnit.SECONDS));
            assertThat(sent.getHeaders().names()).doesNotContain("X-Evil");
            assertThat(requireNonNull(sent.getBody()).utf8())
                    .isEqualTo("grant_type=password&username=john%0D%0AX-Evil%3A+user"
                            + "&password=x%0D%0A%0D%0AX-Evil%3A+password%26grant_type%3Dnone&evil%0D%0Aname=v"
                            + "&client_id=your_client_id&client_secret=your_client_secret");
        }

        @Test
        void inWhatIsReceivedReachNoHeaderAndNoMessage() {
            String evil = "x\\r\\nX-Evil: yes";
            List<String> bodies = List.of(
                    "{\"access_token\":\"" + evil + "\"}",
                    "{\"access_token\":\"t\",\"refresh_token\":\"" + evil + "\"}",
                    "{\"access_token\":\"t\",\"token_type\":\"" + evil + "\"}",
                    "{\"error\":\"" + evil + "\"}",
                    "{\"error\":\"invalid_grant\",\"error_description\":\"" + evil + "\"}");

            for (String body : bodies) {
                TokenException exception =
                        failed(answer(server, LOGIN, json(body))).exception();
                assertThat(exception.getMessage()).doesNotContain("\r", "\n");
                assertThat(exception.error().orElse("")).doesNotContain("\r", "\n");
            }
        }
    }

    @Nested
    class Connections {

        @Test
        void resetAfterTheRequestCountAsUnanswered() throws IOException {
            try (RawServer server = RawServer.holding(socket -> {
                RawServer.readRequest(socket);
                RawServer.reset(socket);
            })) {
                expectBroken(server);
            }
        }

        @Test
        void resetWithinTheAnswerCountAsUnanswered() throws IOException {
            try (RawServer server = RawServer.holding(socket -> {
                RawServer.readRequest(socket);
                RawServer.write(socket, OK + "Content-Length: 1000\r\n\r\n{\"access_token\"");
                RawServer.reset(socket);
            })) {
                expectBroken(server);
            }
        }

        @Test
        void closedWithinTheHeadersCountAsUnanswered() throws IOException {
            try (RawServer server = RawServer.answering("HTTP/1.1 200 OK\r\nContent-Ty")) {
                expectBroken(server);
            }
        }

        @Test
        void closedWithinAChunkCountAsUnanswered() throws IOException {
            try (RawServer server = RawServer.answering(OK + "Transfer-Encoding: chunked\r\n\r\n40\r\n" + TOKEN)) {
                expectBroken(server);
            }
        }

        @Test
        void halfClosedWithoutAnAnswerCountAsUnanswered() throws IOException {
            CountDownLatch done = new CountDownLatch(1);
            try (RawServer server = RawServer.holding(socket -> {
                RawServer.readRequest(socket);
                socket.shutdownOutput();
                await(done);
            })) {
                expectBroken(server);
            } finally {
                done.countDown();
            }
        }

        @Test
        void halfClosedAfterTheAnswerHaveAnswered() throws IOException {
            CountDownLatch done = new CountDownLatch(1);
            try (RawServer server = RawServer.holding(socket -> {
                RawServer.readRequest(socket);
                RawServer.write(socket, OK + "\r\n" + TOKEN);
                socket.shutdownOutput();
                await(done);
            })) {
                issued(answer(endpoint(server.uri()), LOGIN));
            } finally {
                done.countDown();
            }
        }

        @Test
        void leftOpenAfterTheAnswerAreClosedByTheClient() throws IOException {
            CountDownLatch closed = new CountDownLatch(1);
            try (RawServer server = RawServer.holding(socket -> {
                RawServer.readRequest(socket);
                RawServer.write(socket, OK + "Content-Length: " + TOKEN.length() + "\r\n\r\n" + TOKEN);
                if (socket.getInputStream().read() < 0) {
                    closed.countDown();
                }
            })) {
                issued(answer(endpoint(server.uri()), LOGIN));

                assertThat(await(closed)).isTrue();
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "SSH-2.0-OpenSSH_9.6\r\n",
                    "220 mail.example ESMTP\r\n",
                    TOKEN + "\r\n",
                    "HTTP/1.1 abc OK\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: P4ssw0rd\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nP4ssw0rd\r\n{}\r\n"
                })
        void thatSpeakAnythingButHttpAreUnreadable(String garbage) throws IOException {
            try (RawServer server = RawServer.answering(garbage)) {
                expectNotHttp(answer(endpoint(server.uri()), LOGIN), server.uri());
            }
        }

        @Test
        void withASecondAnswerGiveTheFirst() throws IOException {
            String first = OK + "Content-Length: " + TOKEN.length() + "\r\n\r\n" + TOKEN;
            try (RawServer server =
                    RawServer.answering(first + OK + "Content-Length: 24\r\n\r\n{\"access_token\":\"stolen\"}")) {
                assertThat(issued(answer(endpoint(server.uri()), LOGIN)).accessToken())
                        .isEqualTo("ad8e51c5a981bb821cfd77cc52154ad0");
            }
        }

        private void expectBroken(RawServer server) {
            expectUnavailable(
                    answer(endpoint(server.uri()), LOGIN),
                    Delivery.UNANSWERED,
                    noToken(server.uri(), "the connection broke before a complete answer came"));
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    private static boolean await(CountDownLatch latch) {
        return await(latch, BOUND);
    }

    private static boolean await(CountDownLatch latch, Duration bound) {
        try {
            return latch.await(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Finds no host, at once and without a name server. */
    private static final class NoSuchHost extends AddressResolverGroup<InetSocketAddress> {
        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            return new InetSocketAddressResolver(executor, new InetNameResolver(executor) {
                @Override
                protected void doResolve(String name, Promise<InetAddress> promise) {
                    promise.setFailure(new UnknownHostException(name));
                }

                @Override
                protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
                    promise.setFailure(new UnknownHostException(name));
                }
            });
        }
    }
}
