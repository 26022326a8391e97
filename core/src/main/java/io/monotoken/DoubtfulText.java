package io.monotoken;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds in a secret, a name or a key what hardly anybody means: characters that cannot be seen or came from a wrong encoding,
 * blanks and quotes around it, and references that nothing resolved. What it says has positions, counted from 1, and nothing of
 * the text.
 *
 * <p>A token endpoint warns by it of all that it sends of a client and a user. It is here for those who read such text from
 * elsewhere and can name the place, as Monotoken's Spring Boot starter does with properties.
 */
public final class DoubtfulText {

    private static final Map<Character, Character> QUOTES = Map.of(
            '"', '"', '\'', '\'', '`', '`', '\u201c', '\u201d', '\u2018', '\u2019', '\u00ab', '\u00bb', '\u201e',
            '\u201c');

    /** A lead byte of UTF-8 and one that follows, each as a character of ISO-8859-1. */
    private static final Pattern UTF_8_AS_LATIN_1 = Pattern.compile("[\u00c2-\u00f4][\u0080-\u00bf]+");

    private static final Map<Pattern, String> REFERENCES = Map.of(
            Pattern.compile("\\$\\{[^}]*}"), "has a reference ${...}, which nothing resolved,",
            Pattern.compile("#\\{[^}]+}"), "has an expression #{...}, which nothing evaluated,",
            Pattern.compile("\\{\\{[^}]+}}"), "has a template's {{...}}, which nothing filled,",
            Pattern.compile("\\$\\([A-Za-z_]\\w*\\)"), "has a reference $(...), which nothing resolved,",
            Pattern.compile("^@[\\w.-]+@$|^%\\w+%$|^<[^<>]+>$"), "is a name between two signs, which nothing replaced,",
            Pattern.compile("^\\{[\\w.-]+}"), "begins with a word in braces, as {cipher} does, and nothing decoded it,",
            Pattern.compile("^[A-Z]{3,}\\(.*\\)$"), "is written like ENC(...), and nothing decrypted it,",
            Pattern.compile("^(vault|op|sm|ssm|awssm|secretsmanager|env|file|secret|ref\\+\\w+)://?.|^arn:aws|^sm@."),
                    "is written like a reference to a secret elsewhere, which nothing fetched,");

    private DoubtfulText() {}

    /**
     * Looks at a text.
     *
     * @param text what is sent as it is
     * @return what is doubtful, one for each kind, as the rest of a sentence that begins with what the text is; empty for a text
     *     that somebody may mean
     */
    public static List<String> in(String text) {
        List<String> found = new ArrayList<>();
        REFERENCES.forEach((pattern, what) -> {
            Matcher reference = pattern.matcher(text);
            if (reference.find()) {
                found.add(what + at(text, reference.start()));
            }
        });
        found.sort(null);
        Matcher misread = UTF_8_AS_LATIN_1.matcher(text);
        if (misread.find()) {
            found.add("has UTF-8 that was read as ISO-8859-1, as .properties files are," + at(text, misread.start()));
        }
        edges(text, found);
        characters(misread.reset().replaceAll(match -> "x".repeat(match.group().length())), found);
        return found;
    }

    /** {@return the same for a text of several lines, whose blanks and line ends mean nothing, to go on with a sentence} */
    static String amongLines(String text) {
        List<String> found = in(text.replaceAll("[ \\t\\r\\n]", "-"));
        return found.isEmpty() ? "" : "; it " + String.join(" and ", found);
    }

    private static void edges(String text, List<String> found) {
        if (text.isEmpty()) {
            return;
        }
        char first = text.charAt(0);
        char last = text.charAt(text.length() - 1);
        if (isBlank(first)) {
            found.add("begins with a blank or line end, at position 1");
        }
        if (isBlank(last) && text.length() > 1) {
            found.add("ends with a blank or line end, at its last position");
        }
        Character closing = QUOTES.get(first);
        if (text.length() > 1 && closing != null && closing == last) {
            found.add("has quotes around it, at its first and last position, which are sent too");
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    /** Names each kind once. */
    private static void characters(String text, List<String> found) {
        List<String> kinds = new ArrayList<>();
        for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
            int character = text.codePointAt(i);
            String kind = kind(character);
            boolean isEdge = character < 128 && isBlank((char) character) && (i == 0 || i == text.length() - 1);
            if (kind != null && !isEdge && !kinds.contains(kind)) {
                kinds.add(kind);
                found.add("has " + kind + String.format(" (U+%04X)", character) + at(text, i));
            }
        }
    }

    private static @Nullable String kind(int character) {
        if (character == 0xFFFD) {
            return "a replacement character, which stands for one that was lost as with LANG=C,";
        }
        if (character == 0xFEFF) {
            return "a byte order mark";
        }
        return switch (Character.getType(character)) {
            case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                character == ' ' ? null : "a blank of another kind than the keyboard's";
            case Character.FORMAT -> "an invisible character";
            case Character.CONTROL -> "a control character";
            case Character.SURROGATE -> "half a character";
            case Character.PRIVATE_USE, Character.UNASSIGNED -> "no character of Unicode";
            default -> null;
        };
    }

    private static String at(String text, int index) {
        return " at position " + (text.codePointCount(0, index) + 1);
    }
}
