package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import reactor.test.util.RaceTestUtils;

class RetryBudgetTests {

    private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5); // overflows on the way

    private final RetryBudget budget = new RetryBudget(START);

    private static long at(double seconds) {
        return START + (long) (seconds * 1e9);
    }

    private void requests(int count, double seconds) {
        for (int i = 0; i < count; i++) {
            budget.countRequest(at(seconds));
        }
    }

    private int taken(double seconds) {
        int taken = 0;
        while (budget.take(at(seconds))) {
            taken++;
        }
        return taken;
    }

    @Test
    void isATenthOfTheRequests() {
        requests(500, 0);

        assertThat(taken(0.5)).isEqualTo(50);
        assertThat(taken(9.9)).isZero();
    }

    @Test
    void isOneASecondAtLeast() {
        requests(1, 0);

        assertThat(taken(0.5)).isEqualTo(10);
        assertThat(taken(10.4)).isZero();
        assertThat(taken(11)).isEqualTo(10);
    }

    @Test
    void forgetsOldRequests() {
        requests(500, 3);

        assertThat(taken(13)).isEqualTo(10);
    }

    @Test
    void remembersRequestsForNineSecondsAtLeast() {
        requests(500, 3);

        assertThat(taken(11.9)).isEqualTo(50);
    }

    @Test
    void startsAnewAfterALongPause() {
        requests(500, 0);
        taken(0.5);

        assertThat(taken(1_000_000)).isEqualTo(10);
        assertThat(taken(1_000_000.5)).isZero();
    }

    @Test
    void isNotWidenedByACallerWhoIsLate() {
        requests(1, 20);
        assertThat(taken(20)).isEqualTo(10);

        budget.countRequest(at(3));

        assertThat(taken(3)).isZero();
        assertThat(taken(20.5)).isZero();
    }

    /** Whatever comes when: no ten seconds hold more retries than a tenth of the requests of the ten before, or ten. */
    @Test
    void holdsInAnyTenSeconds() {
        Random random = new Random(42);
        Deque<Double> retries = new ArrayDeque<>();
        Deque<Double> requests = new ArrayDeque<>();
        double now = 0;

        for (int i = 0; i < 200_000; i++) {
            now += random.nextInt(1_000) == 0 ? random.nextDouble() * 15 : random.nextDouble() * 0.01;
            budget.countRequest(at(now));
            requests.add(now);
            if (random.nextInt(4) == 0 && budget.take(at(now))) {
                retries.add(now);
            }
            while (!retries.isEmpty() && retries.peek() <= now - 10) {
                retries.remove();
            }
            while (requests.peek() <= now - 20) {
                requests.remove();
            }
            assertThat(retries.size()).isLessThanOrEqualTo(Math.max(10, requests.size() / 10));
        }
    }

    @RepeatedTest(50)
    void isSharedExactlyByManyAtOnce() {
        AtomicInteger taken = new AtomicInteger();
        Runnable caller = () -> {
            for (int i = 0; i < 100; i++) {
                budget.countRequest(at(i / 100.0 * 9));
                if (budget.take(at(i / 100.0 * 9))) {
                    taken.incrementAndGet();
                }
            }
        };

        RaceTestUtils.race(Collections.nCopies(8, caller).toArray(Runnable[]::new));

        assertThat(taken).hasValueBetween(10, 80);
        assertThat(taken.get() + taken(9)).isEqualTo(80);
    }
}
