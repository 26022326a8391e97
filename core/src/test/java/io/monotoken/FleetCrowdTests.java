package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.FleetFixture.Instance;
import io.monotoken.TestStore.Fate;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** From one to a thousand instances in injected time, with a store that takes a millisecond and an endpoint that takes twenty. */
class FleetCrowdTests {

    private static final int LIFETIMES = 4;

    private final FleetFixture fleet = new FleetFixture();
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();

    FleetCrowdTests() {
        Random random = new Random(17);
        fleet.random = random::nextDouble;
        fleet.store.latency = Duration.ofMillis(1);
        answerSlowly();
    }

    private void answerSlowly() {
        fleet.endpoint.answer(request -> Mono.defer(() -> {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            return Mono.delay(Duration.ofMillis(20), fleet.time.timer)
                    .map(slow -> fleet.endpoint.token())
                    .doFinally(signal -> atOnce.decrementAndGet());
        }));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 100, 1_000})
    void logInOnceRenewOnceALifetimeAndAskTheStoreSeldom(int n) {
        List<Instance> crowd = fleet.instances(n);

        ask(crowd);
        for (int second = 0; second < LIFETIMES * 1_350; second += 5) {
            fleet.advance(Duration.ofSeconds(5));
            ask(crowd);
        }

        int refreshes = fleet.endpoint.requests("refresh_token");
        assertThat(fleet.endpoint.requests("password")).isOne();
        assertThat(refreshes).isBetween(LIFETIMES - 1, LIFETIMES + 1);
        assertThat(mostAtOnce).hasValue(1);
        double each = fleet.store.commands() / (double) n / (refreshes + 1);
        assertThat(each).isLessThan(n == 1 ? 4.5 : 2.5);
    }

    @Test
    void areNoHerdWhenTheirLeaderDies() {
        List<Instance> crowd = fleet.instances(1_000);
        ask(crowd);
        fleet.advance(Duration.ofMinutes(31)); // every token has ended
        fleet.endpoint.hang();
        Instance leader = crowd.get(0);
        leader.token().subscribe(token -> {}, error -> {});
        fleet.advance(Duration.ofMillis(5));
        fleet.store.fate = operation -> operation.kind() == RecordTag.Kind.FAILURE ? Fate.FROZEN : Fate.KIND;
        answerSlowly();
        mostAtOnce.set(0);
        int before = fleet.store.commands();
        int requests = fleet.endpoint.requests();

        for (int second = 0; second < 30; second++) {
            ask(crowd.subList(1, crowd.size()));
            fleet.advance(Duration.ofSeconds(1));
        }

        assertThat(mostAtOnce).hasValue(1);
        assertThat(fleet.endpoint.requests() - requests).isOne();
        assertThat((fleet.store.commands() - before) / 1_000.0).isLessThan(40);
        ask(crowd.subList(1, crowd.size()));
        assertThat(crowd.subList(1, crowd.size()))
                .allMatch(instance -> instance.source.state().expiresAt() != null);
    }

    private void ask(List<Instance> crowd) {
        crowd.forEach(instance -> instance.token().subscribe(token -> {}, error -> {}));
        fleet.advance(Duration.ofMillis(100));
    }
}
