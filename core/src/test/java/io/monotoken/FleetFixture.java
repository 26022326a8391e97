package io.monotoken;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Several instances of one service on test time, with one endpoint and one store. */
final class FleetFixture {

    private static final AtomicInteger ACCOUNTS = new AtomicInteger();
    private static final Instant WALL = Instant.parse("2026-01-01T00:00:00Z");
    static final Duration BOUND = Duration.ofSeconds(10);
    static final byte[] KEY = key(1);

    final TestTime time = new TestTime();
    final URI tokenUri = URI.create("https://idp.example/fleet/" + ACCOUNTS.incrementAndGet());
    final ScriptedEndpoint endpoint = new ScriptedEndpoint(tokenUri);
    final TestStore store = new TestStore(time);
    final List<Instance> instances = new ArrayList<>();
    Grant grant = new PasswordGrant("ann@example.com", "P4ssw0rd", List.of("email", "offline_access"));
    RefreshSettings settings = RefreshSettings.defaults();
    LockOutSettings lockOut = LockOutSettings.defaults();
    StoreSettings storeSettings = StoreSettings.encryptedBy("k1", KEY);
    DoubleSupplier random = () -> 0.5;

    static byte[] key(int seed) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) seed);
        return key;
    }

    /** {@return one more instance, as all are described now} */
    Instance instance() {
        return instance(Duration.ZERO);
    }

    /**
     * @param ahead by how much its clocks are ahead of the others'
     */
    Instance instance(Duration ahead) {
        InstantSource wall = () -> WALL.plus(time.elapsed()).plus(ahead);
        return instance(
                store,
                endpoint,
                new SourceClock(() -> time.timer.now(TimeUnit.NANOSECONDS) + ahead.toNanos(), wall, () -> time.timer));
    }

    /** {@return an instance with a way of its own to the store and to the endpoint, and with clocks of its own} */
    Instance instance(TokenStore connection, TokenTransport transport, SourceClock clock) {
        Instance instance = new Instance("instance-" + (instances.size() + 1), connection, transport, clock);
        instances.add(instance);
        return instance;
    }

    List<Instance> instances(int n) {
        List<Instance> started = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            started.add(instance());
        }
        return started;
    }

    void advance(Duration duration) {
        time.advance(duration);
    }

    /** The local guard is one for this whole process; a real instance has its own. */
    void forgetLocalGuard() {
        CredentialGuard.reset(CredentialGuard.Account.of(tokenUri, "ann@example.com"));
    }

    /** One instance. */
    final class Instance implements TokenListener {

        final String name;
        final Fleet fleet;
        final SharedTokenSource source;
        final List<Sharing> sharing = Collections.synchronizedList(new ArrayList<>());
        final List<String> events = Collections.synchronizedList(new ArrayList<>());
        final AtomicInteger storeFailures = new AtomicInteger();

        private Instance(String name, TokenStore connection, TokenTransport transport, SourceClock clock) {
            this.name = name;
            Listeners listeners = Listeners.of(List.of(this));
            StoreSettings named = storeSettings.withInstance(name);
            this.fleet = new Fleet(connection, named, settings.timeout(), clock, random, listeners, name);
            this.source = new SharedTokenSource(new SourceSetup(
                    transport,
                    grant,
                    settings,
                    lockOut,
                    fleet,
                    listeners,
                    clock,
                    new ReliableScheduler(clock::timer),
                    random));
        }

        Mono<Token> token() {
            return source.token();
        }

        /** {@return what a caller gets who cannot be kept waiting} */
        Token obtain() {
            return Objects.requireNonNull(token().block(BOUND));
        }

        /** {@return what a caller has got by now; null when it still waits} */
        @Nullable
        Token obtained() {
            List<Token> got = new ArrayList<>();
            token().subscribe(got::add, error -> {});
            time.advance(Duration.ZERO);
            return got.isEmpty() ? null : got.get(0);
        }

        /** Asks, and lets the clock run until the answer is there. */
        Object ask(Duration longest) {
            List<Object> got = new ArrayList<>();
            token().subscribe(got::add, got::add);
            for (long millis = 0; got.isEmpty() && millis <= longest.toMillis(); millis += 10) {
                time.advanceMillis(10);
            }
            return got.isEmpty() ? "nothing" : got.get(0);
        }

        @Override
        public void shared(Sharing what) {
            sharing.add(what);
        }

        @Override
        public void storeAnswered(String operation, @Nullable Throwable failure, Duration took) {
            if (failure != null) {
                storeFailures.incrementAndGet();
            }
        }

        @Override
        public void obtained(Token token, Duration took) {
            events.add("obtained " + token.value());
        }

        @Override
        public void failed(TokenException failure, Duration took) {
            events.add("failed " + failure.getMessage());
        }

        @Override
        public void invalidated(Token token) {
            events.add("invalidated " + token.value());
        }
    }
}
