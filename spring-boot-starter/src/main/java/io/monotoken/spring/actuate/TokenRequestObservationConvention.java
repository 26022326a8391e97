package io.monotoken.spring.actuate;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/** Names and keys of observed token requests. A bean of this type replaces the usual ones. */
public interface TokenRequestObservationConvention extends ObservationConvention<TokenRequestObservationContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof TokenRequestObservationContext;
    }
}
