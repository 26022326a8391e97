package io.monotoken.samples.complyone;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Who answers: the real service, to which this application is polite, or stand-ins, of this process or of another one. */
@Component
public final class CalledService {

    private final boolean real;

    CalledService(ObjectProvider<StandIns> played, @Value("${sample.stand-ins-elsewhere:false}") boolean elsewhere) {
        this.real = played.getIfAvailable() == null && !elsewhere;
    }

    public boolean isReal() {
        return real;
    }
}
