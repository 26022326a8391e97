package io.monotoken.redis;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import redis.embedded.core.ExecutableProvider;

/** The servers that tests run on. */
enum RedisBuild {

    /** Redis 6.2, which comes in a jar. */
    EMBEDDED {
        @Override
        Path executable() {
            return Extracted.PROGRAM;
        }
    },

    /** What the machine has; {@code -Dredis.server=/path/to/valkey-server} names another. */
    INSTALLED {
        @Override
        Path executable() {
            return Optional.ofNullable(System.getProperty("redis.server"))
                    .map(Path::of)
                    .or(() -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
                            .map(directory -> Path.of(directory, "redis-server"))
                            .filter(Files::isExecutable)
                            .findFirst())
                    .orElseGet(
                            () -> abort(
                                    "no redis-server on the PATH; apt-get install redis-server, or name one with -Dredis.server"));
        }
    };

    /** {@return the server's program; skips the test if there is none} */
    abstract Path executable();

    private static final class Extracted {

        static final Path PROGRAM = extract();

        private static Path extract() {
            try {
                return ExecutableProvider.newJarResourceProvider().get().toPath();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
