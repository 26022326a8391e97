package io.monotoken.endpoint;

import io.monotoken.TokenAnswer;
import io.monotoken.TokenAnswer.Delivery;
import io.monotoken.TokenException;
import io.monotoken.TokenRequest;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClientResponse;

/**
 * Turns what came back for one token request into a typed answer. Its messages name endpoint, client, grant, status,
 * media type, length and OAuth code; whatever the server chose to write is cleaned and searched for form values first.
 */
final class AnswerClassifier {

    private static final Set<String> TRY_LATER = Set.of("temporarily_unavailable", "slow_down", "server_error");

    /** Words like these and no others; many a framework's page for status 500 has its reason phrase as {@code error}. */
    private static final Pattern CODE = Pattern.compile("[a-z0-9_.:/-]+");

    /** In seconds; a date in a header has whole ones, and an answer takes a while. */
    private static final int CLOSE_ENOUGH = 30;

    /** Netty's parser throws at longer ones. */
    private static final int LONGEST_DATE = 64;

    private static final Pattern MEDIA_TYPE = Pattern.compile("[\\w.+-]+/[\\w.+-]+");

    private final URI uri;
    private final String clientId;
    private final ClientProof proof;
    private final TokenRequest request;
    private final ProviderWarnings warnings;
    private final InstantSource wallClock;
    private volatile List<String> hidden = List.of();

    AnswerClassifier(
            URI uri,
            String clientId,
            ClientProof proof,
            TokenRequest request,
            ProviderWarnings warnings,
            InstantSource wallClock) {
        this.uri = uri;
        this.clientId = clientId;
        this.proof = proof;
        this.request = request;
        this.warnings = warnings;
        this.wallClock = wallClock;
    }

    /** Keeps what else the request carried out of messages, too. */
    void hide(List<String> secrets) {
        hidden = secrets;
    }

    TokenAnswer classify(HttpClientResponse response, byte[] body, ResponseReader reader) {
        ResponseReader.Body read = encoding(response) == null
                ? reader.read(body, response.responseHeaders().get(HttpHeaderNames.CONTENT_TYPE), answeredAt(response))
                : new ResponseReader.Body.Unreadable("it is encoded, which no request asked for");
        return classify(response, read, body.length, body.length + " bytes");
    }

    TokenAnswer tooLarge(HttpClientResponse response, int largest) {
        ResponseReader.Body read = new ResponseReader.Body.Unreadable("it is larger than " + largest + " bytes");
        return classify(response, read, largest, "more than " + largest + " bytes");
    }

    private TokenAnswer classify(HttpClientResponse response, ResponseReader.Body read, int length, String size) {
        int status = response.status().code();
        Duration retryAfter = retryAfter(response.responseHeaders());
        if (read instanceof ResponseReader.Body.OAuthError error) {
            return oauthError(response, error, retryAfter);
        }
        String facts = facts(response, size);
        if (status < 200) {
            return malformed(status, "its status announces another, final one", facts, Delivery.UNANSWERED);
        }
        if (status >= 300 && status < 400) {
            return malformed(
                    status,
                    "it redirects" + target(response.responseHeaders())
                            + ", and redirects are never followed; correct the token URI",
                    facts);
        }
        if (status < 300) {
            if (read instanceof ResponseReader.Body.Success success) {
                warnings.ofAnswer(request, success);
                return new TokenAnswer.Issued(success.response());
            }
            if (length == 0) {
                return TokenAnswer.malformed(
                                Delivery.ANSWERED_EMPTY,
                                where() + " gave client '" + clientId + "' an empty answer" + facts)
                        .withStatus(status);
            }
            return malformed(status, reason(read), facts);
        }
        if (status == 408 || status == 429 || status >= 500 || isThrottling(status)) {
            return TokenAnswer.unavailable(
                            Delivery.ANSWERED, where() + " is not available for client '" + clientId + "'" + facts)
                    .withStatus(status)
                    .withRetryAfter(retryAfter);
        }
        return TokenAnswer.rejected(where() + " rejected client '" + clientId + "' without an OAuth error" + facts
                        + "; " + adviceForStatus(response))
                .withStatus(status)
                .withRetryAfter(retryAfter);
    }

