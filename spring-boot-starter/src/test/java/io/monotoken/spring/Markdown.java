package io.monotoken.spring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation, as far as tests look into it.
 *
 * @param path from the root of the repository
 */
public record Markdown(Path path, String text) {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern FENCE = Pattern.compile("(?ms)^ *```(\\w*)\\n(.*?)^ *```$");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)|(?:src|srcset)=\"([^\"]+)\"");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    /** {@return every page of the repository} */
    static List<Markdown> pages() {
        return files(".md").stream()
                .map(file -> page(ROOT.relativize(file).toString()))
                .toList();
    }

    /** {@return every file of the repository that is not made from others} */
    static List<Path> files(String ending) {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    String name = folder.getFileName().toString();
                    return name.equals("target") || (name.startsWith(".") && !folder.equals(ROOT))
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (file.toString().endsWith(ending)) {
                        found.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    public static Markdown page(String path) {
        return new Markdown(Path.of(path), read(path));
    }

    static String read(String path) {
        try {
            return Files.readString(ROOT.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path root() {
        return ROOT;
    }

    /** {@return what stands between fences with this language} */
    public List<String> snippets(String language) {
        return FENCE.matcher(text)
                .results()
                .filter(fence -> fence.group(1).equals(language))
                .map(fence -> fence.group(2))
                .toList();
    }

    /** {@return the cells below a table's header, row by row, of every table with this header} */
    public List<List<String>> table(String header) {
        List<List<String>> rows = new ArrayList<>();
        boolean inside = false;
        for (String line : text.lines().toList()) {
            inside = inside ? line.startsWith("|") : line.equals(header);
            if (inside && !line.equals(header) && !line.startsWith("| ---")) {
                rows.add(Stream.of(line.substring(1, line.length() - 1).split("\\|", -1))
                        .map(String::trim)
                        .toList());
            }
        }
        return rows;
    }

    List<String> links() {
        return LINK.matcher(text)
                .results()
                .map(link -> link.group(1) == null ? link.group(2) : link.group(1))
                .toList();
    }

    /** {@return what stands in backquotes outside of fences and matches} */
    List<MatchResult> quoted(String pattern) {
        return Pattern.compile("`" + pattern + "`")
                .matcher(FENCE.matcher(text).replaceAll(""))
                .results()
                .toList();
    }

    /** {@return whether there is a heading that the fragment leads to, as GitHub makes them} */
    boolean hasAnchor(String fragment) {
        return HEADING.matcher(text)
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{Alnum} _-]", "")
                        .replace(' ', '-'))
                .anyMatch(fragment::equals);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
