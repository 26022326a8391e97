package io.monotoken.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarksTests {

    private static final Pace GLANCE = new Pace(
            "glance",
            0,
            1,
            Duration.ofMillis(10),
            1,
            List.of(100),
            Duration.ofMillis(400),
            1,
            Duration.ofMillis(500),
            50,
            100);

    @Test
    void measuresEveryClaim() {
        System.setProperty("jmh.ignoreLock", "true"); // numbers do not matter here, other builds do

        String table = Benchmarks.measure(GLANCE, Benchmarks.names());

        assertThat(table)
                .contains("| warm `token()` | **Monotoken** | ns a call |")
                .contains("| warm filter | **Monotoken** | ns a request |")
                .contains("| cold start, 100 callers | **Monotoken** | token requests | 1 | 1 … 1 |  | ≤ 1 |")
                .contains("| renewal under load | **Monotoken** | calls with an expired token |")
                .contains("no answers | **Monotoken** | failed callers |")
                .containsPattern("wrong password.*Monotoken.* token requests \\| 1 \\| 1 … 1 \\|")
                .contains("| 1 000 rejections of one token | **Monotoken** | renewals | 1 | 1 … 1 |  | ≤ 1 |")
                .contains("| 1 000 concurrent 401s | **Monotoken** | renewals | 1 | 1 … 1 |  | ≤ 1 |")
                .contains("| end to end | **Monotoken** |")
                .contains("| idle source | **Monotoken** | bytes beyond its tokens |");
    }

    @Test
    void replacesTheTableBetweenItsMarkers(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("README.md");
        Files.writeString(file, "before\n<!-- table begins -->\nold\n<!-- table ends -->\nafter\n");

        new MarkedFile(file).replace("new\n");

        assertThat(file).hasContent("before\n<!-- table begins -->\nnew\n<!-- table ends -->\nafter\n");
    }
}
