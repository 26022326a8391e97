package io.monotoken.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.io.ByteArrayOutputStream;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/** Handles the requests at the token endpoint: counts them, causes the faults, applies the rules and keeps the record. */
final class TokenRequestHandler {

    static final int RECORDED = 1_000;

    private static final int LONGEST_BODY = 64 * 1024;

    /** A name or an absolute URI (RFC 6749, section 4.5); no name of a grant has a digit, and most passwords have one. */
    private static final Pattern GRANT_TYPE = Pattern.compile("[A-Za-z_-]{0,64}|(urn|https?):[\\w:./-]{1,200}");

    private final String path;
    private final InstantSource clock;
    private final ServerKind kind;
    private final TokenRequestRules rules;
    private final Faults faults = new Faults();
    private final LongAdder received = new LongAdder();
    private final Map<String, LongAdder> byGrantType = new ConcurrentHashMap<>();
    private final Deque<RecordedTokenRequest> recorded = new ArrayDeque<>(); // guarded by itself

    TokenRequestHandler(String path, InstantSource clock, ServerKind kind, TokenRequestRules rules) {
        this.path = path;
        this.clock = clock;
        this.kind = kind;
        this.rules = rules;
    }

    Mono<Answer> answer(HttpServerRequest request) {
        if (!request.fullPath().equals(path)) {
            return Mono.just(Answer.empty(404, "the token endpoint is at another path"));
        }
        received.increment();
        return body(request).flatMap(body -> answer(request, body));
    }

    /** Reads the whole body, as a client may miss an answer to half a request, but keeps at most one byte too much. */
    private static Mono<byte[]> body(HttpServerRequest request) {
        return request.receive()
                .asByteArray()
                .collect(
                        ByteArrayOutputStream::new,
                        (body, bytes) -> body.write(bytes, 0, Math.min(bytes.length, LONGEST_BODY + 1 - body.size())))
                .map(ByteArrayOutputStream::toByteArray);
    }

    private Mono<Answer> answer(HttpServerRequest request, byte[] body) {
        Form form = Form.parse(new String(body, ISO_8859_1));
        String grantType = shown(form.optional("grant_type"));
        if (grantType != null) {
            byGrantType.computeIfAbsent(grantType, sent -> new LongAdder()).increment();
        }
        if (faults.isSilent()) {
            record(grantType, null, null, "stopAnswering() was called");
            return Mono.never();
        }
        OptionalInt refusal = faults.refusal();
        if (refusal.isPresent()) {
            Answer answer = Answer.empty(refusal.getAsInt(), "refuseNext(...) was called");
            record(grantType, answer.status(), null, answer.reason());
            return Mono.just(answer);
        }
        Answer answer = answer(request, form, body.length);
        if (faults.losesThisAnswer()) {
            record(grantType, null, null, "loseNextAnswer() was called");
            return Mono.empty();
        }
        record(grantType, answer.status(), answer.error(), answer.reason());
        return Mono.just(answer);
    }

    /** Returns a grant type as it was sent, unless it may be a secret in the wrong field. */
    private @Nullable String shown(@Nullable String grantType) {
        if (grantType == null || rules.grants(grantType)) {
            return grantType;
        }
        return GRANT_TYPE.matcher(grantType).matches() && !rules.isSecret(grantType) ? grantType : "REDACTED";
    }

    private Answer answer(HttpServerRequest request, Form form, int length) {
        HttpHeaders headers = request.requestHeaders();
        if (!request.method().equals(HttpMethod.POST)) {
            return Answer.empty(405, "the method must be POST").with(HttpHeaderNames.ALLOW, "POST");
        }
        if (kind.requiresJsonAccept() && !listsMediaType(headers.getAll(HttpHeaderNames.ACCEPT), "application/json")) {
            return Answer.notUnderstood(406, "Accept must list application/json");
        }
        List<String> contentType = headers.getAll(HttpHeaderNames.CONTENT_TYPE);
        if (contentType.size() != 1 || !isMediaType(contentType.get(0), "application/x-www-form-urlencoded")) {
            return Answer.notUnderstood(415, "Content-Type must be application/x-www-form-urlencoded");
        }
        if (length > LONGEST_BODY) {
            return Answer.notUnderstood(413, "The request must not be longer than " + LONGEST_BODY + " bytes");
        }
        try {
            return Answer.granted(rules.answer(form, headers.get(HttpHeaderNames.AUTHORIZATION)));
        } catch (OAuthRefusal refusal) {
            return Answer.refused(refusal, kind);
        }
    }

    private static boolean listsMediaType(List<String> headers, String mediaType) {
        return headers.stream()
                .flatMap(header -> Arrays.stream(header.split(",")))
                .anyMatch(element -> isMediaType(element, mediaType));
    }

    /** Compares media types without their parameters, a {@code charset} for instance. */
    private static boolean isMediaType(String value, String mediaType) {
        int parameters = value.indexOf(';');
        return (parameters < 0 ? value : value.substring(0, parameters)).strip().equalsIgnoreCase(mediaType);
    }

    private void record(
            @Nullable String grantType, @Nullable Integer status, @Nullable String error, @Nullable String reason) {
        var request = new RecordedTokenRequest(grantType, status, error, reason, clock.instant());
        synchronized (recorded) {
            if (recorded.size() == RECORDED) {
                recorded.removeFirst();
            }
            recorded.addLast(request);
        }
    }

    List<RecordedTokenRequest> recorded() {
        synchronized (recorded) {
            return List.copyOf(recorded);
        }
    }

    Faults faults() {
        return faults;
    }

    long received() {
        return received.sum();
    }

    long received(String grantType) {
        LongAdder sent = byGrantType.get(grantType);
        return sent == null ? 0 : sent.sum();
    }
}
