package io.monotoken.micrometer;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenListener;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Meters of one client's token source, all with the tag {@code client}.
 *
 * <table>
 *   <caption>What is measured</caption>
 *   <tr><th>{@code monotoken.lookups}</th><td>counter of callers by what they met, in the tag {@code result}</td></tr>
 *   <tr><th>{@code monotoken.waits}</th><td>timer of callers who had to wait</td></tr>
 *   <tr><th>{@code monotoken.waiters}</th><td>gauge of callers who wait now</td></tr>
 *   <tr><th>{@code monotoken.token.expiry}</th><td>gauge of seconds until the last token ends; negative afterwards, not a
 *       number before the first</td></tr>
 *   <tr><th>{@code monotoken.invalidations}</th><td>counter of tokens that an API rejected</td></tr>
 *   <tr><th>{@code monotoken.guard.closed}</th><td>gauge: 1 while no password is sent because the server refused the last
 *       one</td></tr>
 *   <tr><th>{@code monotoken.sharing}</th><td>counter of what the instance did to share a token, in the tag {@code part}
 *       </td></tr>
 *   <tr><th>{@code monotoken.store.requests}</th><td>timer of what the store was asked, with the tags {@code operation} and
 *       {@code outcome}</td></tr>
 *   <tr><th>{@code monotoken.store.away}</th><td>gauge: 1 while the store gives no usable answer</td></tr>
 * </table>
 *
 * <p>The last three are registered when a source first asks its {@link io.monotoken.TokenStore}, so those that share no token
 * have none of them; all others are registered at once. {@link #close()} removes the gauges, which only a registry that outlives the token
 * source needs: the next source of the same client would find their names taken. A registry refers to gauges weakly, so a
 * closed source is never kept alive by them. Safe to share.
 */
public final class TokenSourceMetrics implements TokenListener, AutoCloseable {

    private final MeterRegistry registry;
    private final Tags tags;
    private final Clock clock;
    private final List<Gauge> gauges;
    private final Map<Lookup, Counter> lookups = new EnumMap<>(Lookup.class);
    private final Timer waits;
    private final Counter invalidations;
    private final AtomicInteger waiters = new AtomicInteger();
    private final Object lock = new Object();
    private volatile @Nullable SharingMeters sharing; // made under the lock
    private boolean closed; // guarded by the lock
    private volatile @Nullable Instant expiresAt;
    private volatile boolean guarded;
    private volatile boolean away;

    private TokenSourceMetrics(String client, MeterRegistry registry) {
        this.registry = registry;
        this.clock = registry.config().clock();
        tags = Tags.of("client", client);
        for (Lookup lookup : Lookup.values()) {
            lookups.put(
                    lookup,
                    Counter.builder("monotoken.lookups")
                            .description("Callers by what they met")
                            .tags(tags.and("result", lookup.name().toLowerCase(Locale.ROOT)))
                            .register(registry));
        }
        waits = Timer.builder("monotoken.waits")
                .description("How long callers waited for a token that was not there")
                .tags(tags)
                .register(registry);
        invalidations = Counter.builder("monotoken.invalidations")
                .description("Tokens that an API rejected and that are renewed therefore")
                .tags(tags)
                .register(registry);
        gauges = List.of(
                Gauge.builder("monotoken.waiters", this, metrics -> metrics.waiters.get())
                        .description("Callers who wait for a token now")
                        .tags(tags)
                        .register(registry),
                Gauge.builder("monotoken.token.expiry", this, TokenSourceMetrics::secondsLeft)
                        .description("Until the last token ends; negative when it has ended")
                        .baseUnit("seconds")
                        .tags(tags)
                        .register(registry),
                Gauge.builder("monotoken.guard.closed", this, metrics -> metrics.guarded ? 1 : 0)
                        .description("Whether no password is sent because the server refused the last one")
                        .tags(tags)
                        .register(registry));
    }

    /**
     * Registers the meters of one client's source, to be passed to {@code TokenSource.Builder.listener}.
     *
     * @param client value of the tag {@code client}; one source at a time for each
     * @param registry where the meters go
     * @return a listener for one source
     */
    public static TokenSourceMetrics of(String client, MeterRegistry registry) {
        return new TokenSourceMetrics(
                Objects.requireNonNull(client, "client"), Objects.requireNonNull(registry, "registry"));
    }

    /**
     * Removes the gauges from the registry; counters and timers stay, for whoever continues to count in them. Close the
     * token source first.
     */
    @Override
    public void close() {
        gauges.forEach(registry::remove);
        synchronized (lock) {
            closed = true;
            SharingMeters known = sharing;
            if (known != null) {
                registry.remove(known.away());
            }
        }
    }

    private double secondsLeft() {
        Instant end = expiresAt;
        if (end == null) {
            return Double.NaN;
        }
        Duration left = Duration.between(Instant.ofEpochMilli(clock.wallTime()), end);
        return left.getSeconds() + left.getNano() / 1e9; // in milliseconds, a token that never expires would overflow
    }

    @Override
    public void lookedUp(Lookup result) {
        Counter counter = lookups.get(result);
        if (counter != null) {
            counter.increment();
        }
        if (result == Lookup.WAITING) {
            waiters.incrementAndGet();
        }
    }

    @Override
    public void waited(Duration took) {
        waiters.decrementAndGet();
        waits.record(took);
    }

    @Override
    public void obtained(Token token, Duration took) {
        expiresAt = token.expiresAt();
    }

    @Override
    public void invalidated(Token token) {
        invalidations.increment();
    }

    @Override
    public void guardClosed(TokenException.Rejected refusal, @Nullable Duration wait) {
        guarded = true;
    }

    @Override
    public void guardOpened() {
        guarded = false;
    }

    @Override
    public void shared(Sharing what) {
        SharingMeters meters = sharing();
        Counter counter = meters == null ? null : meters.parts().get(what);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void storeAnswered(String operation, @Nullable Throwable failure, Duration took) {
        away = failure != null;
        if (sharing() != null) {
            storeRequests(operation, failure == null).record(took);
        }
    }

    /** {@return the meters of a source that shares its token; null after the end, when nobody would remove the gauge} */
    private @Nullable SharingMeters sharing() {
        SharingMeters known = sharing;
        if (known != null) {
            return known;
        }
        synchronized (lock) {
            if (sharing == null && !closed) {
                sharing = sharingMeters();
            }
            return sharing;
        }
    }

    private SharingMeters sharingMeters() {
        Map<Sharing, Counter> parts = new EnumMap<>(Sharing.class);
        for (Sharing part : Sharing.values()) {
            parts.put(
                    part,
                    Counter.builder("monotoken.sharing")
                            .description("What this instance did to share a token with others")
                            .tags(tags.and("part", part.name().toLowerCase(Locale.ROOT)))
                            .register(registry));
        }
        for (String operation : List.of("read", "replace")) { // at zero, so that the first failure is an increase
            storeRequests(operation, true);
            storeRequests(operation, false);
        }
        return new SharingMeters(
                parts,
                Gauge.builder("monotoken.store.away", this, metrics -> metrics.away ? 1 : 0)
                        .description("Whether the store that instances share a token through gives no usable answer")
                        .tags(tags)
                        .register(registry));
    }

    private Timer storeRequests(String operation, boolean success) {
        return Timer.builder("monotoken.store.requests")
                .description("What the store was asked that instances share a token through")
                .tags(tags.and("operation", operation, "outcome", success ? "SUCCESS" : "FAILURE"))
                .register(registry);
    }

    private record SharingMeters(Map<Sharing, Counter> parts, Gauge away) {}
}
