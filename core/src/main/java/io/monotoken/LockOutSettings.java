package io.monotoken;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How often a password that a server refused is sent again, so that no account is locked out. Immutable.
 *
 * <p>Common servers count failed logins without a window, so time alone does not open the way for ever. Whatever is set here,
 * one account gets at most five refusals in 24 hours, or as many as there are attempts. Where sources of one account differ,
 * the strictest rule holds.
 */
public final class LockOutSettings {

    /** How often a refused password is sent unless set: {@value}. */
    public static final int DEFAULT_ATTEMPTS = 3;

    static final int MOST_ATTEMPTS = 10;

    private static final Duration SHORTEST_AGAIN = Duration.ofHours(1);
    private static final LockOutSettings DEFAULTS = new LockOutSettings(DEFAULT_ATTEMPTS, null);

    private final int attempts;
    private final @Nullable Duration again;

    private LockOutSettings(int attempts, @Nullable Duration again) {
        this.attempts = attempts;
        this.again = again;
    }

    /**
     * Returns the defaults.
     *
     * @return {@value #DEFAULT_ATTEMPTS} attempts: at once, after a minute, after 15 minutes; then not again until the
     *     credentials change or {@link TokenSource#reset} is called
     */
    public static LockOutSettings defaults() {
        return DEFAULTS;
    }

    /**
     * How often one refused password is sent: at once, after a minute, then every 15 minutes.
     *
     * @param attempts from 1 to 10; fewer than the server allows; {@value #DEFAULT_ATTEMPTS} unless set
     * @return a copy
     */
    public LockOutSettings withAttempts(int attempts) {
        if (attempts < 1 || attempts > MOST_ATTEMPTS) {
            throw new IllegalArgumentException("attempts must be from 1 to " + MOST_ATTEMPTS + ", was " + attempts
                    + "; the default is " + DEFAULT_ATTEMPTS);
        }
        return new LockOutSettings(attempts, again);
    }

    /**
     * Sends the password again after the last attempt, for servers that unlock accounts by themselves.
     *
     * @param again how long after the last attempt, and after each further one; an hour at least; never unless set
     * @return a copy
     */
    public LockOutSettings withAgain(Duration again) {
        if (Objects.requireNonNull(again, "again").compareTo(SHORTEST_AGAIN) < 0) {
            throw new IllegalArgumentException("again must be at least " + SHORTEST_AGAIN + ", was " + again
                    + "; unset, a refused password is not sent again");
        }
        return new LockOutSettings(attempts, again);
    }

    /** {@return how often one refused password is sent} */
    public int attempts() {
        return attempts;
    }

    /** {@return how long after the last attempt the password is sent again, if ever} */
    public Optional<Duration> again() {
        return Optional.ofNullable(again);
    }

    LockOutSettings strictest(LockOutSettings other) {
        if (equals(other)) {
            return this;
        }
        Duration longer =
                again == null || other.again == null ? null : again.compareTo(other.again) > 0 ? again : other.again;
        return new LockOutSettings(Math.min(attempts, other.attempts), longer);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LockOutSettings settings
                && attempts == settings.attempts
                && Objects.equals(again, settings.again);
    }

    @Override
    public int hashCode() {
        return Objects.hash(attempts, again);
    }

    @Override
    public String toString() {
        return "LockOutSettings[attempts=" + attempts + ", again=" + again + "]";
    }
}
