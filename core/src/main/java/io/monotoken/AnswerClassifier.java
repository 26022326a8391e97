package io.monotoken;

import io.monotoken.Answer.Delivery;
import io.monotoken.TokenException.Failure;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClientResponse;

/**
 * Turns what came back for one token request into a typed answer. Its messages name endpoint, client, grant, status,
 * media type, length and OAuth code; whatever the server chose to write is cleaned and searched for form values first.
 */
final class AnswerClassifier {

    private static final Set<String> TRY_LATER = Set.of("temporarily_unavailable", "slow_down", "server_error");

    /** Shown as they are, even to someone whose password is one of their words. */
    private static final Set<String> STANDARD_CODES = Set.of(
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "invalid_scope",
            "unauthorized_client",
            "unsupported_grant_type",
            "access_denied",
            "temporarily_unavailable",
            "slow_down",
            "server_error");

    private final URI uri;
    private final String clientId;
    private final TokenRequest request;

    AnswerClassifier(URI uri, String clientId, TokenRequest request) {
        this.uri = uri;
        this.clientId = clientId;
        this.request = request;
    }

    Answer classify(HttpClientResponse response, byte[] body, ResponseReader reader, long sentAt) {
        int status = response.status().code();
        HttpHeaders headers = response.responseHeaders();
        String mediaType = headers.get(HttpHeaderNames.CONTENT_TYPE);
        Duration retryAfter = retryAfter(headers);
        String encoding = headers.get(HttpHeaderNames.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return malformed(
                    status,
                    "it is encoded as '" + shown(encoding) + "', which no request asked for",
                    facts(status, mediaType, body));
        }
        ResponseReader.Body read = reader.read(body, mediaType);
        if (read instanceof ResponseReader.Body.OAuthError error) {
            return oauthError(status, error.code(), retryAfter);
        }
        if (status >= 300 && status < 400) {
            return malformed(
                    status,
                    "it redirects" + target(headers) + ", and redirects are never followed; correct the token URI",
                    facts(status, mediaType, body));
        }
        if (status >= 200 && status < 300) {
            if (read instanceof ResponseReader.Body.Success success) {
                return new Answer.Issued(success.response(), sentAt);
            }
            if (body.length == 0) {
                return new Answer.Failed(
                        new TokenException.Malformed(
                                where() + " answered with an empty body" + facts(status, mediaType, body),
                                new Failure(status, null, null)),
                        Delivery.ANSWERED_EMPTY);
            }
            return malformed(status, ((ResponseReader.Body.Unreadable) read).reason(), facts(status, mediaType, body));
        }
        if (status == 408 || status == 429 || status >= 500 || isThrottling(status)) {
            Duration wait = retryAfter == null && isThrottling(status) ? Duration.ofMinutes(1) : retryAfter;
            return new Answer.Failed(
                    new TokenException.Unavailable(
                            where() + " is not available" + facts(status, mediaType, body),
                            null,
                            new Failure(status, null, wait)),
                    Delivery.ANSWERED);
        }
        return new Answer.Failed(
                new TokenException.Rejected(
                        where() + " rejected client '" + clientId + "' without an OAuth error"
                                + facts(status, mediaType, body) + "; " + adviceForStatus(status),
                        new Failure(status, null, retryAfter)),
                Delivery.ANSWERED);
    }

    /** Some gateways throttle with a bare 403. A login must not take it for that: it may be a refused password. */
    private boolean isThrottling(int status) {
        return status == 403
                && !request.grantType().equals("password")
                && !request.grantType().equals("refresh_token");
    }

    Answer failed(Throwable error, String description, Delivery delivery) {
        String message = where() + " gave client '" + clientId + "' (grant " + request.grantType() + ") no token: "
                + description;
        return new Answer.Failed(new TokenException.Unavailable(message, error, Failure.NO_ANSWER), delivery);
    }

    /** The cause is left out: it may quote what the server sent. */
    Answer unreadable(String description) {
        return malformed(0, description, "");
    }

