package io.monotoken.spring.actuate;

import io.micrometer.core.instrument.MeterRegistry;
import io.monotoken.TokenSource;
import io.monotoken.spring.TokenSourceBuilderCustomizer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.beans.factory.DisposableBean;

/**
 * Gives every client its meters, and takes their gauges back at the end: in a registry that goes on, those of a client of
 * the next context would find their names taken.
 */
final class MeteredClients implements TokenSourceBuilderCustomizer, DisposableBean {

    private final MeterRegistry registry;
    private final List<Meters> all = new CopyOnWriteArrayList<>();

    MeteredClients(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void customize(String client, TokenSource.Builder builder) {
        Meters meters = new Meters(client, registry);
        all.add(meters);
        builder.listener(meters);
    }

    @Override
    public void destroy() {
        all.forEach(Meters::removeGauges);
    }
}
