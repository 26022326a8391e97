package io.monotoken.benchmarks;

import io.lettuce.core.RedisClient;
import io.monotoken.RefreshSettings;
import io.monotoken.StoreSettings;
import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.TokenEndpoint;
import io.monotoken.redis.RedisTokenStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToLongFunction;
import reactor.core.scheduler.Scheduler;

/** Instances of one service, which share their token through Redis or have one each. Each has a connection of its own. */
final class Instances implements AutoCloseable {

    static final int TEN = 10;
    static final String SHARING = Row.MONOTOKEN + ", ten that share";
    static final String ALONE = "ten, each for itself";
    static final List<String> BOTH = List.of(SHARING, ALONE);

    private static final Duration LEASE = Duration.ofSeconds(StoreSettings.DEFAULT_LEASE_SECONDS);
    private static final Duration FLIGHT = Duration.ofSeconds(10);
    private static final Duration MARGIN = Duration.ofSeconds(1); // twice what the store has for an answer

    private final List<TokenSource> sources = new ArrayList<>();
    private final List<RedisClient> clients = new ArrayList<>();
    private final List<RedisTokenStore> stores = new ArrayList<>();
    private final List<Callers> callers = new ArrayList<>();

    /**
     * @param contender one of {@link #BOTH}
     */
    static Instances ten(String contender, StemsStandIn stems, RedisServer redis) {
        return contender.equals(SHARING) ? sharing(stems, redis, LEASE) : alone(stems);
    }

    static Instances alone(StemsStandIn stems) {
        Instances ten = new Instances();
        for (int i = 0; i < TEN; i++) {
            ten.sources.add(stems.source());
        }
        return ten;
    }

    static Instances sharing(StemsStandIn stems, RedisServer redis, Duration lease) {
        Instances ten = new Instances();
        Duration flight = lease.minus(MARGIN).compareTo(FLIGHT) < 0 ? lease.minus(MARGIN) : FLIGHT;
        RefreshSettings timed =
                RefreshSettings.defaults().withTimeout(flight).withCredentialsTimeout(flight.dividedBy(2));
        for (int i = 0; i < TEN; i++) {
            RedisClient client = redis.client();
            RedisTokenStore store = RedisTokenStore.builder(client).build();
            TokenEndpoint endpoint = stems.endpointBuilder()
                    .timeout(flight.dividedBy(2))
                    .connectTimeout(flight.dividedBy(3))
                    .build();
            ten.clients.add(client);
            ten.stores.add(store);
            ten.sources.add(TokenSource.builder(endpoint, StemsStandIn.grant())
                    .refresh(timed)
                    .tokenStore(store, settings().withLease(lease))
                    .build());
        }
        return ten;
    }

    static StoreSettings settings() {
        return StoreSettings.encryptedBy("k1", new byte[32]); // protects nothing here
    }

    List<TokenSource> sources() {
        return sources;
    }

    /** {@return the tokens that they have now, as soon as each has one} */
    Set<Token> tokens() {
        Set<Token> tokens = new HashSet<>();
        sources.forEach(
                source -> tokens.add(Objects.requireNonNull(source.token().block())));
        return tokens;
    }

    /** Lets a caller of each ask again and again. */
    void ask(Scheduler scheduler) {
        sources.forEach(source -> callers.add(new Callers(source.token(), any -> true, scheduler).start(1)));
    }

    void stopAsking() {
        callers.forEach(Callers::stop);
    }

    long sum(ToLongFunction<Callers> count) {
        return callers.stream().mapToLong(count).sum();
    }

    /** {@return all tokens that anybody got while asking} */
    Set<Token> tokensSeen() {
        Set<Token> seen = new HashSet<>();
        callers.forEach(one -> seen.addAll(one.tokens()));
        return seen;
    }

    /** Takes an instance away in the middle of what it does: it can neither finish nor tell anybody. */
    void cutOff(TokenSource source) {
        int place = sources.indexOf(source);
        sources.remove(place);
        stores.remove(place).close();
        clients.remove(place).shutdown(Duration.ZERO, Duration.ofSeconds(2));
        source.close();
    }

    @Override
    public void close() {
        stopAsking();
        sources.forEach(TokenSource::close);
        stores.forEach(RedisTokenStore::close);
        clients.forEach(client -> client.shutdown(Duration.ZERO, Duration.ofSeconds(2)));
    }
}
