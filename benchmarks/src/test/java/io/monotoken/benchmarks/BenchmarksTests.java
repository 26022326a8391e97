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
                .contains("| idle source | **Monotoken** | bytes beyond its tokens |")
                .containsPattern("ten instances, 1 s tokens \\| .*ten that share \\| logins \\| 1 \\|")
                .contains("| start of an instance | **Monotoken**, a sibling has a token | ms to its token |")
                .contains("**Monotoken**, ten that share | s until the others have a token |")
                .containsPattern("one of ten sees .*ten that share \\| renewals \\| 1 \\|")
                .containsPattern("wrong password, 2 processes .*share \\| times it was sent \\| 1 \\| 1 … 1 \\|")
                .containsPattern("Redis frozen .* refresh tokens presented twice \\| 0 \\|")
                .containsPattern("outage of the endpoint .*ten that share \\| token requests of all ten \\|");
    }

    @Test
    void replacesTheTableBetweenItsMarkers(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("README.md");
        Files.writeString(file, "before\n<!-- table begins -->\nold\n<!-- table ends -->\nafter\n");

        new MarkedFile(file).replace("new\n");

        assertThat(file).hasContent("before\n<!-- table begins -->\nnew\n<!-- table ends -->\nafter\n");
    }
}
