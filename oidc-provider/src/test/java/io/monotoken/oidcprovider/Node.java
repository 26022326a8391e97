package io.monotoken.oidcprovider;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Node.js and npm of this machine. */
final class Node {

    static final String MISSING =
            "oidc-provider needs node 20.12 or newer and npm on the PATH, and 'node --version' or 'npm --version' failed";

    private static final int SECONDS = 120;
    private static final String SUFFIX = File.separatorChar == '\\' ? ".cmd" : "";

    private Node() {}

    static boolean isThere() {
        Path anywhere = Path.of("").toAbsolutePath();
        try {
            return run(anywhere, List.of("node", "--version")) == 0
                    && run(anywhere, List.of("npm" + SUFFIX, "--version")) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Installs what the lock file names, and runs no script of a package. */
    static void install(Path folder) throws IOException {
        List<String> command =
                List.of("npm" + SUFFIX, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
        int exit = run(folder, command);
        if (exit != 0) {
            throw new IOException("'" + String.join(" ", command) + "' in " + folder + " ended with " + exit + "; see "
                    + folder.resolve("npm.log"));
        }
    }

    private static int run(Path folder, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.redirectErrorStream(true)
                .redirectOutput(
                        command.contains("ci")
                                ? ProcessBuilder.Redirect.to(
                                        folder.resolve("npm.log").toFile())
                                : ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command + " did not end within " + SECONDS + " s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return process.exitValue();
    }
}
