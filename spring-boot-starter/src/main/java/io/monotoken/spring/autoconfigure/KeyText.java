package io.monotoken.spring.autoconfigure;

import io.monotoken.SigningKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.core.io.Resource;
import org.springframework.core.io.UrlResource;

/** A private key as a property has it: its text, or where that is. No message has any of the text. */
final class KeyText {

    private static final int LONGEST = 64 * 1024;
    private static final String ENCRYPTED = "BEGIN ENCRYPTED PRIVATE KEY";

    /** What is surely a location and no key that lost its first line. */
    private static final Pattern LOCATION = Pattern.compile("(file:|classpath:|\\.{0,2}/)[^\\s+=]{1,200}");

    /** A key in DER begins like this in Base64. */
    private static final Pattern BARE_KEY = Pattern.compile("M[A-Za-z0-9+/=\\s]{40,}");

    private KeyText() {}

    /** {@return whether a property has the key itself} */
    static boolean isKey(String value) {
        return value.contains("-----BEGIN") || value.stripLeading().startsWith("{");
    }

    /**
     * Finds the file that has the key.
     *
     * @throws IllegalArgumentException if the value cannot be a location
     */
    static Resource resource(String value) {
        String location = value.strip();
        if (BARE_KEY.matcher(location).matches()) {
            throw new IllegalArgumentException("it has a key without its first and last line");
        }
        Resource resource;
        try {
            resource = ApplicationResourceLoader.get().getResource(location);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("it is neither a key nor the location of one");
        }
        if (resource instanceof UrlResource && !resource.isFile()) {
            throw new IllegalArgumentException("a key is read from a file, and not over the network");
        }
        return resource;
    }

    /** {@return the location for people; empty where it might be a secret} */
    static String shown(String value) {
        return LOCATION.matcher(value.strip()).matches() ? " (" + value.strip() + ")" : "";
    }

    /**
     * Reads the file as it is now.
     *
     * @throws IllegalArgumentException if there is none, or none that can be a key
     */
    static String read(Resource resource) {
        if (isDirectory(resource)) { // whose content would be the names of its files
            throw new IllegalArgumentException("it is a directory; name the file in it that has the key");
        }
        byte[] bytes;
        try (InputStream content = resource.getInputStream()) {
            bytes = content.readNBytes(LONGEST + 1);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    resource.exists()
                            ? "the file cannot be read (" + e.getClass().getSimpleName() + ")"
                            : "there is no such file",
                    e);
        }
        if (bytes.length > LONGEST) {
            throw new IllegalArgumentException("the file is longer than a key can be: " + LONGEST + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static boolean isDirectory(Resource resource) {
        try {
            return resource.isFile() && resource.getFile().isDirectory();
        } catch (IOException e) {
            return false;
        }
    }

    static boolean isEncrypted(String text) {
        return text.contains(ENCRYPTED);
    }

    /**
     * Reads a key.
     *
     * @throws IllegalArgumentException if it is none to sign with
     */
    static SigningKey key(String text, @Nullable String password) {
        if (text.stripLeading().startsWith("{")) {
            return SigningKey.ofJwk(text);
        }
        return password == null ? SigningKey.ofPem(text) : SigningKey.ofPem(text, password);
    }
}
