package io.monotoken.endpoint;

import io.monotoken.TokenResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the body of a token endpoint's answer. It looks at the body and not at its label, and is tolerant of servers
 * and strict with everything that could reach a header or a log.
 */
final class ResponseReader {

    private static final Set<String> KNOWN =
            Set.of("access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "scope");

    private static final Set<String> TOKENS = Set.of("access_token", "refresh_token", "id_token");

    private static final Pattern TYPE_NAME = Pattern.compile("[\\w.:/-]{1,100}");

    private static final List<String> INSTANTS = List.of("expires_on", "expires_at");
    private static final List<String> LIVES = List.of("expires_in", "expires_on", "expires_at");

    private static final int LONGEST_NUMBER = 40;
    private static final double MANY_SECONDS = 1e12;

    private static final Pattern DECIMAL = Pattern.compile("[+-]?\\d{1,40}(?:\\.\\d{1,40})?(?:[eE][+-]?\\d{1,3})?");

    /** More seconds than lead into the year 5138 are milliseconds, which as seconds no server means. */
    private static final double EPOCH_MILLISECONDS = 1e11;

    private final Set<String> bearerTypes;
    /** One for all readers: a mapper is by far the largest part of an endpoint. */
    private static final ObjectReader JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(16)
                            .maxNumberLength(LONGEST_NUMBER)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(Map.class);

    /**
     * @param bearerTypes what counts as {@code Bearer} beside that word itself, in lower case
     */
    ResponseReader(Set<String> bearerTypes) {
        this.bearerTypes = bearerTypes;
    }

    /** What a body turned out to be. */
    sealed interface Body {

        /** A token response (RFC 6749, section 5.1). */
        record Success(TokenResponse response, Life life) implements Body {}

        /** An error response (RFC 6749, section 5.2), whatever its status. */
        record OAuthError(String code, boolean repeatsToken) implements Body {}

        /**
         * A token of another type than Bearer.
         *
         * @param name null when it is not fit for a message
         */
        record OtherType(@Nullable String name) implements Body {}

        /** Neither. */
        record Unreadable(String reason) implements Body {}
    }

    /** How {@code expires_in} could be read. */
    enum Life {
        READ,
        ABSENT,
        UNREADABLE,
        /** Counts as zero. */
        NEGATIVE
    }

    /**
     * @param answeredAt what a member that names an instant is counted from
     */
    Body read(byte[] body, @Nullable String mediaType, Instant answeredAt) {
        Map<String, Object> members;
        try {
            members = isForm(body, mediaType) ? readForm(body) : readJson(body);
        } catch (JacksonException | IllegalArgumentException e) {
            return new Body.Unreadable("it is not a JSON object");
        }
        return members == null ? new Body.Unreadable("it is not a JSON object") : interpret(members, answeredAt);
    }

    private Body interpret(Map<String, Object> members, Instant answeredAt) {
        if (members.get("error") instanceof String error && !error.isBlank()) {
            return new Body.OAuthError(error, repeatsToken(error, members));
        }
        if (members.get("error") instanceof Map) {
            return new Body.Unreadable("error is not a string");
        }
        Object accessToken = members.get("access_token");
        if (!(accessToken instanceof String value) || value.isEmpty()) {
            return new Body.Unreadable(
                    members.containsKey("access_token") ? "access_token is not a string" : "it has no access_token");
        }
        TokenResponse.Builder response;
        try {
            response = TokenResponse.builder(value);
        } catch (IllegalArgumentException e) {
            return new Body.Unreadable("access_token has characters that no header may have");
        }
        Object type = members.get("token_type");
        if (type != null && !isBearer(type)) {
            return new Body.OtherType(named(type, members));
        }
        Object refreshToken = members.get("refresh_token");
        if (refreshToken != null && !isRefreshToken(refreshToken)) {
            return new Body.Unreadable("refresh_token is not a string of visible ASCII characters");
        }
        Double life = life(members, answeredAt);
        Double refreshLife = seconds(members.get("refresh_expires_in"));
        response.expiresIn(duration(life))
                .scopes(scopes(members.get("scope")))
                .refreshToken(refreshToken == null || refreshToken.equals("") ? null : (String) refreshToken)
                .refreshExpiresIn(refreshLife == null || refreshLife <= 0 ? null : duration(refreshLife))
                .attributes(others(members));
        return new Body.Success(response.build(), reading(members, life));
    }

    private static Life reading(Map<String, Object> members, @Nullable Double seconds) {
        if (LIVES.stream().allMatch(name -> members.get(name) == null)) {
            return Life.ABSENT;
        }
        return seconds == null ? Life.UNREADABLE : seconds < 0 ? Life.NEGATIVE : Life.READ;
    }

    private boolean isBearer(Object type) {
        return type instanceof String name
                && (name.equalsIgnoreCase("Bearer") || bearerTypes.contains(name.toLowerCase(Locale.ROOT)));
    }

    private static @Nullable String named(Object type, Map<String, Object> members) {
        return type instanceof String name && TYPE_NAME.matcher(name).matches() && !repeatsToken(name, members)
                ? name
                : null;
    }

    /** A message may quote one member, and must not show a token that is another. */
    private static boolean repeatsToken(String text, Map<String, Object> members) {
        return TOKENS.stream()
                .anyMatch(name -> members.get(name) instanceof String token && FormBody.repeats(text, token));
    }

    /** RFC 6749, appendix A.17: visible characters and the space. */
    private static boolean isRefreshToken(Object value) {
        return value instanceof String text && text.chars().allMatch(c -> c >= ' ' && c < 0x7F);
    }

    /** {@return the seconds of {@code expires_in}, else those until another member's instant} */
    private static @Nullable Double life(Map<String, Object> members, Instant answeredAt) {
        Double seconds = seconds(members.get("expires_in"));
        for (String name : INSTANTS) {
            seconds = seconds == null ? until(members.get(name), answeredAt) : seconds;
        }
        return seconds;
    }

    /** An instant that is past is a life of zero, not a negative one: the server told the truth. */
    private static @Nullable Double until(@Nullable Object value, Instant answeredAt) {
        Double epoch = seconds(value);
        if (epoch == null) {
            epoch = value instanceof String text ? epochSeconds(text.trim()) : null;
        } else if (epoch >= EPOCH_MILLISECONDS) {
            epoch = epoch / 1_000;
        }
        return epoch == null ? null : Double.valueOf(Math.max(0, epoch - answeredAt.toEpochMilli() / 1_000.0));
    }

    private static @Nullable Double epochSeconds(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant().toEpochMilli() / 1_000.0;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** Numbers come as such, as floats and as strings; a double is exact far beyond the 24 hours that count. */
    private static @Nullable Double seconds(@Nullable Object value) {
        double seconds;
        if (value instanceof Number number) {
            seconds = number.doubleValue();
        } else if (value instanceof String text && DECIMAL.matcher(text.trim()).matches()) {
            seconds = Double.parseDouble(text.trim());
        } else {
            return null;
        }
        return Double.isNaN(seconds) || Double.isInfinite(seconds) ? null : Double.valueOf(seconds);
    }

    /** To the millisecond; what a double cannot tell from a whole millisecond is one. */
    private static @Nullable Duration duration(@Nullable Double seconds) {
        if (seconds == null) {
            return null;
        }
        return seconds > MANY_SECONDS
                ? Duration.ofSeconds(seconds.longValue())
                : Duration.ofMillis((long) Math.floor(seconds * 1_000 + 1e-3));
    }

    private static @Nullable Set<String> scopes(@Nullable Object value) {
        if (value instanceof String text) {
            return split(text);
        }
        if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            Set<String> scopes = new LinkedHashSet<>();
            list.forEach(scope -> scopes.addAll(Objects.requireNonNullElse(split((String) scope), Set.of())));
            return scopes;
        }
        return null;
    }

    /** Blanks separate scopes (RFC 6749, section 3.3), and commas do at GitHub, Shopify and others. */
    private static @Nullable Set<String> split(String text) {
        Set<String> scopes = new LinkedHashSet<>(List.of(text.trim().split("[ ,]+")));
        scopes.remove("");
        return scopes.isEmpty() ? null : scopes;
    }

    private static Map<String, Object> others(Map<String, Object> members) {
        Map<String, Object> others = new LinkedHashMap<>(members);
        others.keySet().removeAll(KNOWN);
        others.values().removeIf(Objects::isNull);
        others.replaceAll((name, value) -> frozen(value));
        return Map.copyOf(others);
    }

    /** Unlike copies, views may hold the nulls of a nested object. */
    private static Object frozen(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, inner) -> copy.put(key, inner == null ? null : frozen(inner)));
            return Collections.unmodifiableMap(copy);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>();
            list.forEach(inner -> copy.add(inner == null ? null : frozen(inner)));
            return Collections.unmodifiableList(copy);
        }
        return value;
    }

    private @Nullable Map<String, Object> readJson(byte[] body) {
        return JSON.readValue(body);
    }

    private static boolean isForm(byte[] body, @Nullable String mediaType) {
        return mediaType != null
                && mediaType.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded")
                && !new String(body, StandardCharsets.UTF_8).stripLeading().startsWith("{");
    }

    private static Map<String, Object> readForm(byte[] body) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (String pair : new String(body, StandardCharsets.UTF_8).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("no value");
            }
            Object earlier = members.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            if (earlier != null) {
                throw new IllegalArgumentException("duplicate");
            }
        }
        return members;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
