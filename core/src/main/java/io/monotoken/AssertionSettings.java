package io.monotoken;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a signed assertion says besides who signs it: a JSON Web Token with {@code iss}, {@code sub}, {@code aud}, {@code jti},
 * {@code iat} and {@code exp}. Immutable.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7523#section-3">RFC 7523, section 3</a>
 */
public final class AssertionSettings {

    /** For how many seconds an assertion is good unless set: {@value}. */
    public static final int DEFAULT_LIFETIME_SECONDS = 60;

    private static final String CLIENT_AUTHENTICATION = "client-authentication+jwt";
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Set<String> OWN = Set.of("iss", "sub", "aud", "jti", "iat", "exp");
    private static final int ID_BYTES = 16;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final JsonMapper JSON = JsonMapper.shared();

    private final @Nullable String audience;
    private final @Nullable String type;
    private final Duration lifetime;
    private final Map<String, Object> claims;
    private final InstantSource clock;

    private AssertionSettings(
            @Nullable String audience,
            @Nullable String type,
            Duration lifetime,
            Map<String, Object> claims,
            InstantSource clock) {
        this.audience = audience;
        this.type = type;
        this.lifetime = lifetime;
        this.claims = claims;
        this.clock = clock;
    }

    /** {@return an assertion for the token endpoint, good for a minute} */
    public static AssertionSettings defaults() {
        return new AssertionSettings(
                null, null, Duration.ofSeconds(DEFAULT_LIFETIME_SECONDS), Map.of(), InstantSource.system());
    }

    /**
     * Says for whom it is made: {@code aud}, always one string.
     *
     * @param audience what the provider asks for, which newer ones want to be its issuer; the token URI unless set
     * @return a copy
     */
    public AssertionSettings withAudience(String audience) {
        return new AssertionSettings(notBlank("audience", audience), type, lifetime, claims, clock);
    }

    /**
     * Says what kind of token it is: the header {@code typ}.
     *
     * @param type such as {@code JWT}, which Microsoft Entra wants; {@code client-authentication+jwt} unless set, or
     *     {@code JWT} in a {@link JwtBearerGrant}
     * @return a copy
     */
    public AssertionSettings withType(String type) {
        return new AssertionSettings(audience, notBlank("type", type), lifetime, claims, clock);
    }

    /**
     * How long the assertion is good: {@code exp} less {@code iat}.
     *
     * @param lifetime whole seconds, an hour at most; {@value #DEFAULT_LIFETIME_SECONDS} s unless set
     * @return a copy
     */
    public AssertionSettings withLifetime(Duration lifetime) {
        if (lifetime.toSeconds() < 1 || lifetime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("lifetime must be between a second and " + LONGEST + ", was " + lifetime
                    + "; the default is " + Duration.ofSeconds(DEFAULT_LIFETIME_SECONDS));
        }
        return new AssertionSettings(audience, type, lifetime, claims, clock);
    }

    /**
     * Adds a claim that a provider asks for.
     *
     * @param name none of {@code iss}, {@code sub}, {@code aud}, {@code jti}, {@code iat} and {@code exp}
     * @param value a text, a number, a boolean, or a list or map of these
     * @return a copy
     */
    public AssertionSettings withClaim(String name, Object value) {
        if (OWN.contains(notBlank("name", name))) {
            throw new IllegalArgumentException("the claim '" + name + "' is written for each assertion; "
                    + (name.equals("aud") ? "set it with withAudience" : "leave it out"));
        }
        Map<String, Object> more = new LinkedHashMap<>(claims);
        more.put(name, Objects.requireNonNull(value, "value"));
        try {
            JSON.writeValueAsString(more);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "the claim '" + name + "' has no JSON; use text, numbers, lists and maps");
        }
        return new AssertionSettings(audience, type, lifetime, Map.copyOf(more), clock);
    }

    AssertionSettings withClock(InstantSource other) {
        return new AssertionSettings(audience, type, lifetime, claims, other);
    }

    private static String notBlank(String what, String value) {
        if (Objects.requireNonNull(value, what).isBlank()) {
            throw new IllegalArgumentException(what + " must not be blank");
        }
        return value;
    }

    /** {@return for whom assertions are made, if that is set} */
    public Optional<String> audience() {
        return Optional.ofNullable(audience);
    }

    /** {@return the header {@code typ}, if that is set} */
    public Optional<String> type() {
        return Optional.ofNullable(type);
    }

    /**
     * Signs an assertion, a new one with another {@code jti} for each subscription.
     *
     * <p>Threads: signs by {@link BlockingCall}, for a private key needs up to some milliseconds and the JDK
     * reads random numbers from a file for RSA; with a secret at once.
     *
     * @param key what signs it
     * @param issuer who says so
     * @param subject of whom
     * @param audienceUnlessSet for whom, where these settings do not say it
     * @return a cold Mono of the assertion in its compact form; a secret until it ends
     */
    public Mono<String> assertion(SigningKey key, String issuer, String subject, String audienceUnlessSet) {
        return key.isSlow()
                ? BlockingCall.mono(() -> signed(key, issuer, subject, audienceUnlessSet))
                : Mono.fromSupplier(() -> signed(key, issuer, subject, audienceUnlessSet));
    }

    private String signed(SigningKey key, String issuer, String subject, String audienceUnlessSet) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", key.algorithm());
        header.put("typ", type == null ? CLIENT_AUTHENTICATION : type);
        key.keyId().ifPresent(id -> header.put("kid", id));
        key.thumbprint().ifPresent(hash -> header.put("x5t#S256", hash));
        Instant now = clock.instant();
        byte[] id = new byte[ID_BYTES];
        SeededRandom.shared().nextBytes(id);
        Map<String, Object> payload = new LinkedHashMap<>(claims);
        payload.put("iss", issuer);
        payload.put("sub", subject);
        payload.put("aud", audience == null ? audienceUnlessSet : audience);
        payload.put("jti", HexFormat.of().formatHex(id));
        payload.put("iat", now.getEpochSecond());
        payload.put("exp", now.plus(lifetime).getEpochSecond());
        String content = part(header) + "." + part(payload);
        return content + "." + BASE64.encodeToString(key.sign(content.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String part(Map<String, Object> members) {
        return BASE64.encodeToString(JSON.writeValueAsBytes(members));
    }

    @Override
    public String toString() {
        return "AssertionSettings[audience=" + audience + ", type=" + type + ", lifetime=" + lifetime + ", claims="
                + claims.keySet() + "]";
    }
}
