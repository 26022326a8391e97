package io.monotoken.samples.complyone;

import static org.junit.jupiter.api.Assumptions.abort;

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
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A headless browser for a test class. Where there is none it is installed, and else the tests are skipped and say why. */
final class Chromium implements BeforeAllCallback, AfterAllCallback {

    private static final List<String> BROWSERS = List.of("chromium", "google-chrome", "chromium-browser");
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
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions()
                .setBinary(browser().orElseThrow())
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
                        .usingDriverExecutable(driverProgram().orElseThrow())
                        .build(),
                options);
        started.manage().timeouts().pageLoadTimeout(Duration.ofSeconds(30)).scriptTimeout(Duration.ofSeconds(30));
        driver = started;
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

    /** On a Debian where we may: a container or a build machine. Nobody's own machine is changed. */
    private static void install() throws IOException, InterruptedException {
        if (!"root".equals(System.getProperty("user.name"))
                || onThePath("apt-get").findAny().isEmpty()) {
            skip("There is no chromium (or google-chrome) with its chromedriver on the PATH. Install them to run the"
                    + " tests of the live page, on Debian: apt-get install chromium chromium-driver");
        }
        Files.deleteIfExists(INSTALLATION);
        run("apt-get", "update");
        run("apt-get", "install", "--yes", "--no-install-recommends", "chromium", "chromium-driver");
    }

    private static void skip(String reason) {
        System.out.println("Tests of the live page are skipped: " + reason); // Surefire tells it in its files only
        abort(reason);
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
            skip("Installing chromium took longer than " + PATIENCE + "; see " + INSTALLATION.toAbsolutePath());
        }
        if (process.exitValue() != 0) {
            skip("Chromium could not be installed (" + String.join(" ", command) + " ended with " + process.exitValue()
                    + "); see " + INSTALLATION.toAbsolutePath());
        }
    }
}
