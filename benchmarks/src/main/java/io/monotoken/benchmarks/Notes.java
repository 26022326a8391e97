package io.monotoken.benchmarks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The numbers of a claim, round after round, by contender and quantity. */
final class Notes {

    private final Map<Key, List<Double>> values = new HashMap<>();

    void add(String contender, String quantity, double value) {
        values.computeIfAbsent(new Key(contender, quantity), none -> new ArrayList<>())
                .add(value);
    }

    void count(String contender, String quantity, long value) {
        add(contender, quantity, (double) value);
    }

    Series series(String contender, String quantity) {
        return Series.of(values.getOrDefault(new Key(contender, quantity), List.of()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
    }

    Row row(String claim, String contender, String quantity) {
        return Row.of(claim, contender, quantity, series(contender, quantity));
    }

    private record Key(String contender, String quantity) {}
}
