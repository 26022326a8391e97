package io.monotoken.samples.complyone.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.monotoken.samples.complyone.RunningApplication;
import io.monotoken.samples.complyone.fleet.RunningFleet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

/** Presses the buttons and reads the page as a person would. Keeps a picture of each test in target/screenshots. */
@Timeout(120)
class LivePageInBrowserTests {

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final Duration PATIENCE = Duration.ofSeconds(60); // a token's whole life, on a busy machine

    /** Tests that wait for a renewal; in all others none comes by itself. */
    private static final String RENEWS = "renews";

    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    private RunningApplication application;
    private @Nullable RunningFleet fleet;
    private ChromeDriver browser;

    @BeforeEach
    void open(TestInfo test) {
        boolean renews = test.getTags().contains(RENEWS);
        application = RunningApplication.with(
                Map.of("sample.story", false, "sample.token-life", renews ? "16s" : "30m", "sample.outage", "4s"));
        browser = CHROMIUM.driver();
        look("light", 1280, 900);
    }

    @AfterEach
    void keepAPictureAndClose(TestInfo test) throws IOException {
        try {
            String name = test.getTestMethod().orElseThrow().getName();
            String variant = test.getDisplayName().startsWith(name)
                    ? ""
                    : "-" + test.getDisplayName().replace("\"", "");
            keepAPicture(name + variant);
            assertThat(severe()).isEmpty();
        } finally {
            browser.get("about:blank"); // ends the page's connection, whose loss would be complained of
            application.close();
            if (fleet != null) {
                fleet.close();
            }
        }
    }

