package io.monotoken.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.micrometer.TokenSourceMetrics;
import io.monotoken.spring.Markdown;
import io.monotoken.spring.autoconfigure.StandIns;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.WebClient;

/** The endpoint over HTTP, in a whole application. */
class MonotokenEndpointTests {

    private static final Markdown OPERATIONS = Markdown.page("docs/operations.md");
    private static final Duration BOUND = Duration.ofSeconds(10);

    private final StandIns standIns = new StandIns();
    private final StandInTokenServer server = standIns.server();
    private ConfigurableApplicationContext application =
            start("management.endpoints.web.exposure.include=monotoken,health");

    private ConfigurableApplicationContext start(String... properties) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.REACTIVE)
                .properties(standIns.client("comply-one"))
                .properties(
                        "server.port=0", "server.address=127.0.0.1", "management.endpoint.health.show-details=always")
                .properties(properties)
                .run();
    }

    @AfterEach
    void stop() {
        application.close();
        standIns.close();
    }

    private String actuator(String path) {
        return "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port") + "/actuator" + path;
    }

    private String get(String path) {
        return answer(WebClient.create().get().uri(actuator(path)));
    }

    private String post(String path, String json) {
        return answer(WebClient.create()
                .post()
                .uri(actuator(path))
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(json));
    }

    private static String answer(WebClient.RequestHeadersSpec<?> request) {
        return Objects.requireNonNull(request.exchangeToMono(response -> response.bodyToMono(String.class)
                        .defaultIfEmpty("")
                        .map(body -> response.statusCode().value() + " " + body))
                .block(BOUND));
    }

    private Token token() {
        return Objects.requireNonNull(
                application.getBean(TokenSource.class).token().block(BOUND));
    }

    @Test
    void showsStatesWithoutSecretsAndSendsNothing() {
        assertThat(get("/monotoken")).startsWith("200 {\"clients\":{\"comply-one\":{\"phase\":\"IDLE\"");
        assertThat(server.tokenRequests()).isZero();

        Token token = token();

        assertThat(get("/monotoken/comply-one"))
                .startsWith("200 {\"phase\":\"FRESH\",\"expiresAt\":\"")
                .doesNotContain(token.value(), "P4ssw0rd", "your_client_secret");
        assertThat(get("/health")).contains("monotoken", "comply-one", "FRESH").doesNotContain(token.value());
    }

    @Test
    void answersNotFoundForAnUnknownClient() {
        assertThat(get("/monotoken/nobody")).startsWith("404");
        assertThat(post("/monotoken/nobody", "{\"action\":\"reset\"}")).startsWith("404");
    }

    @Test
    void refusesToActInAnUnknownWay() {
        assertThat(post("/monotoken/comply-one", "{\"action\":\"explode\"}")).startsWith("400");
        assertThat(post("/monotoken/comply-one", "{}")).startsWith("400");
    }

    @Test
    void hasTheTokenRenewed() {
        Token before = token();

        assertThat(post("/monotoken/comply-one", "{\"action\":\"invalidate\"}")).startsWith("200 {\"done\":true");

        assertThat(token()).isNotEqualTo(before);
        assertThat(server.refreshRequests()).isOne();
    }

    @Test
    void invalidatesNothingWhereThereIsNoToken() {
        assertThat(post("/monotoken/comply-one", "{\"action\":\"invalidate\"}"))
                .startsWith("200 {\"done\":false,\"state\":{\"phase\":\"IDLE\"");
        assertThat(server.tokenRequests()).isZero();
    }

    @Test
    void waitsForNoRenewalThatIsUnderWay() {
        Token before = token();
        server.stopAnswering();
        assertThat(application.getBean(TokenSource.class).invalidate(before)).isTrue();

        assertThat(post("/monotoken/comply-one", "{\"action\":\"invalidate\"}"))
                .startsWith("200 {\"done\":false,\"state\":{\"phase\":\"WAITING\"");

        server.answerAgain();
    }

    @Test
    void writesItsJsonWhateverTheApplicationsLooksLike() {
        application.close();
        application = start(
                "management.endpoints.web.exposure.include=monotoken",
                "spring.jackson.property-naming-strategy=UPPER_CAMEL_CASE");

        assertThat(get("/monotoken"))
                .isEqualTo("200 {\"clients\":{\"comply-one\":{\"phase\":\"IDLE\",\"waiters\":0}}}");
        assertThat(get("/monotoken/comply-one")).isEqualTo("200 {\"phase\":\"IDLE\",\"waiters\":0}");
    }

    @Test
    void sitsBesideObservationsAndMetersInAWholeApplication() {
        token();

        MeterRegistry meters = application.getBean(MeterRegistry.class);
        assertThat(meters.get("monotoken.token.request")
                        .tags("client", "comply-one", "grant", "password", "outcome", "SUCCESS", "error.type", "none")
                        .timer()
                        .count())
                .isOne();
        assertThat(meters.get("monotoken.lookups")
                        .tags("client", "comply-one", "result", "waiting")
                        .counter()
                        .count())
                .isOne();
    }

    @Test
    void countsWhatTheOperationsPageLists() {
        token();
        TokenSourceMetrics.of("shared", application.getBean(MeterRegistry.class))
                .storeAnswered("read", null, Duration.ZERO);
        Map<String, Set<String>> counted = new TreeMap<>();
        application.getBean(MeterRegistry.class).getMeters().stream()
                .map(Meter::getId)
                .filter(id -> id.getName().startsWith("monotoken."))
                .filter(id -> !id.getName().endsWith(".active")) // Micrometer's own companion of an observation
                .forEach(id -> counted.computeIfAbsent(id.getName(), name -> new TreeSet<>())
                        .addAll(id.getTags().stream().map(Tag::getKey).toList()));

        assertThat(OPERATIONS.table("| name | what | tags |"))
                .extracting(
                        row -> row.get(0).replace("`", ""),
                        row -> Set.of(row.get(2).replace("`", "").split(", ")))
                .containsExactlyInAnyOrderElementsOf(counted.entrySet().stream()
                        .map(meter -> Tuple.tuple(meter.getKey(), meter.getValue()))
                        .toList());
    }

    @Test
    void answersTheCommandsOfTheOperationsPage() {
        token();
        Pattern command =
                Pattern.compile("curl (?:-H 'Content-Type: application/json' -d '(.*)' )?localhost:8080/actuator(.*)");

        assertThat(OPERATIONS.snippets("sh").get(0).lines()).hasSize(4).allSatisfy(line -> {
            Matcher curl = command.matcher(line);
            assertThat(curl.matches()).isTrue();
            String json = curl.group(1);
            assertThat(json == null ? get(curl.group(2)) : post(curl.group(2), json))
                    .startsWith("200 {");
        });
    }

    @Test
    void opensTheGuard() {
        server.changePassword("john.smith@contoso.com", "an0ther");
        TokenSource tokens = application.getBean(TokenSource.class);
        assertThat(tokens.token().map(Token::value).onErrorReturn("none").block(BOUND))
                .isEqualTo("none");
        assertThat(get("/monotoken/comply-one")).contains("\"phase\":\"GUARDED\"");
        server.changePassword("john.smith@contoso.com", "P4ssw0rd");

        assertThat(post("/monotoken/comply-one", "{\"action\":\"reset\"}")).startsWith("200 {\"done\":true");

        assertThat(token()).isNotNull();
    }

    @Test
    void isNotThereUnlessExposed() {
        application.close();
        application = start("management.endpoints.web.exposure.include=health");

        assertThat(get("/monotoken")).startsWith("404");
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
