package io.monotoken.spring.actuate;

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
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the token source of one client does. A registry holds gauges weakly, so none keeps a closed source alive.
 */
final class Meters implements TokenListener {

    private final MeterRegistry registry;
    private final List<Gauge> gauges;
    private final Map<Lookup, Counter> lookups = new EnumMap<>(Lookup.class);
    private final Timer waits;
    private final Counter invalidations;
    private final AtomicInteger waiters = new AtomicInteger();
    private final InstantSource clock = InstantSource.system();
    private volatile @Nullable Instant expiresAt;
    private volatile boolean guarded;

    Meters(String client, MeterRegistry registry) {
        this.registry = registry;
        Tags tags = Tags.of("client", client);
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
                Gauge.builder("monotoken.waiters", this, meters -> meters.waiters.get())
                        .description("Callers who wait for a token now")
                        .tags(tags)
                        .register(registry),
                Gauge.builder("monotoken.token.expiry", this, Meters::secondsLeft)
                        .description("Until the last token ends; negative when it has ended")
                        .baseUnit("seconds")
                        .tags(tags)
                        .register(registry),
                Gauge.builder("monotoken.guard.closed", this, meters -> meters.guarded ? 1 : 0)
                        .description("Whether no password is sent because the server refused the last one")
                        .tags(tags)
                        .register(registry));
    }

    void removeGauges() {
        gauges.forEach(registry::remove);
    }

    private double secondsLeft() {
        Instant end = expiresAt;
        return end == null ? Double.NaN : Duration.between(clock.instant(), end).toMillis() / 1000.0;
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
    public void guardClosed(TokenException.Rejected refusal, Duration wait) {
        guarded = true;
    }

    @Override
    public void guardOpened() {
        guarded = false;
    }
}
