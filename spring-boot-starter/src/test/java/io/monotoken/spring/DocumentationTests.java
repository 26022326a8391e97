package io.monotoken.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.monotoken.TokenSourceState;
import io.monotoken.spring.autoconfigure.MonotokenClients;
import io.monotoken.spring.autoconfigure.MonotokenProperties;
import io.monotoken.spring.autoconfigure.StandIns;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.test.tools.SourceFile;
import org.springframework.core.test.tools.TestCompiler;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The documentation says what is so: its snippets compile, its options exist, its links lead somewhere. */
class DocumentationTests {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Markdown README = Markdown.page("README.md");
    private static final Map<String, Path> CLASSES = Markdown.files(".java").stream()
            .collect(Collectors.toMap(
                    file -> file.getFileName().toString().replace(".java", ""), file -> file, (one, other) -> one));

    static Stream<Markdown> pages() {
        return Markdown.pages().stream();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadSomewhere(Markdown page) {
        assertThat(page.links()).allSatisfy(link -> {
            if (link.startsWith("http")) {
                return;
            }
            String[] parts = link.split("#", 2);
            Path from = Markdown.root().resolve(page.path());
            Path target =
                    parts[0].isEmpty() ? from : from.resolveSibling(parts[0]).normalize();
            assertThat(target).exists();
            if (parts.length == 2) {
                Markdown there =
                        Markdown.page(Markdown.root().relativize(target).toString());
                assertThat(there.hasAnchor(parts[1])).as("#" + parts[1]).isTrue();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("pages")
    void testsThatProveSomethingExist(Markdown page) {
        assertThat(page.quoted("(\\w+Tests?)(?:\\.(\\w+))?")).allSatisfy(named -> {
            assertThat(CLASSES).containsKey(named.group(1));
            if (named.group(2) != null) {
                assertThat(Objects.requireNonNull(CLASSES.get(named.group(1))))
                        .content()
                        .containsAnyOf("class " + named.group(2), "void " + named.group(2) + "(");
            }
        });
    }

    /** The page for contributors, as far as it names types. */
    @Nested
    class Internals {

        private static final Markdown PAGE = Markdown.page("docs/internals.md");
        private static final Pattern PUBLIC_TYPE =
                Pattern.compile("(?m)^public (?:abstract |final |sealed )*(?:class|interface|record|enum) ");

        private static Stream<String> hiddenTypes() {
            return CLASSES.entrySet().stream()
                    .filter(type -> type.getValue()
                            .toString()
                            .matches(".*/(core|micrometer|redis|spring-boot-starter)/src/main/.*"))
                    .filter(type -> !type.getKey().equals("package-info"))
                    .filter(type -> !PUBLIC_TYPE
                            .matcher(Markdown.read(
                                    Markdown.root().relativize(type.getValue()).toString()))
                            .find())
                    .map(Map.Entry::getKey);
        }

        @Test
        void describeEveryHiddenType() {
            assertThat(PAGE.table("| hidden type | what it is |").stream()
                            .flatMap(
                                    row -> Stream.of(row.get(0).replace("`", "").split(", "))))
                    .containsExactlyInAnyOrderElementsOf(hiddenTypes().toList());
        }

        @Test
        void nameTypesThatExist() {
            assertThat(PAGE.quoted("([A-Z][a-z]\\w+)(?:\\.\\w+)?").stream().map(name -> name.group(1)))
                    .isSubsetOf(CLASSES.keySet());
        }
    }

    /** Every option of the jar's metadata, and the tables of the README beside it. */
    @Nested
    class Options {

        private static final String TABLE = "| property | type | what it sets | default |";
        private static final Map<String, String> TYPES = Map.ofEntries(
                Map.entry("java.lang.Boolean", "boolean"),
                Map.entry("java.lang.Integer", "number"),
                Map.entry("java.lang.String", "text"),
                Map.entry("java.net.URI", "address"),
                Map.entry("java.time.Duration", "duration"),
                Map.entry("java.util.List<java.lang.String>", "list of text"),
                Map.entry("java.util.List<java.lang.Integer>", "list of numbers"),
                Map.entry("java.util.List<java.net.URI>", "list of addresses"),
                Map.entry("java.util.Map<java.lang.String,java.lang.Object>", "map"),
                Map.entry("java.util.Map<java.lang.String,java.lang.String>", "map of text"),
                Map.entry("java.util.Map<java.lang.String,java.util.List<java.lang.String>>", "map of lists"));

        private static JsonNode metadata(String file) throws IOException {
            return JSON.readTree(new ClassPathResource("META-INF/" + file).getContentAsString(UTF_8));
        }

        private static Map<String, JsonNode> documented() throws IOException {
            Map<String, JsonNode> options = new TreeMap<>();
            String client = "spring/configuration-metadata/" + MonotokenProperties.Client.class.getName() + ".json";
            metadata(client)
                    .get("properties")
                    .forEach(option -> options.put(option.get("name").asString(), option));
            metadata("spring-configuration-metadata.json")
                    .get("properties")
                    .forEach(option -> options.put(option.get("name").asString(), option));
            options.remove("monotoken.clients"); // whose value the first file describes
            return options;
        }

        @Test
        void areInTheReadmeAndNoOthers() throws IOException {
            assertThat(README.table(TABLE))
                    .extracting(row -> row.get(0).replace("`", ""))
                    .containsExactlyInAnyOrderElementsOf(documented().keySet());
        }

        @Test
        void haveTheirDefaultsAndTypesInTheReadme() throws IOException, ClassNotFoundException {
            Map<String, JsonNode> options = documented();
            for (List<String> row : README.table(TABLE)) {
                String name = row.get(0).replace("`", "");
                JsonNode option = Objects.requireNonNull(options.get(name), name);
                String type = option.get("type").asString();
                if (TYPES.containsKey(type)) {
                    assertThat(row.get(1)).as(name).isEqualTo(TYPES.get(type));
                } else {
                    String constants = Stream.of(Class.forName(type).getEnumConstants())
                            .map(constant -> "`"
                                    + constant.toString()
                                            .toLowerCase(Locale.ROOT)
                                            .replace('_', '-') + "`")
                            .collect(Collectors.joining(", "));
                    assertThat(row.get(1).replace('_', '-')).as(name).isEqualTo(constants);
                }
                if (option.has("defaultValue")) {
                    assertThat(row.get(3))
                            .as(name)
                            .isEqualTo("`" + option.get("defaultValue").asString() + "`");
                } else {
                    assertThat(row.get(3)).as(name).isNotEmpty();
                }
            }
        }

        @Test
        void ofSpringBootThatAreReferredToExist() throws IOException {
            Set<String> boots = new HashSet<>();
            for (URL file : Collections.list(
                    getClass().getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
                try (InputStream content = file.openStream()) {
                    JSON.readTree(content)
                            .get("properties")
                            .forEach(option -> boots.add(option.get("name").asString()));
                }
            }

            List<String> referredTo = pages().flatMap(
                            page -> page.quoted("((?:spring\\.(?:http|data\\.redis)|management)\\.[\\w.-]+)").stream())
                    .map(quoted -> quoted.group(1))
                    .toList();

            assertThat(referredTo).isNotEmpty();
            assertThat(boots).containsAll(referredTo);
        }
    }

    @Nested
    class Snippets {

        private static final String SURROUNDINGS = """
                import io.micrometer.core.instrument.MeterRegistry;
                import io.micrometer.observation.ObservationRegistry;
                import io.monotoken.*;
                import io.monotoken.TokenAnswer.Delivery;
                import io.monotoken.endpoint.*;
                import io.monotoken.micrometer.*;
                import io.monotoken.spring.autoconfigure.*;
                import io.monotoken.spring.client.*;
                import io.monotoken.testing.*;
                import io.netty.handler.ssl.*;
                import java.net.URI;
                import java.nio.file.*;
                import java.security.KeyPair;
                import java.security.cert.X509Certificate;
                import java.time.*;
                import java.util.*;
                import java.util.concurrent.Callable;
                import org.junit.jupiter.api.AfterEach;
                import org.springframework.context.annotation.*;
                import org.springframework.http.*;
                import org.springframework.test.context.bean.override.convention.TestBean;
                import org.springframework.web.bind.annotation.*;
                import org.springframework.web.reactive.function.client.WebClient;
                import org.springframework.web.service.annotation.*;
                import org.springframework.web.service.registry.*;
                import reactor.core.publisher.*;
                import reactor.core.scheduler.Schedulers;
                import reactor.netty.http.client.HttpClient;
                import reactor.netty.transport.ProxyProvider;
                import tools.jackson.databind.JsonNode;
                import tools.jackson.databind.json.JsonMapper;

                class Snippet {

                    String username = "", password = "", clientSecret = "", pem = "", jwk = "", issuer = "";
                    URI tokenUri;
                    KeyPair key;
                    X509Certificate certificate;
                    Mono<String> secret, assertion;
                    TokenEndpoint stems;
                    Store store;
                    StandInApi api;
                    MeterRegistry meterRegistry;
                    ObservationRegistry observationRegistry;

                    interface Vault {
                        Credentials read(String client);
                    }

                    static abstract class OurTokenStore implements TokenStore {
                        static OurTokenStore at(String address) {
                            throw new UnsupportedOperationException(address);
                        }
                        abstract void close();
                    }

                    interface Store {
                        Mono<String> load();
                        Mono<Void> save(String refreshToken);
                    }

                    %s
                }
                """;

        private static final String SHARING_CLIENT = """
                monotoken:
                  store.redis.enabled: true
                  clients:
                    comply-one:
                      provider: stems-accounts
                      client-id: id
                      client-secret: secret
                      username: name
                      password: password
                      shared: true
                """;

        private static final HeldCertificate OWN = new HeldCertificate.Builder().build();
        private static final String STORE_KEY = "  store.redis.keys.k1: ${MONOTOKEN_STORE_KEY}\n";

        static Stream<String> java() {
            return pages().flatMap(page -> page.snippets("java").stream()).filter(snippet -> !isFile(snippet));
        }

        static Stream<String> files() {
            return pages().flatMap(page -> page.snippets("java").stream()).filter(Snippets::isFile);
        }

        private static boolean isFile(String snippet) {
            return snippet.startsWith("import ");
        }

        static Stream<String> yaml() {
            return pages().flatMap(page -> page.snippets("yaml").stream());
        }

        static Stream<String> xml() {
            return pages().flatMap(page -> page.snippets("xml").stream());
        }

        @ParameterizedTest
        @MethodSource("java")
        void compile(String snippet) {
            boolean isStatements = !snippet.contains("@");
            String members = isStatements ? "void statements() throws Exception {" + snippet + "}" : snippet;

            TestCompiler.forSystem()
                    .withSources(SourceFile.of(SURROUNDINGS.formatted(members)))
                    .compile(compiled ->
                            assertThat(compiled.getAllCompiledClasses()).isNotEmpty());
        }

        @ParameterizedTest
        @MethodSource("files")
        void areFilesOfTheApplicationWhoseTestsRun(String snippet) {
            String name = only("(?m)^class (\\w+)", snippet);
            String file =
                    Markdown.read("spring-boot-starter/src/test/java/io/monotoken/spring/orders/" + name + ".java");

            assertThat(snippet.strip())
                    .isEqualTo(file.replaceFirst("package .*;\\R", "").strip());
        }

        @ParameterizedTest
        @MethodSource("yaml")
        void configureAClient(String snippet) {
            new ApplicationContextRunner()
                    .withConfiguration(StandIns.AUTO_CONFIGURATIONS)
                    .withConfiguration(
                            AutoConfigurations.of(DataRedisAutoConfiguration.class, SslAutoConfiguration.class))
                    .withInitializer(context -> load("snippet", snippet)
                            .forEach(context.getEnvironment().getPropertySources()::addLast))
                    .withInitializer(context -> {
                        if (snippet.contains("redis")) { // those have no more of a client than that it shares its token
                            String client = SHARING_CLIENT + (snippet.contains("keys") ? "" : STORE_KEY);
                            load("client", client)
                                    .forEach(context.getEnvironment().getPropertySources()::addLast);
                        }
                    })
                    .withPropertyValues(
                            "COMPLY_ONE_CLIENT_ID=id",
                            "COMPLY_ONE_CLIENT_SECRET=secret",
                            "COMPLY_ONE_USERNAME=name",
                            "COMPLY_ONE_PASSWORD=password",
                            "ORDERS_CLIENT_ID=id",
                            "ORDERS_CLIENT_SECRET=secret",
                            "ORDERS_SIGNING_SECRET=a-client-secret-of-32-characters",
                            "ORDERS_KEY=" + OWN.privateKeyPkcs8Pem(),
                            "ORDERS_CERTIFICATE=" + OWN.certificatePem(),
                            "ORDERS_CERTIFICATE_KEY=" + OWN.privateKeyPkcs8Pem(),
                            "ORDERS_CA=" + OWN.certificatePem(),
                            "REDIS_PASSWORD=password",
                            "REDIS_CA=" + new HeldCertificate.Builder().build().certificatePem(),
                            "MONOTOKEN_STORE_KEY=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
                            "MONOTOKEN_STORE_KEY_NEW=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=")
                    .run(context -> assertThat(
                                    context.getBean(MonotokenClients.class).names())
                            .isNotEmpty()
                            .allSatisfy(name -> assertThat(context.getBean(MonotokenClients.class)
                                            .webClient(name))
                                    .isNotNull()));
        }

        private static List<PropertySource<?>> load(String name, String yaml) {
            try {
                return new YamlPropertySourceLoader().load(name, new ByteArrayResource(yaml.getBytes(UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @ParameterizedTest
        @MethodSource("xml")
        void nameWhatIsBuilt(String snippet) {
            String artifact = only("<artifactId>monotoken-(.*)</artifactId>", snippet);
            String version = only("<version>(.*)</version>", snippet);

            assertThat(Markdown.read(artifact + "/pom.xml")).contains("<artifactId>monotoken-" + artifact + "<");
            assertThat(Markdown.read("pom.xml")).contains("<revision>" + version + "</revision>");
        }

        private static String only(String pattern, String text) {
            return Pattern.compile(pattern)
                    .matcher(text)
                    .results()
                    .map(found -> found.group(1))
                    .reduce((one, other) -> one + " and " + other)
                    .orElseThrow();
        }
    }

    @Test
    void phasesAreExplained() {
        assertThat(Markdown.page("docs/operations.md").table("| phase | what a caller meets |"))
                .extracting(row -> row.get(0).replace("`", ""))
                .containsExactlyElementsOf(Stream.of(TokenSourceState.Phase.values())
                        .map(Enum::name)
                        .toList());
    }

    @Test
    void commandsNameModulesThatExist() {
        List<String> modules = pages().flatMap(page -> Pattern.compile("\\./mvnw[^\\n`]* -pl ([\\w/,-]+)")
                        .matcher(page.text())
                        .results())
                .flatMap(command -> Stream.of(command.group(1).split(",")))
                .toList();

        assertThat(modules)
                .isNotEmpty()
                .allSatisfy(module -> assertThat(Markdown.root().resolve(module).resolve("pom.xml"))
                        .exists());
    }

    @Test
    void theTestCommandIsWhatContinuousIntegrationRuns() {
        assertThat(README.snippets("sh").get(0)).contains("\n./mvnw verify ");
        assertThat(Markdown.read(".ci/run")).containsPattern("\\./mvnw( --[\\w-]+)* verify\\R");
        assertThat(Markdown.read(".github/workflows/build.yml")).contains("run: .ci/run verify\n");
    }
}
