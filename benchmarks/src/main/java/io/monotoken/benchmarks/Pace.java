package io.monotoken.benchmarks;

import java.time.Duration;
import java.util.List;

/**
 * How long and how often to measure.
 *
 * @param name for the table's first line
 * @param forks of each JMH method, one after another with those it is compared with
 * @param iterations warm-ups and measurements of each fork
 * @param iteration how long one of them takes
 * @param rounds of each load program
 * @param crowds numbers of callers that start cold
 * @param load how long callers go on in one round
 * @param outages rounds of the load program that takes longest
 * @param outage how long no token can be had
 * @param sources that are weighed together
 * @param requests over loopback in one round
 */
record Pace(
        String name,
        int forks,
        int iterations,
        Duration iteration,
        int rounds,
        List<Integer> crowds,
        Duration load,
        int outages,
        Duration outage,
        int sources,
        int requests) {

    static final Pace FULL = new Pace(
            "full run",
            5,
            5,
            Duration.ofMillis(500),
            5,
            List.of(1_000, 10_000, 100_000),
            Duration.ofSeconds(6),
            3,
            Duration.ofSeconds(5),
            20_000,
            10_000);

    static final Pace QUICK = new Pace(
            "quick run",
            1,
            3,
            Duration.ofMillis(200),
            2,
            List.of(1_000, 10_000, 100_000),
            Duration.ofSeconds(3),
            1,
            Duration.ofSeconds(2),
            5_000,
            3_000);
}
