package io.monotoken;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a token is renewed and how long that may take. Immutable.
 */
public final class RefreshSettings {

    /** How many seconds a renewal may take unless set: {@value}. */
    public static final int DEFAULT_TIMEOUT_SECONDS = 15;

    /** How many seconds a credentials supplier may take unless set: {@value}. */
    public static final int DEFAULT_CREDENTIALS_TIMEOUT_SECONDS = 5;

    /** How many minutes a token lives whose answer names no life, unless set: {@value}. */
    public static final int DEFAULT_LIFETIME_MINUTES = 5;

    private static final Duration LONGEST = Duration.ofDays(1);

    private static final RefreshSettings DEFAULTS = new RefreshSettings(
            null,
            Duration.ofMinutes(DEFAULT_LIFETIME_MINUTES),
            Duration.ofSeconds(DEFAULT_CREDENTIALS_TIMEOUT_SECONDS),
            Duration.ofSeconds(DEFAULT_TIMEOUT_SECONDS),
            Map.of());

    private final @Nullable Duration ahead;
    private final Duration defaultLifetime;
    private final Duration credentialsTimeout;
    private final Duration timeout;
    private final Map<String, List<String>> parameters;

    private RefreshSettings(
            @Nullable Duration ahead,
            Duration defaultLifetime,
            Duration credentialsTimeout,
            Duration timeout,
            Map<String, List<String>> parameters) {
        this.ahead = ahead;
        this.defaultLifetime = defaultLifetime;
        this.credentialsTimeout = credentialsTimeout;
        this.timeout = timeout;
        this.parameters = parameters;
    }

    /**
     * Returns the defaults, which suit tokens that live for a second as well as for a day.
     *
     * @return renewal at a random instant between 70 % and 80 % of a token's life, earlier where that leaves too little
     *     time; a lifetime of {@value #DEFAULT_LIFETIME_MINUTES} min where the answer names none; credentials within
     *     {@value #DEFAULT_CREDENTIALS_TIMEOUT_SECONDS} s; a token within {@value #DEFAULT_TIMEOUT_SECONDS} s
     */
    public static RefreshSettings defaults() {
        return DEFAULTS;
    }

    /**
     * Renews a fixed time before expiry instead of at a share of the life.
     *
     * @param ahead how long before expiry, spread by up to a tenth of the token's life; greater than zero; counts
     *     as half the token's life at most
     * @return a copy
     */
    public RefreshSettings withAhead(Duration ahead) {
        return new RefreshSettings(
                positive("ahead", ahead, null), defaultLifetime, credentialsTimeout, timeout, parameters);
    }

    /**
     * What to take for the life of a token whose answer names none.
     *
     * @param defaultLifetime greater than zero; {@value #DEFAULT_LIFETIME_MINUTES} min unless set
     * @return a copy
     */
    public RefreshSettings withDefaultLifetime(Duration defaultLifetime) {
        return new RefreshSettings(
                ahead,
                positive("defaultLifetime", defaultLifetime, DEFAULTS.defaultLifetime),
                credentialsTimeout,
                timeout,
                parameters);
    }

    /**
     * How long a credentials supplier may take.
     *
     * @param credentialsTimeout greater than zero, shorter than {@link #timeout()};
     *     {@value #DEFAULT_CREDENTIALS_TIMEOUT_SECONDS} s unless set
     * @return a copy
     */
    public RefreshSettings withCredentialsTimeout(Duration credentialsTimeout) {
        return new RefreshSettings(
                ahead,
                defaultLifetime,
                positive("credentialsTimeout", credentialsTimeout, DEFAULTS.credentialsTimeout),
                timeout,
                parameters);
    }

    /**
     * How long a renewal may take with everything in it: credentials, refresh grant, login. No caller waits longer.
     *
     * @param timeout greater than zero; {@value #DEFAULT_TIMEOUT_SECONDS} s unless set
     * @return a copy
     */
    public RefreshSettings withTimeout(Duration timeout) {
        return new RefreshSettings(
                ahead, defaultLifetime, credentialsTimeout, positive("timeout", timeout, DEFAULTS.timeout), parameters);
    }

    /**
     * Adds form fields to the requests of the refresh grant, such as {@code resource} (RFC 8707, section 2.2). Those of
     * the primary grant are not sent with it.
     *
     * @param parameters names with their values; none unless set
     * @return a copy with these parameters instead of earlier ones
     */
    public RefreshSettings withParameters(Map<String, List<String>> parameters) {
        return new RefreshSettings(
                ahead, defaultLifetime, credentialsTimeout, timeout, TokenRequest.copyOf(parameters));
    }

    /** {@return how long before expiry a renewal starts, if that is fixed} */
    public Optional<Duration> ahead() {
        return Optional.ofNullable(ahead);
    }

    /** {@return the life of a token whose answer names none} */
    public Duration defaultLifetime() {
        return defaultLifetime;
    }

    /** {@return how long a credentials supplier may take} */
    public Duration credentialsTimeout() {
        return credentialsTimeout;
    }

    /** {@return how long a renewal may take} */
    public Duration timeout() {
        return timeout;
    }

    /** {@return further form fields of the refresh grant} */
    public Map<String, List<String>> parameters() {
        return parameters;
    }

    private static Duration positive(String name, Duration value, @Nullable Duration orElse) {
        String byDefault = orElse == null ? "unset" : orElse.toString();
        if (Objects.requireNonNull(value, name).isNegative() || value.toMillis() == 0) {
            throw new IllegalArgumentException(
                    name + " must be at least a millisecond, was " + value + "; the default is " + byDefault);
        }
        if (value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    name + " must be a day at most, was " + value + "; the default is " + byDefault);
        }
        return value;
    }

    @Override
    public String toString() {
        return "RefreshSettings[ahead=" + ahead + ", defaultLifetime=" + defaultLifetime + ", credentialsTimeout="
                + credentialsTimeout + ", timeout=" + timeout + ", parameters=" + parameters.keySet() + "]";
    }
}