    private Answer oauthError(int status, String rawCode, @Nullable Duration retryAfter) {
        String code = STANDARD_CODES.contains(rawCode) ? rawCode : shown(rawCode);
        Failure failure = new Failure(status, code, retryAfter);
        String facts = " (grant " + request.grantType() + ", status " + status + "): " + code;
        boolean later = TRY_LATER.contains(code)
                || status == 408
                || status == 429
                || status == 502
                || status == 503
                || status == 504;
        TokenException exception = later
                ? new TokenException.Unavailable(
                        where() + " is not available for client '" + clientId + "'" + facts, null, failure)
                : new TokenException.Rejected(
                        where() + " rejected client '" + clientId + "'" + facts + "; " + advice(code), failure);
        return new Answer.Failed(exception, Delivery.ANSWERED);
    }

    private Answer malformed(int status, String reason, String facts) {
        return new Answer.Failed(
                new TokenException.Malformed(
                        where() + " gave client '" + clientId + "' an answer that is no token response" + facts + ": "
                                + shown(reason),
                        new Failure(status, null, null)),
                Delivery.ANSWERED);
    }

    private String advice(String code) {
        return switch (code) {
            case "invalid_client" -> "check the client's id and secret and how it authenticates";
            case "invalid_grant" ->
                request.grantType().equals("refresh_token")
                        ? "the refresh token has ended"
                        : "check user name and password, and whether the account is locked";
            case "invalid_scope" -> "check which scopes the client is registered for";
            case "unauthorized_client" -> "check that the client may use this grant";
            case "unsupported_grant_type" -> "the provider does not offer this grant";
            default -> "check the provider's documentation of this code";
        };
    }

    private static String adviceForStatus(int status) {
        return switch (status) {
            case 401, 403 -> "check the client's id and secret and how it authenticates";
            case 404, 405 -> "check the token URI";
            case 415 -> "check that the token URI takes forms";
            default -> "check the token URI and the client's set-up";
        };
    }

    private String where() {
        return TokenEndpoint.withoutQuery(uri);
    }

    private String facts(int status, @Nullable String mediaType, byte[] body) {
        return " (grant " + request.grantType() + ", status " + status + ", "
                + (mediaType == null ? "no media type" : shown(mediaType)) + ", " + body.length + " bytes)";
    }

    /** Only the origin: the path and query of a redirect may hold what was sent. */
    private String target(HttpHeaders headers) {
        String location = headers.get(HttpHeaderNames.LOCATION);
        if (location == null) {
            return "";
        }
        try {
            URI target = uri.resolve(location);
            return target.getHost() == null ? "" : " to " + shown(target.getScheme() + "://" + target.getHost());
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** {@return a server's words made fit for a message: one line, short, and without any value of the form} */
    private String shown(String text) {
        String cleaned = text.length() > 200 ? text.substring(0, 200) : text;
        cleaned = cleaned.replaceAll("[^\\x20-\\x7E]", "?");
        return request.isEchoedIn(text) ? "REDACTED" : cleaned;
    }

    private static @Nullable Duration retryAfter(HttpHeaders headers) {
        String value = headers.get(HttpHeaderNames.RETRY_AFTER);
        if (value == null) {
            return null;
        }
        String trimmed = value.trim();
        if (trimmed.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(trimmed));
        }
        if (trimmed.matches("\\d{10,}")) {
            return Duration.ofDays(1);
        }
        Instant until = instant(trimmed);
        if (until == null) {
            return null;
        }
        Instant sent = instant(headers.get(HttpHeaderNames.DATE));
        Duration wait = Duration.between(sent == null ? Instant.now() : sent, until);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    @SuppressWarnings("JavaUtilDate") // what Netty's parser of all three HTTP date formats answers with
    private static @Nullable Instant instant(@Nullable String httpDate) {
        Date parsed = httpDate == null || httpDate.isEmpty() ? null : DateFormatter.parseHttpDate(httpDate);
        return parsed == null ? null : parsed.toInstant();
    }
}
