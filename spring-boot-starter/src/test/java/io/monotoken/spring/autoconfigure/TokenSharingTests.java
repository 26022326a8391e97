package io.monotoken.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.monotoken.RefreshSettings;
import io.monotoken.StoreSettings;
import io.monotoken.TokenSource;
import io.monotoken.TokenStore;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.aot.AotDetector;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.SpringProperties;
import reactor.core.publisher.Mono;

/** Which store and which settings a client gets that shares its token, and what is told at start where it gets none. */
class TokenSharingTests {

    private static final String KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    static final String ENABLED = "monotoken.store.redis.enabled=true";
    static final String WITH_A_KEY = "monotoken.store.redis.keys.k1=" + KEY;
    static final String SHARED = "monotoken.clients.comply-one.shared=true";

    private final ApplicationContextRunner context = context();
    private final ApplicationContextRunner withAStore = context.withBean(TokenStore.class, Nowhere::new);

    static ApplicationContextRunner context() {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(Stream.of(
                                "provider=stems-accounts",
                                "client-id=id",
                                "client-secret=secret",
                                "username=user",
                                "password=secret",
                                "base-url=https://api.example.com")
                        .map(property -> "monotoken.clients.comply-one." + property)
                        .toArray(String[]::new));
    }

    static void expect(ApplicationContextRunner context, String description, String action) {
        context.run(failed -> {
            FailureAnalysis analysis = Objects.requireNonNull(
                    new InvalidClientFailureAnalyzer().analyze(Objects.requireNonNull(failed.getStartupFailure())));

            assertThat(analysis.getDescription()).isEqualTo(description);
            assertThat(analysis.getAction()).isEqualTo(action);
        });
    }

    @Test
    void tellsWhatThisInstanceIsCalled() {
        try (LogLines log = new LogLines(ClientBeans.class, Level.INFO)) {
            withAStore
                    .withPropertyValues(ENABLED, WITH_A_KEY, SHARED)
                    .run(started -> assertThat(log.all())
                            .containsExactly("INFO Client 'comply-one' gets tokens from"
                                    + " https://accounts.stems.com.au/auth/connect/token by password grant, for"
                                    + " https://api.example.com; shares them as instance '"
                                    + started.getBean(StoreSettings.class).instance() + "'"));
        }
    }

    @Test
    void hasSettingsOfTheApplicationsOwn() {
        StoreSettings own = StoreSettings.encryptedBy("own", new byte[32]);
        withAStore
                .withBean(StoreSettings.class, () -> own)
                .withPropertyValues(SHARED)
                .run(started -> {
                    assertThat(started).hasNotFailed();
                    assertThat(started.getBean(StoreSettings.class)).isSameAs(own);
                });
    }

    @Test
    void isReallyGivenTheStore() {
        expect(
                withAStore
                        .withPropertyValues(WITH_A_KEY, SHARED)
                        .withBean(
                                TokenSourceBuilderCustomizer.class,
                                () -> (client, builder) -> builder.refreshTokenStore(token -> Mono.empty())),
                "monotoken.clients.comply-one.shared is true: tokenStore and refreshTokenStore contradict each other: a"
                        + " shared refresh token lives in the token store alone; keep one",
                "Correct it in a TokenSourceBuilderCustomizer bean, or set monotoken.clients.comply-one.shared to false");
    }

    @Test
    void isNotGivenTheStoreUnlessItSharesItsToken() {
        withAStore
                .withPropertyValues(WITH_A_KEY)
                .withBean(
                        TokenSourceBuilderCustomizer.class,
                        () -> (client, builder) -> builder.refreshTokenStore(token -> Mono.empty()))
                .run(started -> assertThat(started).hasNotFailed());
    }

    @Test
    void isOfTheSubjectThatAnAssertionNames() {
        new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withBean(TokenStore.class, Nowhere::new)
                .withPropertyValues(WITH_A_KEY, SHARED)
                .withPropertyValues(Stream.of(
                                "token-uri=https://idp.example.com/token",
                                "client-id=id",
                                "client-secret=secret",
                                "grant=jwt-bearer",
                                "assertion.subject=ann",
                                "assertion.key=" + SampleKeys.pem(SampleKeys.P256),
                                "base-url=https://api.example.com")
                        .map(property -> "monotoken.clients.comply-one." + property)
                        .toArray(String[]::new))
                .run(started -> assertThat(started).hasNotFailed());
    }

    @Test
    void isRefusedWithoutAStore() {
        expect(
                context.withPropertyValues(SHARED),
                "monotoken.clients.comply-one.shared is true, and there is no store to share the token through",
                "Set monotoken.store.redis.enabled to true and monotoken.store.redis.keys.k1 to a key, declare a TokenStore"
                        + " bean, or remove monotoken.clients.comply-one.shared");
    }

    @Test
    void isRefusedWithAStoreAndNoKeys() {
        expect(
                withAStore.withPropertyValues(SHARED),
                "monotoken.store.redis.keys has no key",
                "Set monotoken.store.redis.keys.k1 to 32 random bytes in base64, the same in all instances, or declare a"
                        + " StoreSettings bean; 'openssl rand -base64 32' makes one");
    }

