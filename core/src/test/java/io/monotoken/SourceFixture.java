package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** A source on test time with a scripted endpoint and an account of its own. */
final class SourceFixture {

    private static final AtomicInteger ACCOUNTS = new AtomicInteger();
    static final Duration BOUND = Duration.ofSeconds(10);

    final TestTime time;
    final ScriptedEndpoint endpoint;
    final List<String> events = Collections.synchronizedList(new ArrayList<>());
    final List<TokenListener.Lookup> lookups = Collections.synchronizedList(new ArrayList<>());
    final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());
    final List<String> answers = Collections.synchronizedList(new ArrayList<>());
    final URI tokenUri;
    Grant grant = new PasswordGrant("ann@example.com", "P4ssw0rd", List.of("email", "offline_access"));
    RefreshSettings settings = RefreshSettings.defaults();
    LockOutSettings lockOut = LockOutSettings.defaults();

    @Nullable
    RefreshTokenStore store;

    DoubleSupplier random = () -> 0.5;
    Scheduler resume;
    SourceClock clock;
    TokenListener listener = new Recorder();
    private @Nullable SharedTokenSource source;

    SourceFixture() {
        this(new TestTime(), URI.create("https://idp.example/token/" + ACCOUNTS.incrementAndGet()));
    }

    private SourceFixture(TestTime time, URI tokenUri) {
        this.time = time;
        this.tokenUri = tokenUri;
        this.endpoint = new ScriptedEndpoint(tokenUri);
        this.resume = time.timer;
        this.clock = time.clock;
    }

    /** {@return another source of the same account on the same time} */
    SourceFixture sibling() {
        return new SourceFixture(time, tokenUri);
    }

    synchronized SharedTokenSource source() {
        if (source == null) {
            source = new SharedTokenSource(setup());
        }
        return source;
    }

    SourceSetup setup() {
        return new SourceSetup(
                endpoint,
                grant,
                settings,
                lockOut,
                store == null ? null : new TokenKeeper.RefreshTokens(store),
                Listeners.of(List.of(listener)),
                clock,
                new ReliableScheduler(() -> resume),
                random);
    }

    Mono<Token> token() {
        return source().token();
    }

    /** {@return what a caller gets who cannot be kept waiting} */
    Token obtain() {
        return Objects.requireNonNull(token().block(BOUND));
    }

    TokenException failure() {
        TokenException failure = catchThrowableOfType(TokenException.class, this::obtain);
        assertThat(failure).as("a failure").isNotNull();
        return failure;
    }

    private final class Recorder implements TokenListener {
        @Override
        public void requested(String grantType) {
            events.add("requested " + grantType);
        }

        @Override
        public void obtained(Token token, Duration took) {
            events.add("obtained " + token.value());
        }

        @Override
        public void failed(TokenException failure, Duration took) {
            events.add("failed " + failure.getClass().getSimpleName());
        }

        @Override
        public void lookedUp(Lookup result) {
            lookups.add(result);
        }

        @Override
        public void waited(Duration took) {
            waits.add(took);
        }

        @Override
        public void answered(String grantType, @Nullable TokenException failure, Duration took) {
            answers.add(grantType + " "
                    + (failure == null ? "" : failure.getClass().getSimpleName() + " ") + took.toMillis());
        }

        @Override
        public void invalidated(Token token) {
            events.add("invalidated " + token.value());
        }

        @Override
        public void guardClosed(TokenException.Rejected refusal, @Nullable Duration wait) {
            events.add("guard closed " + (wait == null ? "until a change" : wait.toSeconds()));
        }

        @Override
        public void guardOpened() {
            events.add("guard opened");
        }
    }
}
