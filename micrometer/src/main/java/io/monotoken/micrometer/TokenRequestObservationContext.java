package io.monotoken.micrometer;

import io.micrometer.observation.Observation;
import io.monotoken.TokenException;
import org.jspecify.annotations.Nullable;

/** What is known of one token request. */
public final class TokenRequestObservationContext extends Observation.Context {

    private final String client;
    private final String grantType;
    private volatile boolean answered;

    TokenRequestObservationContext(String client, String grantType) {
        this.client = client;
        this.grantType = grantType;
    }

    /** {@return the client's name} */
    public String client() {
        return client;
    }

    /** {@return {@code refresh_token}, or the type of the primary grant} */
    public String grantType() {
        return grantType;
    }

    /** {@return why no token came; null after a success and while the request is in flight} */
    public @Nullable TokenException failure() {
        return getError() instanceof TokenException failure ? failure : null;
    }

    /** {@return whether the request has ended, with a token or without} */
    public boolean isAnswered() {
        return answered;
    }

    void answered() {
        answered = true;
    }
}
