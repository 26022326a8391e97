package io.monotoken.spring.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.monotoken.TokenSource;
import io.monotoken.endpoint.TokenEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.ByteArrayResource;

/** Secrets and names that are hardly what somebody meant. */
class DoubtfulValuesTests {

    private static final String CLIENT = "monotoken.clients.comply-one.";

    private final LogLines lines = new LogLines(ClientBeans.class, Level.WARN);

    @AfterEach
    void stopListening() {
        lines.close();
    }

    private static ApplicationContextRunner client() {
        return new ApplicationContextRunner()
                .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                .withPropertyValues(
                        CLIENT + "provider=stems-accounts",
                        CLIENT + "client-id=id",
                        CLIENT + "client-secret=secret",
                        CLIENT + "username=user",
                        CLIENT + "password=secret",
                        CLIENT + "base-url=https://api.example.com");
    }

    private List<String> warnings(String property, Object value) {
        client().withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new MapPropertySource("first", Map.of(CLIENT + property, value))))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context).hasSingleBean(TokenSource.class);
                });
        return lines.all();
    }

    private List<String> warningsOfYaml(String yaml) {
        client().withInitializer(context -> {
                    try {
                        new YamlPropertySourceLoader()
                                .load("yaml", new ByteArrayResource(yaml.getBytes(UTF_8), "application.yml"))
                                .forEach(context.getEnvironment().getPropertySources()::addFirst);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .run(context -> assertThat(context).hasNotFailed());
        return lines.all();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "client-id",
                "client-secret",
                "username",
                "password",
                "refresh-token",
                "parameters.audience",
                "parameters.audience[0]",
                "refresh.parameters.resource",
                "proxy.password",
                "proxy.username"
            })
    void areFoundInEverythingThatIsSecretOrIdentifies(String property) {
        List<String> warnings = property.startsWith("proxy")
                ? warningsOfYaml("monotoken.clients.comply-one:\n  proxy.host: h\n  " + property + ": \"a\u00a0b\"\n")
                : warnings(property, "a\u00a0b");

        assertThat(warnings)
                .containsExactly(
                        "WARN " + CLIENT + property.replace("[0]", "")
                                + " has a blank of another kind than the keyboard's (U+00A0) at position 2; it is sent as it is");
    }

    @ParameterizedTest
    @ValueSource(strings = {"client-id", "client-secret", "username", "password"})
    void areToldOnceByTheNameOfTheProperty(String property) {
        try (LogLines ofTheEndpoint = new LogLines(TokenEndpoint.class, Level.WARN)) {
            assertThat(warnings(property, "a\u00a0b")).hasSize(1);
            assertThat(ofTheEndpoint.all()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, quoteCharacter = '\u0001', textBlock = """
            p~FFFD~ss|has a replacement character, which stands for one that was lost as with LANG=C, (U+FFFD) at position 2
            ~FEFF~pass|has a byte order mark (U+FEFF) at position 1
            pa~00A0~ss|has a blank of another kind than the keyboard's (U+00A0) at position 3
            pa~202F~ss|has a blank of another kind than the keyboard's (U+202F) at position 3
            pa~3000~ss|has a blank of another kind than the keyboard's (U+3000) at position 3
            pass~2028~|has a blank of another kind than the keyboard's (U+2028) at position 5
            pass~200B~|has an invisible character (U+200B) at position 5
            pa~00AD~ss|has an invisible character (U+00AD) at position 3
            ~202E~pass|has an invisible character (U+202E) at position 1
            ~D83D~~DE00~a~200B~|has an invisible character (U+200B) at position 3
            pa~0007~ss|has a control character (U+0007) at position 3
            pa~E000~ss|has no character of Unicode (U+E000) at position 3
            p~00C3~~00A4~ss|has UTF-8 that was read as ISO-8859-1, as .properties files are, at position 2
             pass|begins with a blank or line end, at position 1
            pass |ends with a blank or line end, at its last position
            pass~0009~|ends with a blank or line end, at its last position
            "pass"|has quotes around it, at its first and last position, which are sent too
            'pass'|has quotes around it, at its first and last position, which are sent too
            ~201C~pass~201D~|has quotes around it, at its first and last position, which are sent too
            pre-${NO_SUCH}|has a reference ${...}, which nothing resolved, at position 5
            ${NO}${SUCH}|has a reference ${...}, which nothing resolved, at position 1
            #{no.such}|has an expression #{...}, which nothing evaluated, at position 1
            pre-{{ .no.such }}|has a template's {{...}}, which nothing filled, at position 5
            $(NO_SUCH)|has a reference $(...), which nothing resolved, at position 1
            @no.such@|is a name between two signs, which nothing replaced, at position 1
            <your-password>|is a name between two signs, which nothing replaced, at position 1
            {cipher}AQB0c2VjcmV0|begins with a word in braces, as {cipher} does, and nothing decoded it, at position 1
            {noop}pass|begins with a word in braces, as {cipher} does, and nothing decoded it, at position 1
            ENC(c2VjcmV0)|is written like ENC(...), and nothing decrypted it, at position 1
            vault://secret/app|is written like a reference to a secret elsewhere, which nothing fetched, at position 1
            arn:aws:secretsmanager:eu:1:secret:x|is written like a reference to a secret elsewhere, which nothing fetched, at position 1
            """)
    void areToldByPositionAndNeverShown(String password, String warning) {
        String meant = Pattern.compile("~(\\p{XDigit}{4})~")
                .matcher(password)
                .replaceAll(
                        match -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(match.group(1), 16))));

        assertThat(warnings("password", meant))
                .containsExactly("WARN " + CLIENT + "password " + warning + "; it is sent as it is");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "P4ssw0rd",
                "with blanks inside",
                "p\u00e4ssw\u00f6rd \u20ac \u4f60\u597d \ud83d\ude00",
                "it's",
                "\"one",
                "a$b#c{d}e%f(g)",
                "$2a$10$N9qo8uLOickgx2ZMRZoMye",
                "https://client.example.com/id",
                "{",
                "\u00c9t\u00e9",
            })
    void areNotFoundInWhatPeopleMean(String password) {
        assertThat(warnings("password", password)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "password, 0123, a number",
        "client-id, 0123, a number",
        "client-secret, 1e5, a number",
        "client-secret, 12:30, a number",
        "client-secret, 1_000, a number",
        "client-secret, 0x1F, a number",
        "username, yes, true or false",
        "password, no, true or false",
        "password, off, true or false",
        "client_secret, 0123, a number",
        "parameters.audience, 0123, a number",
    })
    void areWhatYamlMadeOfText(String property, String written, String kind) {
        String name = property.replace('_', '-');

        List<String> warnings = warningsOfYaml("monotoken.clients.comply-one:\n  " + property + ": " + written + "\n");

        assertThat(warnings)
                .containsExactly("WARN " + CLIENT + name + " (Byte array resource [application.yml] - 2:"
                        + (property.length() + 5) + ") is "
                        + kind + ", which YAML made of what is written there; write it in quotes, so that it is sent as"
                        + " written");
    }

    @Test
    void areWhatYamlMadeOfTextBehindAReference() {
        assertThat(warningsOfYaml("my-secret: 0123\nmonotoken.clients.comply-one.client-secret: ${my-secret}\n"))
                .singleElement()
                .asString()
                .contains("comply-one.client-secret (Byte array resource [application.yml] - 2:")
                .contains("is a number");
    }

    @Test
    void areNotWhatIsInQuotes() {
        assertThat(
                        warningsOfYaml(
                                "monotoken.clients.comply-one:\n  client-secret: '0123'\n  password: \"yes\"\n  username: 0x1G\n"))
                .isEmpty();
    }

    @Test
    void areNotWhatConnectionDetailsReplace() {
        client().withBean(MonotokenConnectionDetails.class, () -> new MonotokenConnectionDetails() {
                    @Override
                    public String password(String client) {
                        return "another";
                    }
                })
                .withPropertyValues(CLIENT + "password=pass\u200b")
                .run(context -> assertThat(context).hasNotFailed());

        assertThat(lines.all()).isEmpty();
    }
}