    /** Some gateways throttle with a bare 403. A login must not take it for that: it may be a refused password. */
    private boolean isThrottling(int status) {
        return status == 403 && !request.carriesPassword() && !request.isRefresh();
    }

    TokenAnswer failed(Throwable error, String description, Delivery delivery) {
        String message = where() + " gave client '" + clientId + "' (grant " + request.grantType() + ") no token: "
                + description;
        return TokenAnswer.unavailable(delivery, message).withCause(error);
    }

    /** Whatever came may have been a refusal, so it counts as no answer. */
    TokenAnswer unreadable(String description) {
        return malformed(0, description, " (grant " + request.grantType() + ")", Delivery.UNANSWERED);
    }

    private String reason(ResponseReader.Body read) {
        if (read instanceof ResponseReader.Body.Unreadable unreadable) {
            return unreadable.reason();
        }
        String name = read instanceof ResponseReader.Body.OtherType other ? other.name() : null;
        return "token_type" + (name == null ? "" : " '" + shown(name) + "'")
                + " is not Bearer; if the provider means the same, name it in bearerTypes";
    }

    private TokenAnswer oauthError(
            HttpClientResponse response, ResponseReader.Body.OAuthError error, @Nullable Duration retryAfter) {
        int status = response.status().code();
        String rawCode = error.code();
        String fit = error.repeatsToken() ? "REDACTED" : shown(rawCode);
        // shown as it is, even to someone whose password is such a word
        String code = TokenException.REGISTERED_ERRORS.contains(rawCode) ? rawCode : fit;
        String facts = " (grant " + request.grantType() + ", status " + status + "): " + code;
        boolean later = (TRY_LATER.contains(code) && !(code.equals("server_error") && status < 500))
                || (status >= 500 && !CODE.matcher(rawCode).matches())
                || status == 408
                || status == 429
                || status == 502
                || status == 503
                || status == 504;
        // of a password this says the same whatever a gateway makes of the status, and it was counted
        boolean refusedPassword = status >= 500 && request.carriesPassword() && code.equals("invalid_grant");
        TokenAnswer.Failed answer = later && !refusedPassword
                ? TokenAnswer.unavailable(
                        Delivery.ANSWERED, where() + " is not available for client '" + clientId + "'" + facts)
                : TokenAnswer.rejected(
                        where() + " rejected client '" + clientId + "'" + facts + "; " + advice(code, response));
        return answer.withStatus(status).withError(code).withRetryAfter(retryAfter);
    }

    private TokenAnswer malformed(int status, String reason, String facts) {
        return malformed(status, reason, facts, Delivery.ANSWERED);
    }

    private TokenAnswer malformed(int status, String reason, String facts, Delivery delivery) {
        TokenAnswer.Failed answer = TokenAnswer.malformed(
                delivery,
                where() + " gave client '" + clientId + "' an answer that is no token response" + facts + ": "
                        + reason);
        return status == 0 ? answer : answer.withStatus(status);
    }

    private String advice(String code, HttpClientResponse response) {
        return switch (code) {
            case "invalid_client" -> clientAdvice(response);
            case "invalid_grant" -> "check " + invalidGrant(response);
            case "invalid_scope" -> "check which scopes the client is registered for";
            case "unauthorized_client" -> "check that the client may use this grant" + proofBeside(response);
            case "unsupported_grant_type" -> "the provider does not offer this grant";
            default -> "check the provider's documentation of this code";
        };
    }

    private String clientAdvice(HttpClientResponse response) {
        return proof.advice() == null
                ? "check the client's id and secret and how it authenticates"
                : proof.advice() + (proof.isDated() ? clocks(response) : "");
    }

    /** Some servers, such as Keycloak, take this word for a secret or a signature that is wrong. */
    private String proofBeside(HttpClientResponse response) {
        boolean doubtful = proof.advice() != null || response.status().code() == 401;
        return doubtful ? "; if it may, " + clientAdvice(response) : "";
    }

