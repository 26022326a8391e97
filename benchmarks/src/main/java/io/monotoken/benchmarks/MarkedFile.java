package io.monotoken.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file with two markers, between which the last run's table stands. */
final class MarkedFile {

    private static final String BEGIN = "<!-- table begins -->\n";
    private static final String END = "<!-- table ends -->";

    private final Path path;

    MarkedFile(Path path) {
        this.path = path;
    }

    void replace(String table) throws IOException {
        String text = Files.readString(path);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException(path + " must have the lines " + BEGIN.strip() + " and " + END);
        }
        Files.writeString(path, text.substring(0, begin + BEGIN.length()) + table + text.substring(end));
    }
}
