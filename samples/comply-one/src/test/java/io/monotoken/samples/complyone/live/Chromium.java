package io.monotoken.samples.complyone.live;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.openqa.selenium.SessionNotCreatedException;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.opentest4j.TestAbortedException;

/** A headless browser for a test class. Where there is none it is installed, and else the tests are skipped and say why. */
final class Chromium implements BeforeAllCallback, AfterAllCallback {

    private static final List<String> BROWSERS = List.of("chromium", "google-chrome", "chromium-browser");
    private static final String NO_INSTALLATION = "browser.install.skip";
    private static final Path INSTALLATION = Path.of("target", "chromium-installation.log");
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private @Nullable ChromeDriver driver;

    ChromeDriver driver() {
        return Objects.requireNonNull(driver);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        if (browser().isEmpty() || driverProgram().isEmpty()) {
            install();
        }
        File browser = browser().orElseThrow(() -> skip("no " + BROWSERS + " is on the PATH"));
        File driverProgram = driverProgram().orElseThrow(() -> skip("no chromedriver is on the PATH"));
        try {
            driver = start(browser, driverProgram);
        } catch (SessionNotCreatedException e) {
            throw skip(
                    browser + " does not start, or " + driverProgram + " is of another version: " + e.getRawMessage());
        }
    }

    private static ChromeDriver start(File browser, File driverProgram) {
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions()
                .setBinary(browser)
                .addArguments(
                        "--headless=new",
                        "--no-sandbox", // root, in a container, has none
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--no-first-run");
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriver started = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(driverProgram)
                        .build(),
                options);
        started.manage().timeouts().pageLoadTimeout(Duration.ofSeconds(30)).scriptTimeout(Duration.ofSeconds(30));
        return started;
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (driver != null) {
            driver.quit();
        }
    }

    private static Optional<File> browser() {
        return BROWSERS.stream().flatMap(Chromium::onThePath).findFirst();
    }

    private static Optional<File> driverProgram() {
        return onThePath("chromedriver").findFirst();
    }

    private static Stream<File> onThePath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> new File(folder, program))
                .filter(File::canExecute);
    }

    /** On a Debian where that needs no password: a container or a build machine. */
    private static void install() throws IOException, InterruptedException {
        boolean allowed = "root".equals(System.getProperty("user.name")) && !Boolean.getBoolean(NO_INSTALLATION);
        if (!allowed || onThePath("apt-get").findAny().isEmpty()) {
            throw skip(
                    "there is no chromium (or google-chrome) with its chromedriver on the PATH. Install them, on Debian:"
                            + " apt-get install chromium chromium-driver");
        }
        Files.deleteIfExists(INSTALLATION);
        run("apt-get", "update");
        run("apt-get", "install", "--yes", "--no-install-recommends", "chromium", "chromium-driver");
    }

    private static TestAbortedException skip(String reason) {
        System.out.println("Tests of the live page are skipped: " + reason); // Surefire tells it in its files only
        return new TestAbortedException(reason);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(INSTALLATION.toFile()));
        builder.environment().putAll(Map.of("DEBIAN_FRONTEND", "noninteractive"));
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw skip("installing chromium took longer than " + PATIENCE + "; see " + INSTALLATION.toAbsolutePath());
        }
        if (process.exitValue() != 0) {
            throw skip("chromium could not be installed (" + String.join(" ", command) + " ended with "
                    + process.exitValue() + "); see " + INSTALLATION.toAbsolutePath());
        }
    }
}
