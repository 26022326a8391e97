package io.monotoken.samples.complyone;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * What many callers of Comply One saw.
 *
 * @param all in the order in which they came
 */
public record Answers(List<Answer> all) {

    /** {@return at most so many of those that came last} */
    public Answers last(int most) {
        return new Answers(all.subList(Math.max(0, all.size() - most), all.size()));
    }

    /** {@return how long the slowest took, in milliseconds} */
    public long slowest() {
        return all.stream()
                .map(Answer::took)
                .mapToLong(Duration::toMillis)
                .max()
                .orElse(0);
    }

    /** {@return how many saw what, such as {@code 1 000 x 200}} */
    @Override
    public String toString() {
        return all.stream().collect(groupingBy(Answer::outcome, TreeMap::new, counting())).entrySet().stream()
                .map(seen -> grouped(seen.getValue()) + " x " + seen.getKey())
                .collect(joining(", "));
    }

    public static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
    }
}
