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
import java.util.OptionalInt;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/** Handles the requests at the token endpoint: counts them, causes the faults, applies the rules and keeps the record. */
final class TokenRequestHandler {

    static final int RECORDED = 1_000;

    private static final int LONGEST_BODY = 64 * 1024;

    private final String path;
    private final InstantSource clock;
    private final IdentityServerRules rules;
    private final Faults faults = new Faults();
    private final LongAdder received = new LongAdder();
    private final LongAdder passwords = new LongAdder();
    private final LongAdder refreshes = new LongAdder();
    private final Deque<RecordedTokenRequest> recorded = new ArrayDeque<>(); // guarded by itself

    TokenRequestHandler(String path, InstantSource clock, IdentityServerRules rules) {
        this.path = path;
        this.clock = clock;
        this.rules = rules;
    }

    Mono<Answer> answer(HttpServerRequest request) {
        if (!request.fullPath().equals(path)) {
            return Mono.just(Answer.empty(404));
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
        String grantType = count(form);
        if (faults.isSilent()) {
            record(grantType, null);
            return Mono.never();
        }
        OptionalInt refusal = faults.refusal();
        if (refusal.isPresent()) {
            Answer answer = Answer.empty(refusal.getAsInt());
            record(grantType, answer);
            return Mono.just(answer);
        }
        Answer answer = answer(request, form, body.length);
        if (faults.losesThisAnswer()) {
            record(grantType, null);
            return Mono.empty();
        }
        record(grantType, answer);
        return Mono.just(answer);
    }

    private @Nullable String count(Form form) {
        String grantType = form.optional("grant_type");
        if (IdentityServerRules.PASSWORD.equals(grantType)) {
            passwords.increment();
            return grantType;
        }
        if (IdentityServerRules.REFRESH_TOKEN.equals(grantType)) {
            refreshes.increment();
            return grantType;
        }
        return null; // any other value may be a secret in the wrong field
    }

    private Answer answer(HttpServerRequest request, Form form, int length) {
        HttpHeaders headers = request.requestHeaders();
        if (!request.method().equals(HttpMethod.POST)) {
            return Answer.empty(405).with(HttpHeaderNames.ALLOW, "POST");
        }
        if (!listsMediaType(headers.getAll(HttpHeaderNames.ACCEPT), "application/json")) {
            return errorMessage(406, "Accept must list application/json");
        }
        List<String> contentType = headers.getAll(HttpHeaderNames.CONTENT_TYPE);
        if (contentType.size() != 1 || !isMediaType(contentType.get(0), "application/x-www-form-urlencoded")) {
            return errorMessage(415, "Content-Type must be application/x-www-form-urlencoded");
        }
        if (length > LONGEST_BODY) {
            return errorMessage(413, "The request must not be longer than " + LONGEST_BODY + " bytes");
        }
        try {
            return Answer.granted(rules.answer(form, headers.get(HttpHeaderNames.AUTHORIZATION)));
        } catch (OAuthRefusal refusal) {
            return Answer.refused(refusal);
        }
    }

    private static Answer errorMessage(int status, String message) {
        return Answer.json(status, "{\"ErrorMessage\":\"" + message + "\"}");
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

    private void record(@Nullable String grantType, @Nullable Answer answer) {
        var request = new RecordedTokenRequest(
                grantType,
                answer == null ? null : answer.status(),
                answer == null ? null : answer.error(),
                clock.instant());
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

    long passwords() {
        return passwords.sum();
    }

    long refreshes() {
        return refreshes.sum();
    }
}
