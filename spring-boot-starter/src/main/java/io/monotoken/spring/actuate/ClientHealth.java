package io.monotoken.spring.actuate;

import io.monotoken.TokenSourceState;
import io.monotoken.spring.autoconfigure.MonotokenClients;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Status;
import reactor.core.publisher.Mono;

/** Reports what a client's token source knows. It never sends a request. */
final class ClientHealth implements ReactiveHealthIndicator {

    private final MonotokenClients clients;
    private final String client;

    ClientHealth(MonotokenClients clients, String client) {
        this.clients = clients;
        this.client = client;
    }

    @Override
    public Mono<Health> health() {
        return Mono.fromSupplier(() -> health(clients.tokenSource(client).state()))
                .onErrorResume(error -> Mono.just(unknowable(error)));
    }

    /** A source of the application's own may fail; its message is left out because it may hold a secret. */
    private static Health unknowable(Throwable error) {
        return Health.down().withDetail("error", error.getClass().getName()).build();
    }

    static Health health(TokenSourceState state) {
        Health.Builder health = Health.status(status(state)).withDetail("phase", state.phase());
        detail(health, "expiresAt", state.expiresAt());
        detail(health, "renewFrom", state.renewFrom());
        detail(health, "lastSuccess", state.lastSuccess());
        detail(health, "lastFailure", state.lastFailure());
        detail(health, "nextAttempt", state.nextAttempt());
        health.withDetail("waiters", state.waiters());
        TokenSourceState.Shared shared = state.shared();
        if (shared != null) { // which changes no status: without its store, an instance goes on alone
            health.withDetail("store", shared.awaySince() == null ? "UP" : "AWAY");
            detail(health, "storeAwaySince", shared.awaySince());
        }
        return health.build();
    }

    private static void detail(Health.Builder health, String name, @Nullable Object value) {
        if (value != null) {
            health.withDetail(name, value);
        }
    }

    private static Status status(TokenSourceState state) {
        return switch (state.phase()) {
            case FRESH, STALE -> Status.UP;
            case IDLE, WAITING -> state.lastFailure() == null ? Status.UNKNOWN : Status.DOWN;
            case FAILING, GUARDED, CLOSED -> Status.DOWN;
        };
    }
}
