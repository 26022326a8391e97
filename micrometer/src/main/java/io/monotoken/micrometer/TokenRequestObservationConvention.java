package io.monotoken.micrometer;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names and keys of observed token requests. In a Spring Boot application a bean of this type replaces the default ones;
 * elsewhere {@link ObservedRequests#withConvention} takes it.
 */
public interface TokenRequestObservationConvention extends ObservationConvention<TokenRequestObservationContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof TokenRequestObservationContext;
    }
}
