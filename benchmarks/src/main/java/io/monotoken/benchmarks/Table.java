package io.monotoken.benchmarks;

import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Collectors;

/** The rows in Markdown, under a line that says where and when they were measured. */
final class Table {

    private Table() {}

    static String of(Pace pace, List<Row> rows) {
        String head =
                "Measured on " + LocalDate.now(Clock.systemUTC()) + ", " + pace.name() + ": " + machine() + ".\n\n"
                        + "| claim | contender | quantity | median | min … max | ratio | goal |\n"
                        + "| --- | --- | --- | ---: | ---: | ---: | --- |\n";
        return rows.stream().map(row -> row.markdown() + "\n").collect(Collectors.joining("", head, ""));
    }

    private static String machine() {
        return Runtime.getRuntime().availableProcessors() + " cores, "
                + Runtime.getRuntime().maxMemory() / (1024 * 1024) + " MB heap at most, "
                + System.getProperty("java.vm.name") + " " + Runtime.version() + ", " + System.getProperty("os.name")
                + " " + System.getProperty("os.arch");
    }
}