    @Test
    void isRefusedWithSeveralStoresUnlessOneIsPrimary() {
        ApplicationContextRunner several = context.withPropertyValues(SHARED, WITH_A_KEY)
                .withBean("one", TokenStore.class, Nowhere::new)
                .withBean("other", TokenStore.class, Nowhere::new);
        expect(
                several,
                "there are several beans of type TokenStore, one and other, and all clients that share their token have one"
                        + " of them",
                "Mark one @Primary; a TokenSourceBuilderCustomizer bean can give one client another");

        several.withBean("third", TokenStore.class, Nowhere::new, definition -> definition.setPrimary(true))
                .run(started -> assertThat(started).hasNotFailed());
    }

    @Test
    void isRefusedWithSeveralSettings() {
        expect(
                context.withPropertyValues(SHARED)
                        .withBean(TokenStore.class, Nowhere::new)
                        .withBean("one", StoreSettings.class, () -> StoreSettings.encryptedBy("k1", new byte[32]))
                        .withBean("other", StoreSettings.class, () -> StoreSettings.encryptedBy("k1", new byte[32])),
                "there are several beans of type StoreSettings, one and other, and all clients that share their token have"
                        + " one of them",
                "Mark one @Primary; a TokenSourceBuilderCustomizer bean can give one client another");
    }

    @ParameterizedTest
    @CsvSource({
        "refresh.timeout=30s, lease=20s, 20 s, 30 s, 31s",
        "timeout=1s, lease=2s, 2 s, 15 s, 16s",
    })
    void isRefusedWithALeaseThatIsShorterThanItsRenewal(
            String ofTheClient, String ofTheStore, String lease, String timeout, String toWrite) {
        expect(
                withAStore.withPropertyValues(
                        ENABLED,
                        WITH_A_KEY,
                        SHARED,
                        "monotoken.clients.comply-one." + ofTheClient,
                        "monotoken.store.redis." + ofTheStore),
                "monotoken.store.redis.lease of " + lease
                        + " is shorter than a renewal of client 'comply-one' may take,"
                        + " which is monotoken.clients.comply-one.refresh.timeout of " + timeout
                        + " and twice monotoken.store.redis.timeout of 500 ms",
                "Set monotoken.store.redis.lease, or that of the StoreSettings bean, to " + toWrite
                        + " at least, or shorten monotoken.clients.comply-one.refresh.timeout");
    }

    @Test
    void mayGetALongerLeaseFromACustomizer() {
        context.withPropertyValues(WITH_A_KEY, SHARED, "monotoken.clients.comply-one.refresh.timeout=30s")
                .withBean(TokenStore.class, Nowhere::new)
                .withBean(
                        TokenSourceBuilderCustomizer.class,
                        () -> (client, builder) ->
                                builder.refresh(RefreshSettings.defaults().withTimeout(Duration.ofSeconds(5))))
                .run(started -> assertThat(started).hasNotFailed());
    }

    @Test
    void isRefusedWithoutMonotokenRedis() {
        expect(
                context.withClassLoader(new FilteredClassLoader("io.monotoken.redis"))
                        .withPropertyValues(ENABLED, WITH_A_KEY, SHARED),
                "monotoken.store.redis.enabled is true, and monotoken-redis is not on the class path",
                "Add the dependency io.monotoken:monotoken-redis, or declare a TokenStore bean");
    }

    @Test
    void isRefusedWhereTheStoreWasNotEnabledAheadOfTime() {
        SpringProperties.setFlag(AotDetector.AOT_ENABLED);
        try {
            expect(
                    context.withClassLoader(new FilteredClassLoader("io.monotoken.redis"))
                            .withPropertyValues(ENABLED, WITH_A_KEY, SHARED),
                    "monotoken.store.redis.enabled is true, and the application was prepared ahead of time without it",
                    "Prepare it with monotoken.store.redis.enabled=true, and with monotoken-redis and"
                            + " spring-boot-starter-data-redis on the class path");
        } finally {
            SpringProperties.setProperty(AotDetector.AOT_ENABLED, null);
        }
    }

    @Test
    void needsNoneOfItWhereItsSourceIsReplaced() {
        context.withBean("own", TokenSource.class, () -> TokenSource.fixed("a-token"))
                .withPropertyValues(ENABLED, SHARED)
                .run(started -> assertThat(started).hasNotFailed());
    }

    @Test
    void isMissedWhereTheStoreIsEnabled() {
        try (LogLines log = new LogLines(MonotokenAutoConfiguration.class, Level.WARN)) {
            withAStore
                    .withPropertyValues(ENABLED, WITH_A_KEY)
                    .run(started -> assertThat(started).hasNotFailed());
            assertThat(log.all())
                    .containsExactly(
                            "WARN monotoken.store.redis.enabled is true, and no client shares its token; set shared"
                                    + " to true for those that shall, as in monotoken.clients.comply-one.shared");
        }
        try (LogLines log = new LogLines(MonotokenAutoConfiguration.class, Level.WARN)) {
            withAStore
                    .withPropertyValues(ENABLED, WITH_A_KEY, SHARED)
                    .run(started -> assertThat(started).hasNotFailed());
            context.withPropertyValues(WITH_A_KEY)
                    .run(started -> assertThat(started).hasNotFailed());
            assertThat(log.all()).isEmpty();
        }
    }

    /** A store that never answers. */
    static final class Nowhere implements TokenStore {

        @Override
        public Mono<Reading> read(String key) {
            return Mono.never();
        }

        @Override
        public Mono<Boolean> replace(
                String key, @Nullable String expectedTag, String tag, byte[] value, Duration keep) {
            return Mono.never();
        }
    }
}
