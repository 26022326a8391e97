package io.monotoken.benchmarks;

import java.util.Locale;

/**
 * One line of the table.
 *
 * @param claim what was measured
 * @param contender whose numbers these are
 * @param quantity what was counted, with its unit
 * @param values one for each round
 * @param ratio how it compares with the limit, or empty
 * @param goal what was to be reached and whether it was, or empty
 */
record Row(String claim, String contender, String quantity, Series values, String ratio, String goal) {

    static final String MONOTOKEN = "**Monotoken**";

    static Row of(String claim, String contender, String quantity, Series values) {
        return new Row(claim, contender, quantity, values, "", "");
    }

    Row against(Series limit) {
        return limit.median() > 0 ? withRatio("× " + number(values.median() / limit.median())) : this;
    }

    /** The median must not be higher. */
    Row typicallyAtMost(double limit) {
        return withGoal("≤ " + number(limit), values.median() <= limit);
    }

    /** No round may be higher. */
    Row alwaysAtMost(double limit) {
        return withGoal(limit == 0 ? "0" : "≤ " + number(limit), values.max() <= limit);
    }

    Row withGoal(String words, boolean reached) {
        return new Row(claim, contender, quantity, values, ratio, words + (reached ? "" : " **missed**"));
    }

    private Row withRatio(String words) {
        return new Row(claim, contender, quantity, values, words, goal);
    }

    String markdown() {
        return "| " + claim + " | " + contender + " | " + quantity + " | " + number(values.median()) + " | "
                + number(values.min()) + " … " + number(values.max()) + " | " + ratio + " | " + goal + " |";
    }

    private static String number(double value) {
        boolean whole = value == Math.rint(value) || Math.abs(value) >= 100;
        return String.format(Locale.ROOT, whole ? "%,.0f" : "%.2f", value).replace(',', ' ');
    }
}