    /** An assertion says when it was made, and a server does not take one from the future or the past. */
    private String clocks(HttpClientResponse response) {
        Instant date = instant(response.responseHeaders().get(HttpHeaderNames.DATE));
        if (date == null) {
            return ", and check this machine's clock, since the answer has no date to compare it with";
        }
        long seconds = Duration.between(date, wallClock.instant()).toSeconds();
        return Math.abs(seconds) <= CLOSE_ENOUGH
                ? ""
                : "; this machine's clock is " + Math.abs(seconds) + " s " + (seconds > 0 ? "ahead of" : "behind")
                        + " the server's: set one of them right";
    }

    private String invalidGrant(HttpClientResponse response) {
        if (request.isRefresh()) {
            return "whether the refresh token has expired, was revoked or was used before";
        }
        if (request.first("assertion") != null) {
            return "who signed the grant's assertion, of whom, for which audience and until when it is good"
                    + clocks(response);
        }
        return request.carriesPassword()
                ? "user name and password, and whether the account is locked"
                : "whether what the grant presents has expired, was used before or is meant for another client";
    }

    private String adviceForStatus(HttpClientResponse response) {
        return switch (response.status().code()) {
            case 401, 403 -> clientAdvice(response);
            case 404, 405 -> "check the token URI";
            case 415 -> "check that the token URI takes forms";
            default -> "check the token URI and the client's set-up";
        };
    }

    private String where() {
        return ShownUri.of(uri);
    }

    private String facts(HttpClientResponse response, String size) {
        String encoding = encoding(response);
        return " (grant " + request.grantType() + ", status "
                + response.status().code() + ", "
                + mediaType(response.responseHeaders().get(HttpHeaderNames.CONTENT_TYPE))
                + (encoding == null ? "" : " encoded as " + shown(encoding)) + ", " + size + ")";
    }

    private String mediaType(@Nullable String contentType) {
        if (contentType == null) {
            return "no media type";
        }
        String type = contentType.split(";", 2)[0].trim();
        return MEDIA_TYPE.matcher(type).matches() ? shown(type) : "unreadable media type";
    }

    private static @Nullable String encoding(HttpClientResponse response) {
        String encoding = response.responseHeaders().get(HttpHeaderNames.CONTENT_ENCODING);
        return encoding == null || encoding.equalsIgnoreCase("identity") ? null : encoding;
    }

    /** Only the origin: the path and query of a redirect may hold what was sent. */
    private String target(HttpHeaders headers) {
        String location = headers.get(HttpHeaderNames.LOCATION);
        if (location == null) {
            return "";
        }
        try {
            URI target = uri.resolve(location);
            return target.getHost() == null
                    ? ""
                    : " to "
                            + shown(target.getScheme() + "://" + target.getHost()
                                    + (target.getPort() < 0 ? "" : ":" + target.getPort()));
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** {@return a server's words made fit for a message: one line, short, and without anything that was sent} */
    private String shown(String text) {
        if (FormBody.isEchoedIn(text, request)
                || proof.isEchoedIn(text)
                || hidden.stream().anyMatch(secret -> FormBody.repeats(text, secret))) {
            return "REDACTED";
        }
        return (text.length() > 200 ? text.substring(0, 200) : text).replaceAll("[^\\x20-\\x7E]", "?");
    }

    /** By the server's clock where it tells, since that is the one it made the answer by. */
    private Instant answeredAt(HttpClientResponse response) {
        Instant date = instant(response.responseHeaders().get(HttpHeaderNames.DATE));
        return date == null ? wallClock.instant() : date;
    }

    private @Nullable Duration retryAfter(HttpHeaders headers) {
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
        Duration wait = Duration.between(sent == null ? wallClock.instant() : sent, until);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    @SuppressWarnings("JavaUtilDate") // what Netty's parser of all three HTTP date formats answers with
    private static @Nullable Instant instant(@Nullable String httpDate) {
        boolean readable = httpDate != null && !httpDate.isEmpty() && httpDate.length() <= LONGEST_DATE;
        Date parsed = readable ? DateFormatter.parseHttpDate(httpDate) : null;
        return parsed == null ? null : parsed.toInstant();
    }
}
