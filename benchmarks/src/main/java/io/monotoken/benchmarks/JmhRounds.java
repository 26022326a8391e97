package io.monotoken.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the methods of a JMH class in turn, a fork of each, again and again: whatever disturbs one disturbs all. */
final class JmhRounds {

    private final Map<String, List<RunResult>> results = new HashMap<>();

    JmhRounds(Class<?> benchmarks, List<String> methods, Pace pace) {
        for (int round = 0; round < Math.max(1, pace.forks()); round++) {
            for (String method : methods) {
                results.computeIfAbsent(method, none -> new ArrayList<>()).add(run(benchmarks, method, pace));
            }
        }
    }

    private static RunResult run(Class<?> benchmarks, String method, Pace pace) {
        Options options = new OptionsBuilder()
                .include("^" + benchmarks.getName().replace(".", "\\.") + "\\." + method + "$")
                .forks(Math.min(1, pace.forks()))
                .warmupIterations(pace.iterations())
                .warmupTime(time(pace.iteration()))
                .measurementIterations(pace.iterations())
                .measurementTime(time(pace.iteration()))
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .build();
        try {
            return new Runner(options).runSingle();
        } catch (RunnerException e) {
            throw new IllegalStateException(method + " could not be measured", e);
        }
    }

    private static TimeValue time(Duration duration) {
        return TimeValue.milliseconds(duration.toMillis());
    }

    Series time(String method) {
        return Series.of(of(method).stream()
                .mapToDouble(run -> run.getPrimaryResult().getScore())
                .toArray());
    }

    Series bytes(String method) {
        return Series.of(of(method).stream().mapToDouble(JmhRounds::allocated).toArray());
    }

    private static double allocated(RunResult run) {
        return Objects.requireNonNull(run.getSecondaryResults().get("gc.alloc.rate.norm"), "gc.alloc.rate.norm")
                .getScore();
    }

    private List<RunResult> of(String method) {
        return results.getOrDefault(method, List.of());
    }
}
