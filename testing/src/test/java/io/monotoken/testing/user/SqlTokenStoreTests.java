package io.monotoken.testing.user;

import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenStore;
import io.monotoken.testing.TokenStoreContract;
import io.r2dbc.h2.H2ConnectionConfiguration;
import io.r2dbc.h2.H2ConnectionFactory;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.scheduler.Schedulers;

/** The kit on a real database. */
class SqlTokenStoreTests extends TokenStoreContract {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final String name = UUID.randomUUID().toString();

    @BeforeEach
    void createTable() {
        database().sql(SqlTokenStore.TABLE).then().block(TEN_SECONDS);
    }

    @Override
    protected TokenStore store() {
        return new SqlTokenStore(database());
    }

    @Override
    protected TokenStore storeOfSibling() {
        return store();
    }

    @Override
    protected TokenStore storeOutOfReach() {
        return new SqlTokenStore(database(H2ConnectionConfiguration.builder()
                .url("tcp://127.0.0.1:" + closedPort() + "/mem:none")
                .build()));
    }

    @Test
    void cleansUpWhatHasEndedAndNothingElse() {
        TokenStore store = store();
        store.replace("ended", null, "one", new byte[1], Duration.ofSeconds(-2)).block(TEN_SECONDS);
        store.replace("kept", null, "two", new byte[1], TEN_SECONDS).block(TEN_SECONDS);

        database().sql(SqlTokenStore.CLEAN_UP).then().block(TEN_SECONDS);

        assertThat(tag(store, "ended")).isNull();
        assertThat(tag(store, "kept")).isEqualTo("two");
    }

    private static @Nullable String tag(TokenStore store, String key) {
        return Objects.requireNonNull(store.read(key).block(TEN_SECONDS)).tag();
    }

    @Test
    void usesTheStatementsOfThePage() throws IOException {
        String page = Files.readString(Path.of("../docs/token-store.md"));

        assertThat(page)
                .containsIgnoringWhitespaces(
                        SqlTokenStore.TABLE,
                        SqlTokenStore.READ,
                        SqlTokenStore.INSERT,
                        SqlTokenStore.UPDATE,
                        SqlTokenStore.CLEAN_UP);
    }

    private DatabaseClient database() {
        return database(H2ConnectionConfiguration.builder()
                .inMemory(name)
                .property("DB_CLOSE_DELAY", "-1")
                .build());
    }

    /** Connects on threads that may block, since this driver does. */
    private static DatabaseClient database(H2ConnectionConfiguration configuration) {
        H2ConnectionFactory blocking = new H2ConnectionFactory(configuration);
        return DatabaseClient.create(new ConnectionFactory() {

            @Override
            public Publisher<? extends Connection> create() {
                return blocking.create().subscribeOn(Schedulers.boundedElastic());
            }

            @Override
            public ConnectionFactoryMetadata getMetadata() {
                return blocking.getMetadata();
            }
        });
    }

    private static int closedPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
