package io.monotoken.benchmarks;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/** What the rounds of one measurement gave. */
final class Series {

    private final double[] values;

    private Series(double[] values) {
        this.values = values;
    }

    static Series of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("a series needs at least one value");
        }
        return new Series(values.clone());
    }

    /** {@return this and another series taken together, round by round} */
    Series with(Series other, DoubleBinaryOperator operator) {
        return of(IntStream.range(0, Math.min(values.length, other.values.length))
                .mapToDouble(round -> operator.applyAsDouble(values[round], other.values[round]))
                .toArray());
    }

    double median() {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    double min() {
        return Arrays.stream(values).min().orElseThrow();
    }

    double max() {
        return Arrays.stream(values).max().orElseThrow();
    }
}
