package io.monotoken;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a source shares its token through a {@link TokenStore}. Immutable; {@link #toString()} shows no key.
 *
 * <pre>{@code
 * StoreSettings settings = StoreSettings.encryptedBy("k2", key).withOlderKey("k1", oldKey);
 * }</pre>
 *
 * <p>To change the key without a login: give every instance the new key as an older one, then make it the one that
 * encrypts, and drop the old key after a token's life.
 */
public final class StoreSettings {

    /** How many seconds an instance may take for a renewal unless set: {@value}. */
    public static final int DEFAULT_LEASE_SECONDS = 20;

    /** How many milliseconds the store may take for an answer unless set: {@value}. */
    public static final int DEFAULT_TIMEOUT_MILLIS = 500;

    private static final int KEY_BYTES = 32;
    private static final Duration LONGEST_LEASE = Duration.ofHours(1);
    private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(10);

    private final Map<String, byte[]> keys;
    private final Duration lease;
    private final Duration timeout;
    private final String instance;
    private final @Nullable String subject;

    private StoreSettings(
            Map<String, byte[]> keys, Duration lease, Duration timeout, String instance, @Nullable String subject) {
        this.keys = keys;
        this.lease = lease;
        this.timeout = timeout;
        this.instance = instance;
        this.subject = subject;
    }

    /**
     * Encrypts all that the store keeps with AES-256-GCM.
     *
     * @param keyId names the key in each record, so that keys can be changed; 1 to 32 visible ASCII characters
     * @param key 32 random bytes that all instances have
     * @return settings with the defaults for everything else
     */
    public static StoreSettings encryptedBy(String keyId, byte[] key) {
        return new StoreSettings(
                Map.of(checkedId(keyId), checkedKey(keyId, key)),
                Duration.ofSeconds(DEFAULT_LEASE_SECONDS),
                Duration.ofMillis(DEFAULT_TIMEOUT_MILLIS),
                thisProcess(),
                null);
    }

    /**
     * Adds a key that decrypts what it encrypted and encrypts nothing.
     *
     * @param keyId the name that the records have it under
     * @param key 32 bytes
     * @return a copy
     */
    public StoreSettings withOlderKey(String keyId, byte[] key) {
        Map<String, byte[]> more = new LinkedHashMap<>(keys);
        if (more.put(checkedId(keyId), checkedKey(keyId, key)) != null) {
            throw new IllegalArgumentException(
                    "there is a key '" + keyId + "' already; give each key a name of its own");
        }
        return new StoreSettings(more, lease, timeout, instance, subject);
    }

    /**
     * How long the other instances leave a renewal to the one that began it. One that dies meanwhile costs them no more.
     *
     * @param lease at least {@link RefreshSettings#timeout()} and twice {@link #timeout()}; {@value #DEFAULT_LEASE_SECONDS} s
     *     unless set
     * @return a copy
     */
    public StoreSettings withLease(Duration lease) {
        return new StoreSettings(
                keys, checked("lease", lease, LONGEST_LEASE, DEFAULT_LEASE_SECONDS * 1000), timeout, instance, subject);
    }

    /**
     * How long the store may take for an answer before the source goes on without it. The first one, for which a process has to
     * connect, may take five seconds, or half of {@link RefreshSettings#timeout()} if that is shorter.
     *
     * @param timeout 10 s at most; {@value #DEFAULT_TIMEOUT_MILLIS} ms unless set
     * @return a copy
     */
    public StoreSettings withTimeout(Duration timeout) {
        return new StoreSettings(
                keys, lease, checked("timeout", timeout, LONGEST_TIMEOUT, DEFAULT_TIMEOUT_MILLIS), instance, subject);
    }

    /**
     * What operators call this instance.
     *
     * @param instance unlike that of any other instance; host, process id and a random part unless set
     * @return a copy
     */
    public StoreSettings withInstance(String instance) {
        if (Objects.requireNonNull(instance, "instance").isBlank()) {
            throw new IllegalArgumentException("instance must not be blank; leave it out for host and process id");
        }
        return new StoreSettings(keys, lease, timeout, instance, subject);
    }

    /**
     * Tells sources of one client apart whose grants do not: those that are lambdas and those of refresh tokens, which do not
     * say for whom their tokens are. Scopes, {@code audience} and other form fields tell them apart as well; what a subject
     * stands for, such as a refresh token, a code or a subject token, does not.
     *
     * @param subject the same in all instances that share the token, and in no others
     * @return a copy
     */
    public StoreSettings withSubject(String subject) {
        if (Objects.requireNonNull(subject, "subject").isBlank()) {
            throw new IllegalArgumentException("subject must not be blank; name whose tokens the source has");
        }
        return new StoreSettings(keys, lease, timeout, instance, subject);
    }

    /** {@return the names of the keys; the first one encrypts} */
    public Set<String> keyIds() {
        return keys.keySet();
    }

    /** {@return how long the others leave a renewal to the instance that began it} */
    public Duration lease() {
        return lease;
    }

    /** {@return how long the store may take for an answer} */
    public Duration timeout() {
        return timeout;
    }

    /** {@return what operators call this instance} */
    public String instance() {
        return instance;
    }

    @Nullable
    String subject() {
        return subject;
    }

    /** {@return secret keys by name, the one that encrypts first} */
    Map<String, byte[]> keys() {
        return keys;
    }

    private static String checkedId(String keyId) {
        if (!Objects.requireNonNull(keyId, "keyId").matches("[!-~]{1,32}")) {
            throw new IllegalArgumentException("keyId must be 1 to 32 visible ASCII characters, was '" + keyId + "'");
        }
        return keyId;
    }

    private static byte[] checkedKey(String keyId, byte[] key) {
        if (Objects.requireNonNull(key, "key").length != KEY_BYTES) {
            throw new IllegalArgumentException("key '" + keyId + "' must have " + KEY_BYTES
                    + " bytes (AES-256), it has " + key.length + "; 'openssl rand -base64 32' makes one");
        }
        return key.clone();
    }

    private static Duration checked(String name, Duration value, Duration longest, int defaultMillis) {
        if (Objects.requireNonNull(value, name).toMillis() <= 0 || value.compareTo(longest) > 0) {
            throw new IllegalArgumentException(name + " must be between a millisecond and " + longest + ", was " + value
                    + "; the default is " + Duration.ofMillis(defaultMillis));
        }
        return value;
    }

    private static String thisProcess() {
        byte[] random = new byte[3];
        new SecureRandom().nextBytes(random);
        String host =
                System.getenv().getOrDefault("HOSTNAME", System.getenv().getOrDefault("COMPUTERNAME", "instance"));
        return host + "/" + ProcessHandle.current().pid() + "/" + HexFormat.of().formatHex(random);
    }

    @Override
    public String toString() {
        return "StoreSettings[keys=" + keys.keySet() + ", lease=" + lease + ", timeout=" + timeout + ", instance="
                + instance + "]";
    }
}
