package io.monotoken.spring.actuate;

import io.micrometer.observation.NullObservation;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.monotoken.TokenException;
import io.monotoken.TokenListener;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Observes the token requests of one client, of which at most one is in the air. */
final class ObservedRequests implements TokenListener {

    private static final TokenRequestObservationConvention USUAL = new DefaultTokenRequestObservationConvention();

    private final String client;
    private final ObservationRegistry registry;
    private final @Nullable TokenRequestObservationConvention convention;
    private final AtomicReference<@Nullable Observation> inTheAir = new AtomicReference<>();

    ObservedRequests(
            String client, ObservationRegistry registry, @Nullable TokenRequestObservationConvention convention) {
        this.client = client;
        this.registry = registry;
        this.convention = convention;
    }

    @Override
    public void requested(String grantType) {
        TokenRequestObservationContext context = new TokenRequestObservationContext(client, grantType);
        // A caller's observation may be current on this thread; handlers would take it, or its span, for the parent.
        Observation.Scope nobody = new NullObservation(registry).openScope();
        try {
            inTheAir.set(TokenRequestObservation.TOKEN_REQUEST
                    .observation(convention, USUAL, () -> context, registry)
                    .parentObservation(null)
                    .start());
        } finally {
            nobody.close();
        }
    }

    @Override
    public void answered(String grantType, @Nullable TokenException failure, Duration took) {
        Observation observation = inTheAir.getAndSet(null);
        if (observation == null) {
            return;
        }
        if (observation.getContext() instanceof TokenRequestObservationContext context) {
            context.answered();
        }
        if (failure != null) {
            observation.error(failure);
        }
        observation.stop();
    }
}
