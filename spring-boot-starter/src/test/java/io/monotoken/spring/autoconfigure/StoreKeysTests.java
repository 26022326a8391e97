package io.monotoken.spring.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.StoreSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

/** Which key encrypts is known, or the application fails to start; a key that cannot be meant is refused, and never shown. */
class StoreKeysTests {

    private static final String ONE = key(1);
    private static final String TWO = key(2);
    private static final String PREFIX = "monotoken:\n  store:\n    redis:\n";

    private final List<PropertySource<?>> files = new ArrayList<>();
    private final Map<String, Object> variables = new HashMap<>();

    private static String key(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The strongest first. */
    private StoreKeysTests file(String redis) {
        try {
            String yaml = PREFIX + redis.replaceAll("(?m)^", "      ");
            files.addAll(new YamlPropertySourceLoader()
                    .load("file " + files.size(), new ByteArrayResource(yaml.getBytes(UTF_8), "application.yml")));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StoreKeysTests variable(String name, String value) {
        variables.put(name, value);
        return this;
    }

    private ApplicationContextRunner context() {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withInitializer(started -> {
                    var sources = started.getEnvironment().getPropertySources();
                    sources.replace(
                            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                            new SystemEnvironmentPropertySource(
                                    StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
                    files.forEach(sources::addLast);
                });
    }

    private List<String> ids() {
        List<String> ids = new ArrayList<>();
        context().run(started -> ids.addAll(started.getBean(StoreSettings.class).keyIds()));
        return ids;
    }

    private void expect(String description, String action) {
        context().run(started -> {
            FailureAnalysis analysis;
            try {
                started.getBean(StoreSettings.class);
                throw new AssertionError("no failure");
            } catch (RuntimeException | IllegalAccessError e) {
                analysis = Objects.requireNonNull(new InvalidClientFailureAnalyzer()
                        .analyze(Objects.requireNonNullElse(started.getStartupFailure(), e)));
            }

            assertThat(analysis.getDescription().replace("Byte array resource [application.yml]", "application.yml"))
                    .isEqualTo(description);
            assertThat(analysis.getAction()).isEqualTo(action);
        });
    }

    private void expectUnknownOrder() {
        expect(
                "monotoken.store.redis.keys has k1, k2, and nothing says which of them encrypts: no file lists them all,"
                        + " and elsewhere names have no order",
                "Set monotoken.store.redis.encrypt-with or MONOTOKEN_STORE_REDIS_ENCRYPTWITH to the id of the newest key that"
                        + " all instances have");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            keys: {k2: A, k1: B}                          | k2, k1
            keys: {k1: B, k2: A}                          | k1, k2
            keys: {z: A, m: B, a: C}                      | z
            keys: {a: A, m: B, z: C}                      | a
            keys: {202612: A, 202611: B}                  | 202612
            keys: {2026-12: A, 2026-11: B}                | 2026-12
            `keys:\n  k2: A\n  k1: B`                     | k2, k1
            `keys.k2: A\nkeys.k1: B`                      | k2, k1
            `keys: {k2: A, k1: B}\nencrypt-with: k1`      | k1, k2
            `keys: {k1: A}`                               | k1
            """)
    void encryptsWithTheOneThatAFileHasFirst(String yaml, String first) {
        file(yaml.replace("\\n", "\n")
                .replace(": A", ": " + key(1))
                .replace(": B", ": " + key(2))
                .replace(": C", ": " + key(3)));

        assertThat(ids()).startsWith(first.split(", ")).hasSize(yaml.split(": [ABC]", -1).length - 1);
    }

    @Test
    void takesKeysOfVariablesThatAFileNamesInItsOrder() {
        file("keys: {k2: \"${MONOTOKEN_STORE_KEY}\", k1: \"${MONOTOKEN_STORE_KEY_OLD:}\"}");
        variable("MONOTOKEN_STORE_KEY", TWO);
        assertThat(ids()).containsExactly("k2");

        variable("MONOTOKEN_STORE_KEY_OLD", ONE);
        assertThat(ids()).containsExactly("k2", "k1");
    }

    @Test
    void takesTheOrderOfAFileWhoseValuesAreReplacedElsewhere() {
        file("keys: {k2: replaced, k1: replaced}");
        variable("MONOTOKEN_STORE_REDIS_KEYS_K1", ONE).variable("MONOTOKEN_STORE_REDIS_KEYS_K2", TWO);

        assertThat(ids()).containsExactly("k2", "k1");
    }

    @Test
    void takesTheOrderOfTheStrongestFileThatHasAll() {
        file("keys: {k1: " + ONE + "}");
        file("keys: {k2: " + TWO + ", k1: " + ONE + "}");
        file("keys: {k1: " + ONE + ", k2: " + TWO + "}");

        assertThat(ids()).containsExactly("k2", "k1");
    }

    @Test
    void needsNoOrderForOneKeyOfAVariable() {
        variable("MONOTOKEN_STORE_REDIS_KEYS_K1", ONE);

        assertThat(ids()).containsExactly("k1");
    }

    @Test
    void refusesSeveralKeysOfVariablesUnlessOneIsNamed() {
        variable("MONOTOKEN_STORE_REDIS_KEYS_K1", ONE).variable("MONOTOKEN_STORE_REDIS_KEYS_K2", TWO);
        expectUnknownOrder();

        variable("MONOTOKEN_STORE_REDIS_ENCRYPTWITH", "k2");
        assertThat(ids()).containsExactly("k2", "k1");

        variables.remove("MONOTOKEN_STORE_REDIS_ENCRYPTWITH");
        variable("MONOTOKEN_STORE_REDIS_ENCRYPT_WITH", "k1");
        assertThat(ids()).containsExactly("k1", "k2");
    }

    @Test
    void refusesKeysOfAFileAndAVariable() {
        file("keys: {k1: " + ONE + "}");
        variable("MONOTOKEN_STORE_REDIS_KEYS_K2", TWO);

        expectUnknownOrder();
    }

    @Test
    void refusesKeysOfTwoFiles() {
        file("keys: {k1: " + ONE + "}");
        file("keys: {k2: " + TWO + "}");

        expectUnknownOrder();
    }

    @Test
    void refusesSeveralKeysOfAMountedDirectoryUnlessOneIsNamed(@TempDir Path directory) throws IOException {
        Path keys = Files.createDirectories(directory.resolve("monotoken/store/redis/keys"));
        Files.writeString(keys.resolve("k1"), ONE);
        Files.writeString(keys.resolve("k2"), TWO);
        files.add(new ConfigTreePropertySource("mounted", directory));
        expectUnknownOrder();

        variable("MONOTOKEN_STORE_REDIS_ENCRYPTWITH", "k2");
        assertThat(ids()).containsExactly("k2", "k1");
    }

    @Test
    void refusesSeveralKeysOfACommandLineAndOfJson() {
        files.add(new SimpleCommandLinePropertySource(
                "--monotoken.store.redis.keys.k1=" + ONE, "--monotoken.store.redis.keys.k2=" + TWO));
        expectUnknownOrder();

        files.set(
                0,
                new MapPropertySource(
                        "json", Map.of("monotoken.store.redis.keys.k1", ONE, "monotoken.store.redis.keys.k2", TWO)));
        expectUnknownOrder();
    }

    @Test
    void leavesOutAKeyThatMayBeMissing() {
        file("keys: {k3: \"${NEW:}\", k2: \"${MONOTOKEN_STORE_KEY:${OTHER:}}\", k1: " + ONE + "}");

        assertThat(ids()).containsExactly("k1");
    }

    @Test
    void refusesNoKeys() {
        expect(
                "monotoken.store.redis.keys has no key",
                "Set monotoken.store.redis.keys.k1 to 32 random bytes in base64, the same in all instances, or declare"
                        + " a StoreSettings bean; 'openssl rand -base64 32' makes one");

        file("keys: {k1: \"${MONOTOKEN_STORE_KEY:}\"}");
        expect(
                "monotoken.store.redis.keys has no key",
                "Set monotoken.store.redis.keys.k1 to 32 random bytes in base64, the same in all instances, or declare"
                        + " a StoreSettings bean; 'openssl rand -base64 32' makes one");
    }

    @Test
    void tellsEveryKeyThatCannotBeMeant() {
        file("""
                keys:
                  k1: "${MONOTOKEN_STORE_KEY}"
                  k2: ""
                  k3: secret
                  k4: c2VjcmV0
                  k5: %s
                  k6: %s
                  k7: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
                  K8: %s
                  k_9: %s
                lease: 0s
                timeout: 11s
                key-prefix: "mono token:"
                min-replicas: -1""".formatted(ONE, ONE, ONE, ONE));

        expect("""
                monotoken.store.redis.keys.k1 (application.yml - 5:13) refers to ${MONOTOKEN_STORE_KEY}, which nothing resolves
                monotoken.store.redis.keys.k2 (application.yml - 6:13) is empty
                monotoken.store.redis.keys.k3 (application.yml - 7:13) must have 32 bytes, it has 4
                monotoken.store.redis.keys.k4 (application.yml - 8:13) must have 32 bytes, it has 6
                monotoken.store.redis.keys.k7 (application.yml - 11:13) is hexadecimal, and would be 48 other bytes in base64
                monotoken.store.redis.keys.K8 (application.yml - 12:13): the id of a key has lower-case letters, digits and dashes only, and 32 of them at most
                monotoken.store.redis.keys.k_9 (application.yml - 13:14): the id of a key has lower-case letters, digits and dashes only, and 32 of them at most
                monotoken.store.redis.keys.k5 and monotoken.store.redis.keys.k6 are the same key
                monotoken.store.redis.lease must be at least 10 ms, was 0 ms
                monotoken.store.redis.timeout must be at most 10 s, was 11 s
                monotoken.store.redis.key-prefix must be visible ASCII characters
                monotoken.store.redis.min-replicas must not be negative, was -1""", """
                Define MONOTOKEN_STORE_KEY, for instance as an environment variable; write ${MONOTOKEN_STORE_KEY:} where it may be missing
                Give it a value, or leave it out; a key that may be missing is written as ${NAME:}
                Write 32 random bytes in base64; 'openssl rand -base64 32' makes one
                Write 32 random bytes in base64; 'openssl rand -base64 32' makes one
                Write 32 random bytes in base64; 'openssl rand -base64 32' makes one
                Write an id such as k1; a variable has neither dashes nor underscores in it, as in MONOTOKEN_STORE_REDIS_KEYS_K1
                Write an id such as k1; a variable has neither dashes nor underscores in it, as in MONOTOKEN_STORE_REDIS_KEYS_K1
                Remove one of them, or give it a key of its own
                Write a duration with its unit, such as 500ms or 20s, or remove it
                Write a duration with its unit, such as 500ms or 20s, or remove it
                Write a prefix such as orders:, or remove it
                Write how many replicas must have a change before it counts, or 0 for none""");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            KEY\\n    | ; it ends with a blank or line end, at its last position
            \\ufeffKEY | ; it has a byte order mark (U+FEFF) at position 1
            "KEY"      | ; it has quotes around it, at its first and last position
            pass-word! | ''
            """)
    void tellsACharacterThatNobodyMeantByItsPosition(String text, String doubt) {
        variable(
                "MONOTOKEN_STORE_REDIS_KEYS_K1",
                text.replace("KEY", ONE).replace("\\n", "\n").replace("\\ufeff", "\ufeff"));

        expect(
                "monotoken.store.redis.keys.k1 (\"MONOTOKEN_STORE_REDIS_KEYS_K1\" from property source \"systemEnvironment\") is not base64"
                        + doubt,
                "Write 32 random bytes in base64 and nothing else; 'openssl rand -base64 32' makes one");
    }

    @Test
    void refusesAKeyToEncryptWithThatIsNone() {
        file("keys: {k1: " + ONE + "}\nencrypt-with: k2");

        expect(
                "monotoken.store.redis.encrypt-with is k2, which is none of the keys k1",
                "Write the id of a key that all instances have");
    }

    @Test
    void takesABase64OfAnyAlphabetAndWithoutPadding() {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) 0xff);
        String url = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        assertThat(url).contains("_").doesNotContain("=");
        file("keys: {k1: " + url + "}");

        assertThat(ids()).containsExactly("k1");
    }

    @Test
    void isOneKeyWhetherItsIdHasDashesOrComesFromAVariable() {
        file("keys: {k-2: replaced, k-1: replaced}");
        variable("MONOTOKEN_STORE_REDIS_KEYS_K1", ONE).variable("MONOTOKEN_STORE_REDIS_KEYS_K2", TWO);

        assertThat(ids()).containsExactly("k-2", "k-1");
    }

    @Test
    void takesTimesAsTheyAreWritten() {
        file("keys: {k1: " + ONE + "}\nlease: 1h\ntimeout: 10s");

        context().run(started -> {
            StoreSettings settings = started.getBean(StoreSettings.class);

            assertThat(settings.lease()).hasHours(1);
            assertThat(settings.timeout()).hasSeconds(10);
            assertThat(settings)
                    .hasToString("StoreSettings[keys=[k1], lease=PT1H, timeout=PT10S, instance=" + settings.instance()
                            + "]");
            assertThat(started.getBean(MonotokenProperties.class).toString())
                    .contains("keys=[k1]")
                    .doesNotContain(ONE);
        });
    }
}
