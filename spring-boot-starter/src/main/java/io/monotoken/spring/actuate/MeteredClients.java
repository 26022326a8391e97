package io.monotoken.spring.actuate;

import io.micrometer.core.instrument.MeterRegistry;
import io.monotoken.TokenSource;
import io.monotoken.micrometer.TokenSourceMetrics;
import io.monotoken.spring.autoconfigure.TokenSourceBuilderCustomizer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.beans.factory.DisposableBean;

/**
 * Gives every client its meters, and removes their gauges when the context closes: in a registry that outlives it, those of
 * the next context's clients would find their names taken.
 */
final class MeteredClients implements TokenSourceBuilderCustomizer, DisposableBean {

    private final MeterRegistry registry;
    private final List<TokenSourceMetrics> all = new CopyOnWriteArrayList<>();

    MeteredClients(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void customize(String client, TokenSource.Builder builder) {
        TokenSourceMetrics metrics = TokenSourceMetrics.of(client, registry);
        all.add(metrics);
        builder.listener(metrics);
    }

    @Override
    public void destroy() {
        all.forEach(TokenSourceMetrics::close);
    }
}
