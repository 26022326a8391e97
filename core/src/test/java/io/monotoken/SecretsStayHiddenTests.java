package io.monotoken;

import static io.monotoken.endpoint.Exchanges.answer;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import io.monotoken.endpoint.ClientAuthentication;
import io.monotoken.endpoint.Exchanges;
import io.monotoken.endpoint.RawServer;
import io.monotoken.endpoint.TokenEndpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Random secrets, and servers that send them back in every place they can: none shows up in what the library says, nor
 * in what it or anything below it logs, at any level.
 */
class SecretsStayHiddenTests {

    private static final String LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final String AWKWARD = "+%/ &=?#.:;,@!$'\"\\<>[]{}|~^*()äé€";

    private final LoggerContext loggers = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Logger root = loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Map<Logger, Level> levels = new HashMap<>();
    private final List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
    private final Log log = new Log();

    @BeforeEach
    void listenToEverything() {
        root.iteratorForAppenders().forEachRemaining(appenders::add);
        appenders.forEach(root::detachAppender);
        for (Logger logger : loggers.getLoggerList()) {
            if (logger.getLevel() != null) {
                levels.put(logger, logger.getLevel());
                logger.setLevel(logger == root ? Level.TRACE : null);
            }
        }
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void listenAsBefore() {
        root.detachAppender(log);
        levels.forEach(Logger::setLevel);
        appenders.forEach(root::addAppender);
    }

    static LongStream seeds() {
        return LongStream.range(0, 6);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverTheServerSendsBack(long seed) throws IOException {
        Random random = new Random(seed);
        Secrets secrets = new Secrets(random);

        for (Echo echo : Echo.values()) {
            List<String> said = new ArrayList<>();
            CountDownLatch done = new CountDownLatch(1);
            try (RawServer server = RawServer.holding(socket -> {
                RawServer.readRequest(socket);
                echo.write(socket, secrets, random);
                if (echo == Echo.AND_FALLS_SILENT) {
                    awaitBriefly(done);
                }
            })) {
                TokenEndpoint endpoint = TokenEndpoint.builder(URI.create(server.uri() + "?api_key=" + secrets.apiKey))
                        .clientAuthentication(secrets.authentication(random))
                        .timeout(Duration.ofMillis(echo == Echo.AND_FALLS_SILENT ? 200 : 5000))
                        .connectTimeout(Duration.ofMillis(200))
                        .build();
                TokenRequest request = secrets.request(random);
                TokenAnswer answer = answer(endpoint, request);
                said.add(answer.toString());
                said.add(endpoint.toString());
                said.add(request.toString());
                if (answer instanceof TokenAnswer.Failed failed) {
                    said.add(stackTrace(failed.exception()));
                    said.add(stackTrace(failed.exception().copy()));
                    said.add(failed.exception().error().orElse(""));
                }
            } finally {
                done.countDown();
            }

            assertThat(log.events)
                    .as("%s", echo)
                    .anyMatch(event -> event.getLoggerName().startsWith("reactor.netty"));
            for (ILoggingEvent event = log.events.poll(); event != null; event = log.events.poll()) {
                said.add(logged(event));
            }
            assertThat(said).allSatisfy(text -> secrets.expectAbsent(text, echo));
        }
    }

    /** Logs in, renews, is rejected, fails, meets the guard and closes, with tokens that nobody knows beforehand. */
    @ParameterizedTest
    @MethodSource("seeds")
    void whateverASourceDoes(long seed) throws IOException {
        Random random = new Random(seed);
        Secrets secrets = new Secrets(random);
        List<String> issued = new CopyOnWriteArrayList<>();
        List<String> said = new ArrayList<>();
        TestTime time = new TestTime();
        Deque<String> answers = new ConcurrentLinkedDeque<>(List.of(
                "200 {\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"id_token\":\"%s\",\"expires_in\":1800}",
                "503 {}",
                "200 {\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"id_token\":\"%s\",\"expires_in\":0}",
                "400 {\"error\":\"invalid_grant\",\"error_description\":\"%s %s %s\"}",
                "200 {\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"id_token\":\"%s\",\"expires_in\":60}",
                "400 {\"error\":\"no\",\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"id_token\":\"%s\"}",
                "401 {\"error\":\"invalid_grant\"}"));
        try (RawServer server = RawServer.holding(socket -> {
            RawServer.readRequest(socket);
            String next = Objects.requireNonNullElse(answers.poll(), "401 {\"error\":\"invalid_grant\"}");
            List<String> fresh = Stream.generate(() -> Secrets.secret(random, false))
                    .limit(3)
                    .toList();
            issued.addAll(fresh);
            RawServer.write(
                    socket,
                    "HTTP/1.1 " + next.substring(0, 3) + " X\r\n\r\n"
                            + next.substring(4).formatted(fresh.toArray()));
        })) {
            TokenEndpoint endpoint = TokenEndpoint.builder(server.uri())
                    .clientAuthentication(secrets.authentication(random))
                    .build();
            TokenSource tokens = TokenSource.builder(
                            endpoint, new PasswordGrant("john", secrets.password, List.of("email", "offline_access")))
                    .clock(time.clock)
                    .refreshTokenStore(refreshToken -> Mono.error(new IllegalStateException(refreshToken)))
                    .listener(new TokenListener() {
                        @Override
                        public void obtained(Token token, Duration took) {
                            throw new IllegalStateException(token.value());
                        }
                    })
                    .build();
            for (int i = 0; i < 12; i++) {
                try {
                    Token token = tokens.token().block(Exchanges.BOUND);
                    said.add(String.valueOf(token));
                    tokens.invalidate(Objects.requireNonNull(token));
                    tokens.token().block(Exchanges.BOUND);
                } catch (TokenException e) {
                    said.add(stackTrace(e));
                }
                said.add(tokens + " " + tokens.state());
                time.advance(Duration.ofMinutes(11));
            }
            tokens.close();
        }

        assertThat(answers).isEmpty();
        assertThat(issued).hasSizeGreaterThan(20);
        log.events.forEach(event -> said.add(logged(event)));
        assertThat(said).allSatisfy(text -> {
            secrets.expectAbsent(text, Echo.IN_A_DESCRIPTION);
            assertThat(issued.stream().filter(text::contains)).as("%s", text).isEmpty();
        });
    }

    private static String stackTrace(Throwable error) {
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static String logged(ILoggingEvent event) {
        return event.getLoggerName() + " " + event.getFormattedMessage()
                + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }

    private static void awaitBriefly(CountDownLatch latch) {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Event loops go on logging while a test reads. */
    private static final class Log extends AppenderBase<ILoggingEvent> {
        private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            events.add(event);
        }
    }

    /** Where a server puts a secret, in the order of an HTTP message. */
    private enum Echo {
        IN_PLACE_OF_HTTP("%s\r\n\r\n"),
        IN_THE_VERSION("HTTP/%s 200 OK\r\n\r\n"),
        IN_THE_STATUS("HTTP/1.1 %s OK\r\n\r\n"),
        IN_THE_REASON("HTTP/1.1 400 %s\r\n\r\n{}"),
        IN_THE_REASON_OF_A_SUCCESS("HTTP/1.1 200 %s\r\n\r\n"),
        IN_AN_INTERIM_ANSWER("HTTP/1.1 103 %s\r\n%1$s: %1$s\r\n\r\n"),
        IN_A_HEADER("HTTP/1.1 400 Bad\r\nX-Echo: %s\r\n\r\n{}"),
        IN_A_HEADER_NAME("HTTP/1.1 400 Bad\r\nX%s: 1\r\n\r\n{}"),
        IN_A_BROKEN_HEADER("HTTP/1.1 400 Bad\r\nX: \0%s\r\n\r\n{}"),
        IN_CONTENT_TYPE("HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\nx"),
        IN_A_SUBTYPE("HTTP/1.1 200 OK\r\nContent-Type: text/%s; charset=%1$s\r\n\r\nx"),
        IN_CONTENT_ENCODING("HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\n\r\nx"),
        IN_CONTENT_LENGTH("HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\nx"),
        IN_TRANSFER_ENCODING("HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\nx"),
        IN_A_CHUNK_SIZE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\nx\r\n"),
        IN_A_TRAILER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX%s: %1$s\r\n\r\n"),
        IN_RETRY_AFTER("HTTP/1.1 503 Busy\r\nRetry-After: %s\r\n\r\n"),
        IN_A_DATE("HTTP/1.1 503 Busy\r\nDate: %s\r\nRetry-After: Wed, 21 Oct 2015 07:30:00 GMT\r\n\r\n"),
        IN_A_CHALLENGE("HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm=\"%s\"\r\nSet-Cookie: s=%1$s\r\n\r\n"),
        IN_A_TARGET("HTTP/1.1 302 Found\r\nLocation: https://evil.example/%s?p=%1$s#%1$s\r\n\r\n"),
        IN_A_TARGETS_HOST("HTTP/1.1 307 Found\r\nLocation: https://%s.evil.example/\r\n\r\n"),
        IN_A_TARGETS_USER("HTTP/1.1 307 Found\r\nLocation: https://%s@evil.example/\r\n\r\n"),
        IN_A_TARGETS_SCHEME("HTTP/1.1 307 Found\r\nLocation: %s://evil.example/\r\n\r\n"),
        IN_A_PAGE("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>%s</p>"),
        IN_A_PAGE_OF_FAILURE("HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\n\r\n<p>%s</p>"),
        IN_A_FORM("HTTP/1.1 400 Bad\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nerror=%s"),
        IN_A_BROKEN_OFF_BODY("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{\"access_token\":\"%s"),
        IN_A_SECOND_ANSWER("HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 %s\r\n%1$s: %1$s\r\n\r\n%1$s"),
        AND_FALLS_SILENT("HTTP/1.1 200 OK\r\nX%s: %1$s"),
        IN_AN_ERROR("{\"error\":\"%s\"}", 400),
        IN_AN_ERROR_OF_A_SUCCESS("{\"error\":\"no: %s\"}", 200),
        IN_A_DESCRIPTION("{\"error\":\"invalid_grant\",\"error_description\":\"%s\",\"error_uri\":\"%1$s\"}", 400),
        IN_A_TOKEN_TYPE("{\"access_token\":\"t\",\"token_type\":\"%s\"}", 200),
        IN_A_TOKEN_AND_ITS_TYPE("{\"access_token\":\"%s\",\"token_type\":\"%1$s\"}", 200),
        IN_A_TOKEN_AND_AN_ERROR("{\"refresh_token\":\"%s\",\"error\":\"%1$s\"}", 200),
        IN_A_TOKEN_OF_TWO_LINES("{\"access_token\":\"%s\\r\\n\"}", 200),
        IN_A_REFRESH_TOKEN_OF_TWO_LINES("{\"access_token\":\"t\",\"refresh_token\":\"%s\\r\\n\"}", 200),
        IN_A_LIFETIME("{\"access_token\":\"t\",\"expires_in\":\"%s\"}", 200),
        IN_A_SCOPE("{\"access_token\":\"t\",\"scope\":\"%s\"}", 200),
        IN_A_MEMBER("{\"access_token\":\"t\",\"%s\":\"%1$s\"}", 200),
        IN_DUPLICATE_KEYS("{\"%s\":1,\"%1$s\":2}", 200),
        IN_BROKEN_JSON("{\"access_token\":%s}", 200);

        private final String template;
        private final boolean json;

        Echo(String template) {
            this.template = template;
            this.json = false;
        }

        Echo(String body, int status) {
            this.template = "HTTP/1.1 " + status + " X\r\nContent-Type: application/json\r\n\r\n" + body;
            this.json = true;
        }

        void write(Socket socket, Secrets secrets, Random random) throws IOException {
            String secret = secrets.anyForm(random);
            String written = json ? secret.replace("\\", "\\\\").replace("\"", "\\\"") : secret;
            String bytes = template.formatted(new String(written.getBytes(UTF_8), ISO_8859_1));
            RawServer.write(socket, bytes);
        }
    }

    private static final class Secrets {

        private final String password;
        private final String clientSecret;
        private final String refreshToken;
        private final String apiKey;
        private final List<String> forms = new ArrayList<>();

        Secrets(Random random) {
            password = secret(random, true);
            clientSecret = secret(random, true);
            refreshToken = secret(random, false);
            apiKey = secret(random, false);
            for (String secret : List.of(password, clientSecret, refreshToken)) {
                forms.add(secret);
                forms.add(URLEncoder.encode(secret, UTF_8));
                forms.add(URLEncoder.encode(secret, UTF_8).replace("+", "%20").toLowerCase(Locale.ROOT));
            }
            for (String pair : List.of("client:" + clientSecret, "client:" + URLEncoder.encode(clientSecret, UTF_8))) {
                forms.add(Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
            }
        }

        private static String secret(Random random, boolean awkward) {
            StringBuilder secret = new StringBuilder();
            int length = 12 + random.nextInt(20);
            for (int i = 0; i < length; i++) {
                String alphabet = awkward && random.nextInt(4) == 0 ? AWKWARD : LETTERS;
                secret.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            return random.nextBoolean() ? secret.toString() : secret.toString().replaceAll("[^A-Za-z0-9]", "x");
        }

        ClientAuthentication authentication(Random random) {
            return switch (random.nextInt(3)) {
                case 0 -> ClientAuthentication.clientSecretPost("client", clientSecret);
                case 1 -> ClientAuthentication.clientSecretBasic("client", clientSecret);
                default -> ClientAuthentication.clientSecretBasicRaw("client", clientSecret);
            };
        }

        /** Holds all of them, so that the server may know all of them. */
        TokenRequest request(Random random) {
            return TokenRequest.of(random.nextBoolean() ? "password" : "refresh_token")
                    .with("username", "john")
                    .with("password", password)
                    .with("refresh_token", refreshToken);
        }

        String anyForm(Random random) {
            return forms.get(random.nextInt(forms.size()));
        }

        void expectAbsent(String text, Echo echo) {
            String folded = text.toLowerCase(Locale.ROOT);
            for (String form : forms) {
                expectAbsent(folded, form, echo);
                expectAbsent(folded, new String(form.getBytes(UTF_8), ISO_8859_1), echo);
            }
            expectAbsent(folded, apiKey, echo);
        }

        private static void expectAbsent(String folded, String secret, Echo echo) {
            assertThat(folded).as("%s", echo).doesNotContain(secret.toLowerCase(Locale.ROOT));
        }
    }
}
