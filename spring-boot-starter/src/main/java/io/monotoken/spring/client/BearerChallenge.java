package io.monotoken.spring.client;

import java.util.List;
import java.util.Locale;

/**
 * Reads {@code WWW-Authenticate} as servers write it, which is rarely as RFC 9110 has it. Never throws: what cannot be
 * read is skipped.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1">RFC 9110, section 11.6.1</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750#section-3">RFC 6750, section 3</a>
 */
final class BearerChallenge {

    private final String line;
    private int position;
    private boolean bearer;
    private boolean blamesRequest;
    private boolean blamesToken;

    private BearerChallenge(String line) {
        this.line = line;
    }

    /**
     * {@return whether another token may help: always, unless a Bearer challenge blames the request or its scope and none
     * blames the token}
     */
    static boolean asksForAnotherToken(List<String> lines) {
        boolean blamesRequest = false;
        for (String line : lines) {
            BearerChallenge challenge = new BearerChallenge(line);
            challenge.read();
            if (challenge.blamesToken) {
                return true;
            }
            blamesRequest |= challenge.blamesRequest;
        }
        return !blamesRequest;
    }

    private void read() {
        boolean afterScheme = false; // then a bare word is not the next scheme but a token68, such as Negotiate's
        while (skip(afterScheme ? " \t" : " \t,;")) {
            if (line.charAt(position) == ',' || line.charAt(position) == ';') {
                afterScheme = false;
                continue;
            }
            String word = word();
            if (next('=')) {
                String value = value();
                if (bearer && word.equalsIgnoreCase("error")) {
                    judge(value.strip());
                }
                afterScheme = false;
            } else if (afterScheme) {
                afterScheme = false;
            } else {
                bearer = word.toLowerCase(Locale.ROOT).equals("bearer");
                afterScheme = true;
            }
        }
    }

    /** A code that is not known, such as {@code expired_token}, is about the token: that is what a 401 is about. */
    private void judge(String error) {
        boolean callers = error.equalsIgnoreCase("insufficient_scope") || error.equalsIgnoreCase("invalid_request");
        blamesRequest |= callers;
        blamesToken |= !callers && !error.isEmpty();
    }

    /** Answers whether something is left. */
    private boolean skip(String characters) {
        while (position < line.length() && characters.indexOf(line.charAt(position)) >= 0) {
            position++;
        }
        return position < line.length();
    }

    private boolean next(char expected) {
        int before = position;
        if (skip(" \t") && line.charAt(position) == expected) {
            position++;
            return true;
        }
        position = before;
        return false;
    }

    private String value() {
        return skip(" \t") && line.charAt(position) == '"' ? quoted() : word();
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        for (position++; position < line.length() && line.charAt(position) != '"'; position++) {
            if (line.charAt(position) == '\\' && position + 1 < line.length()) {
                position++;
            }
            value.append(line.charAt(position));
        }
        position++;
        return value.toString();
    }

    private String word() {
        int start = position;
        while (position < line.length() && " \t,;=\"".indexOf(line.charAt(position)) < 0) {
            position++;
        }
        if (position == start
                && position < line.length()
                && line.charAt(position) != ','
                && line.charAt(position) != ';') {
            position++; // a stray separator
        }
        return line.substring(start, position);
    }
}