    private void keepAPicture(String name) throws IOException {
        Files.createDirectories(SCREENSHOTS);
        Files.write(SCREENSHOTS.resolve(name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
    }

    private void look(String colours, int width, int height) {
        browser.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colours))));
        browser.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
        browser.get("http://localhost:" + port());
        await().atMost(PATIENCE).until(() -> text("connection").equals("Connected"));
    }

    private String port() {
        return application.context().getEnvironment().getRequiredProperty("local.server.port");
    }

    /** What the browser complained of since the last call. */
    private List<String> severe() {
        return browser.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().equals(Level.SEVERE))
                .map(LogEntry::getMessage)
                .toList();
    }

    @Test
    void aThousandRequestsShareOneToken() {
        press("requests");

        awaitInTheLog("Requests sent at once: 1 000 x 200, the slowest took [0-9]+ ms");
        await().atMost(PATIENCE).until(() -> number("served") >= 1_000);
        assertThat(number("failed")).isZero();
        assertThat(number("logins")).isEqualTo(1);
        assertThat(number("refused")).isZero();
        assertThat(text("phase")).isIn("fresh", "stale");
        awaitPainted("life", "--token");
        awaitPainted("requests", "--token");
        awaitPainted("requests", "--deed");
        awaitPainted("load", "--served");
    }

    @Test
    void aRevokedTokenIsRenewedAndNobodyFails() {
        awaitToken();

        press("revoke");

        awaitInTheLog("Requests that Comply One answered 401: [1-9][0-9]*\\. Callers who failed: 0, who waited: .*");
        assertThat(log())
                .contains("Stems Accounts revoked the access token")
                .contains("Comply One answered 401: the token is renewed, and rejected requests are sent once more")
                .anyMatch(line -> line.matches("Renewal with the refresh token: a token after [0-9]+ ms"));
        assertThat(number("refreshes")).isEqualTo(1);
        assertThat(number("failed")).isZero();
    }

    @Test
    @Tag(RENEWS)
    void nobodyNoticesAnOutageWhileTheTokenIsUsable() {
        awaitToken();

        pressWhenARenewalIsSomeSecondsAway("stop");

        awaitInTheLog("The token endpoint answers 503 for 4 s");
        await().atMost(PATIENCE)
                .until(() -> phaseInWords()
                        .matches("stale, the token is handed out while it is renewed"
                                + " \\(last request: Unavailable\\), renewal due in now"));
        awaitInTheLog("The token endpoint is back\\. It refused [1-9][0-9]* token requests meanwhile\\."
                + " Callers who failed: 0, who waited: 0");
        await().atMost(PATIENCE).until(() -> text("phase").equals("fresh"));
        assertThat(number("logins")).isEqualTo(1);
        assertThat(number("refreshes")).isPositive();
        awaitPainted("requests", "--failed");
        awaitPainted("life", "--due");
    }

    @Test
    @Tag(RENEWS)
    void aLostRefreshAnswerCostsALogin() {
        awaitToken();

        press("lose");

        awaitInTheLog("Refresh tokens that were presented twice: 0\\. Callers who failed: 0, who waited: 0");
        assertThat(number("logins")).isEqualTo(2);
        assertThat(number("presented-twice")).isZero();
        assertThat(log())
                .anyMatch(line -> line.startsWith("Renewal with the refresh token failed: ")
                        && line.endsWith("the connection broke before a complete answer came"));
    }

    @Test
    void aChangedPasswordIsSentOnceAndPuttingItRightEndsThePause() {
        awaitToken();

        press("change-password");

        awaitInTheLog("Wrong passwords that Stems Accounts saw: 1\\. The account is not locked");
        await().atMost(PATIENCE).until(() -> text("phase").equals("guarded"));
        assertThat(text("meaning"))
                .isEqualTo("the password was refused: none is sent, callers get the refusal from memory"
                        + " (last request: invalid_grant)");
        assertThat(text("next")).matches("[1-9][0-9]* s");
        assertThat(log()).anyMatch(line -> line.startsWith("The guard closed: no password is sent for "));

        press("put-right");

        awaitInTheLog("The guard is open: a password may be sent");
        await().atMost(PATIENCE).until(() -> text("phase").equals("fresh"));
        assertThat(number("wrong-passwords")).isEqualTo(1);
        assertThat(number("logins")).isEqualTo(2);
    }

    @Test
    @Tag(RENEWS)
    void aButtonCannotBePressedAgainWhileItsActionIsUnderWay() {
        awaitToken();

        pressWhenARenewalIsSomeSecondsAway("stop");

        await().atMost(PATIENCE)
                .until(() ->
                        button("stop").findElement(By.tagName("span")).getText().equals("under way"));
        assertThat(button("stop").getDomAttribute("aria-disabled")).isEqualTo("true");
        button("stop").click();
        awaitInTheLog("The token endpoint is back\\. .*");
        assertThat(log()).containsOnlyOnce("The token endpoint answers 503 for 4 s");
    }

    @Test
    void theKeyboardReachesAndPressesEverything() {
        awaitToken();

        Actions keyboard = new Actions(browser);
        keyboard.sendKeys(Keys.TAB, Keys.TAB, Keys.ENTER).perform();

        awaitInTheLog("Requests that Comply One answered 401: .*");
        assertThat(browser.switchTo().activeElement().getDomAttribute("name")).isEqualTo("revoke");
        for (String next : List.of("stop", "lose", "change-password", "put-right")) {
            keyboard.sendKeys(Keys.TAB).perform();
            assertThat(browser.switchTo().activeElement().getDomAttribute("name"))
                    .isEqualTo(next);
        }
        keyboard.sendKeys(Keys.TAB, Keys.SPACE).perform();
        assertThat(browser.switchTo().activeElement().getText()).isEqualTo("Continue");
        keyboard.sendKeys(Keys.TAB).perform();
        assertThat(browser.switchTo().activeElement().getDomAttribute("id")).isEqualTo("lines");
    }

    @ParameterizedTest(name = "{0}-{1}")
    @CsvSource({"light, 1280, 900", "dark, 1280, 900", "light, 390, 844", "dark, 390, 844"})
    void everythingCanBeReadEverywhere(String colours, int width, int height) throws IOException {
        look(colours, width, height);
        awaitToken();
        awaitPainted("life", "--token");

        assertThat(overflow()).isZero();
        assertThat(violationsOfAccessibility()).isEmpty();
        assertThat(browser.executeScript("return getComputedStyle(document.body).backgroundColor"))
                .isEqualTo(colours.equals("dark") ? "rgb(18, 23, 26)" : "rgb(246, 247, 248)");
    }

    /** {@return how far the page can be scrolled sideways} */
    private long overflow() {
        return (Long) browser.executeScript(
                "const page = document.documentElement; return page.scrollWidth - page.clientWidth");
    }

    @Test
    void tellsNothingOfOtherInstancesWhereThereAreNone() {
        awaitToken();

        assertThat(browser.findElement(By.id("sharing")).isDisplayed()).isFalse();
        assertThat(browser.findElement(By.id("wrong-passwords")).isDisplayed()).isTrue();
    }

    @ParameterizedTest(name = "{0}-{1}")
    @CsvSource({"light, 1280, 900", "dark, 390, 844"})
    void tellsWhichInstanceLedForAll(String colours, int width, int height) throws IOException {
        browser.get("about:blank");
        application.close();
        RunningFleet started = new RunningFleet();
        fleet = started;
        application = started.instances().get(1);
        look(colours, width, height);
        awaitToken();

        await().atMost(PATIENCE).until(() -> text("part").equals("took it over"));
        assertThat(text("leader")).isNotBlank().isNotEqualTo("this instance");
        assertThat(text("instance")).isNotBlank().isNotEqualTo(text("leader"));
        assertThat(number("generation")).isEqualTo(1);
        assertThat(number("adopted")).isEqualTo(1);
        assertThat(text("store")).isEqualTo("answers");
        assertThat(log()).contains("Token 1: " + text("leader") + " led, and nothing was sent from here");
        assertThat(browser.findElement(By.id("wrong-passwords")).isDisplayed()).isFalse();
        assertThat(text("hint")).isEmpty();
        assertThat(overflow()).isZero();
        assertThat(violationsOfAccessibility()).isEmpty();
    }

    @Test
    void pressingAButtonOnAPhoneShowsThePicture() {
        look("light", 390, 844);
        awaitToken();

        press("revoke");

        await().atMost(PATIENCE)
                .until(() -> Boolean.TRUE.equals(
                        browser.executeScript("const life = document.getElementById('life').getBoundingClientRect();"
                                + "return life.top >= 0 && life.bottom <= innerHeight")));
        awaitInTheLog("Requests that Comply One answered 401: .*");
    }

    @Test
    void showsThatTheServerIsGoneAndConnectsAgainByItself() throws IOException {
        awaitToken();
        String port = port();

        application.close();

        awaitLost();
        assertThat(violationsOfAccessibility()).isEmpty();
        keepAPicture("theServerIsGone");

        application = RunningApplication.with(Map.of("sample.story", false, "server.port", port));

        awaitFound();
        severe(); // the browser complained of the lost connection
    }

    @Test
    void showsThatTheServerIsSilentAlthoughTheConnectionStands() {
        awaitToken();
        CountDownLatch silence = new CountDownLatch(1);
        LoopResources loops =
                application.context().getBean(ReactorResourceFactory.class).getLoopResources();
        try {
            loops.onServer(true).forEach(loop -> loop.execute(() -> block(silence)));

            awaitLost();
        } finally {
            silence.countDown();
        }

        awaitFound();
        severe(); // it complains where a new connection is tried meanwhile
    }

    private static void block(CountDownLatch latch) {
        try {
            latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitLost() {
        await().atMost(PATIENCE).until(() -> text("connection").equals("Connection lost, trying again …"));
        assertThat(text("phase")).isEqualTo("unknown");
        assertThat(text("meaning")).matches("the application does not answer; what is shown is of [0-9:]{8}");
        assertThat(button("revoke").getDomAttribute("aria-disabled")).isEqualTo("true");
        assertThat(button("revoke").getText()).contains("no connection");
        assertThat(browser.getTitle()).isEqualTo("Connection lost: Monotoken, live");
    }

    private void awaitFound() {
        await().atMost(PATIENCE).until(() -> text("connection").equals("Connected"));
        awaitToken();
        assertThat(browser.getTitle()).isEqualTo("Monotoken, live");
        await().atMost(PATIENCE).until(() -> "false".equals(button("revoke").getDomAttribute("aria-disabled")));
    }

    private void awaitToken() {
        await().atMost(PATIENCE).until(() -> text("phase").equals("fresh"));
    }

    private WebElement button(String name) {
        return browser.findElement(By.name(name));
    }

    private void press(String name) {
        await().atMost(PATIENCE).until(() -> "false".equals(button(name).getDomAttribute("aria-disabled")));
        button(name).click();
    }

    /** So that what the button does happens before the renewal. */
    private void pressWhenARenewalIsSomeSecondsAway(String name) {
        await().atMost(PATIENCE).until(() -> text("due").matches("[3-9] s"));
        press(name);
    }

    /** {@return phase, its meaning and when a renewal is due, of one moment} */
    private String phaseInWords() {
        return String.valueOf(browser.executeScript("""
                const text = id => document.getElementById(id).textContent;
                return `${text('phase')}, ${text('meaning')}, renewal due in ${text('due')}`;
                """));
    }

    private String text(String id) {
        return browser.findElement(By.id(id)).getText();
    }

    private long number(String id) {
        return Long.parseLong(text(id).replace("\u202f", ""));
    }

    /** What happened, without the times; all at once, since lines come and go. */
    @SuppressWarnings("unchecked")
    private List<String> log() {
        return (List<String>) browser.executeScript(
                "return [...document.querySelectorAll('#log li')].map(line => line.lastChild.textContent.trim())");
    }

    private void awaitInTheLog(String pattern) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(log()).anyMatch(line -> line.matches(pattern)));
    }

    private void awaitPainted(String chart, String colour) {
        await().atMost(PATIENCE).until(() -> isPainted(chart, colour));
    }

    /** Whether a chart shows a colour of the style sheet. */
    private boolean isPainted(String chart, String colour) {
        return Boolean.TRUE.equals(browser.executeScript("""
                const canvas = document.querySelector('#' + arguments[0] + ' canvas');
                const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                const probe = document.createElement('i');
                probe.style.color = `var(${arguments[1]})`;
                document.body.append(probe);
                const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
                probe.remove();
                for (let i = 0; i < pixels.length; i += 4) {
                  if (wanted.every((part, j) => pixels[i + j] === part) && pixels[i + 3] === 255) return true;
                }
                return false;
                """, chart, colour));
    }

    @SuppressWarnings("unchecked")
    private List<String> violationsOfAccessibility() throws IOException {
        browser.executeScript(new ClassPathResource("axe.min.js").getContentAsString(StandardCharsets.UTF_8));
        return (List<String>) browser.executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                axe.run().then(found => done(found.violations.flatMap(violation =>
                    violation.nodes.map(node => violation.id + ': ' + node.failureSummary + ' ' + node.html))));
                """);
    }
}
