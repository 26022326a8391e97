package io.monotoken.testing.user;

import io.monotoken.TokenStore;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import reactor.core.publisher.Mono;

/** A token store in a relational database, with the statements of {@code docs/token-store.md}. */
final class SqlTokenStore implements TokenStore {

    static final String TABLE = """
            CREATE TABLE token_record (
                id VARCHAR(255) PRIMARY KEY,
                tag VARCHAR(255) NOT NULL,
                content VARBINARY(65536) NOT NULL,
                ends TIMESTAMP(6) WITH TIME ZONE NOT NULL
            )
            """;

    static final String READ = """
            SELECT r.tag, r.content, c.present
            FROM (SELECT CURRENT_TIMESTAMP AS present) c LEFT JOIN token_record r ON r.id = :id
            """;

    static final String INSERT = """
            INSERT INTO token_record (id, tag, content, ends)
            VALUES (:id, :tag, :content, CURRENT_TIMESTAMP + CAST(:seconds AS INTEGER) * INTERVAL '1' SECOND)
            """;

    static final String UPDATE = """
            UPDATE token_record
            SET tag = :tag, content = :content, ends = CURRENT_TIMESTAMP + CAST(:seconds AS INTEGER) * INTERVAL '1' SECOND
            WHERE id = :id AND tag = :expected
            """;

    static final String CLEAN_UP = "DELETE FROM token_record WHERE ends < CURRENT_TIMESTAMP";

    private final DatabaseClient database;

    SqlTokenStore(DatabaseClient database) {
        this.database = database;
    }

    @Override
    public Mono<Reading> read(String key) {
        return database.sql(READ)
                .bind("id", key)
                .map(row -> new Reading(
                        row.get("tag", String.class),
                        row.get("content", byte[].class),
                        Objects.requireNonNull(row.get("present", OffsetDateTime.class))
                                .toInstant()))
                .one();
    }

    @Override
    public Mono<Boolean> replace(String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
        GenericExecuteSpec write = expectedTag == null
                ? database.sql(INSERT)
                : database.sql(UPDATE).bind("expected", expectedTag);
        return write.bind("id", key)
                .bind("tag", tag)
                .bind("content", value.clone())
                .bind("seconds", keep.toSeconds() + 1)
                .fetch()
                .rowsUpdated()
                .onErrorReturn(DuplicateKeyException.class, 0L)
                .flatMap(rows -> rows == 1 ? Mono.just(true) : isInPlace(key, tag));
    }

    /** An earlier call may have written it, whose answer was lost. */
    private Mono<Boolean> isInPlace(String key, String tag) {
        return read(key).map(reading -> tag.equals(reading.tag()));
    }
}
