package io.monotoken.samples.complyone.fleet;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EmbeddedRedisTests {

    @Test
    void saysWhatToDoWhereItDoesNotRun() {
        Path noProgram = Path.of("pom.xml");
        Path noRedis = Path.of(System.getProperty("java.home"), "bin", "java");

        assertThatExceptionOfType(CannotStartException.class)
                .isThrownBy(() -> EmbeddedRedis.start(noProgram))
                .withMessageContaining("does not run on this machine: ")
                .withMessageContaining("Install a Redis of 6.2 or newer")
                .withMessageContaining("--redis-server=");
        assertThatExceptionOfType(CannotStartException.class)
                .isThrownBy(() -> EmbeddedRedis.start(noRedis))
                .withMessageContaining("does not run on this machine: it ended and said: ")
                .withMessageContaining("--bind");
    }
}
