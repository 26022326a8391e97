package io.monotoken.micrometer;

import io.micrometer.observation.NullObservation;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.monotoken.TokenException;
import io.monotoken.TokenListener;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Observes the token requests of one client's token source, as {@link TokenRequestObservationDocumentation} documents
 * them. At most one request of a source is in flight, so each source needs one of its own.
 */
public final class ObservedRequests implements TokenListener {

    private static final TokenRequestObservationConvention DEFAULT = new DefaultTokenRequestObservationConvention();

    private final String client;
    private final ObservationRegistry registry;
    private final @Nullable TokenRequestObservationConvention convention;
    private final AtomicReference<@Nullable Observation> inFlight = new AtomicReference<>();

    private ObservedRequests(
            String client, ObservationRegistry registry, @Nullable TokenRequestObservationConvention convention) {
        this.client = Objects.requireNonNull(client, "client");
        this.registry = Objects.requireNonNull(registry, "registry");
        this.convention = convention;
    }

    /**
     * Observes with the default names and keys, unless the registry has a convention of its own for them. To be passed to
     * {@code TokenSource.Builder.listener}.
     *
     * @param client the client's name, in names and keys
     * @param registry where observations are handled
     * @return a listener for one source
     */
    public static ObservedRequests of(String client, ObservationRegistry registry) {
        return new ObservedRequests(client, registry, null);
    }

    /**
     * Observes with other names and keys.
     *
     * @param convention what names the observations
     * @return a listener for one source, instead of this one
     */
    public ObservedRequests withConvention(TokenRequestObservationConvention convention) {
        return new ObservedRequests(client, registry, Objects.requireNonNull(convention, "convention"));
    }

    @Override
    public void requested(String grantType) {
        TokenRequestObservationContext context = new TokenRequestObservationContext(client, grantType);
        // A caller's observation may be current on this thread; handlers would take it, or its span, for the parent.
        Observation.Scope nobody = new NullObservation(registry).openScope();
        try {
            inFlight.set(TokenRequestObservationDocumentation.TOKEN_REQUEST
                    .observation(convention, DEFAULT, () -> context, registry)
                    .parentObservation(null)
                    .start());
        } finally {
            nobody.close();
        }
    }

    @Override
    public void answered(String grantType, @Nullable TokenException failure, Duration took) {
        Observation observation = inFlight.getAndSet(null);
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
