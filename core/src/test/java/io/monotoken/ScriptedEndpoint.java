package io.monotoken;

import io.monotoken.TokenAnswer.Delivery;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A token endpoint that answers what a test says, at once unless told otherwise, and remembers what it was asked. */
final class ScriptedEndpoint implements TokenTransport {

    private final URI uri;
    private final List<TokenRequest> requests = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> presented = Collections.synchronizedMap(new HashMap<>());
    private final AtomicInteger issued = new AtomicInteger();
    private volatile Function<TokenRequest, Mono<TokenAnswer>> script;
    volatile double life = 1800;
    volatile Duration lastWithin = Duration.ZERO;
    volatile boolean rotating = true;

    ScriptedEndpoint(URI uri) {
        this.uri = uri;
        this.script = request -> Mono.just(token());
    }

    @Override
    public URI uri() {
        return uri;
    }

    @Override
    public String clientId() {
        return "client";
    }

    @Override
    public Mono<TokenAnswer> send(TokenRequest request) {
        return Mono.defer(() -> {
            requests.add(request);
            String refreshToken = request.first("refresh_token");
            if (refreshToken != null) {
                presented.merge(refreshToken, 1, Integer::sum);
            }
            return script.apply(request);
        });
    }

    @Override
    public Mono<TokenAnswer> send(TokenRequest request, Duration within) {
        lastWithin = within;
        return send(request);
    }

    void answer(Function<TokenRequest, Mono<TokenAnswer>> next) {
        script = next;
    }

    void answerWith(TokenAnswer answer) {
        script = request -> Mono.just(answer);
    }

    void answerTokens() {
        script = request -> Mono.just(token());
    }

    void hang() {
        script = request -> Mono.never();
    }

    /** Answers the password grant one way and the refresh grant another. */
    void answer(Function<TokenRequest, Mono<TokenAnswer>> password, Function<TokenRequest, Mono<TokenAnswer>> refresh) {
        script = request ->
                request.grantType().equals("refresh_token") ? refresh.apply(request) : password.apply(request);
    }

    TokenAnswer token() {
        int n = issued.incrementAndGet();
        return token("access-" + n, life, rotating ? "refresh-" + n : null);
    }

    TokenAnswer token(String value, @Nullable Double seconds, @Nullable String refreshToken) {
        return new TokenAnswer.Issued(TokenResponse.builder(value)
                .expiresIn(seconds == null ? null : Duration.ofSeconds(seconds.longValue()))
                .refreshToken(refreshToken)
                .build());
    }

    static TokenAnswer rejected(int status, @Nullable String error) {
        TokenAnswer.Failed answer = TokenAnswer.rejected("rejected: " + error).withStatus(status);
        return error == null ? answer : answer.withError(error);
    }

    static TokenAnswer unavailable(int status, @Nullable Duration retryAfter) {
        return TokenAnswer.unavailable(Delivery.ANSWERED, "unavailable: " + status)
                .withStatus(status)
                .withRetryAfter(retryAfter);
    }

    static TokenAnswer malformed() {
        return TokenAnswer.malformed(Delivery.ANSWERED, "malformed").withStatus(200);
    }

    static TokenAnswer empty() {
        return TokenAnswer.malformed(Delivery.ANSWERED_EMPTY, "empty").withStatus(200);
    }

    static TokenAnswer lost() {
        return TokenAnswer.unavailable(Delivery.UNANSWERED, "lost");
    }

    static TokenAnswer notSent() {
        return TokenAnswer.unavailable(Delivery.NOT_SENT, "not connected");
    }

    int requests() {
        return requests.size();
    }

    int requests(String grantType) {
        return (int) grants().stream().filter(grantType::equals).count();
    }

    List<String> grants() {
        synchronized (requests) {
            return requests.stream().map(TokenRequest::grantType).toList();
        }
    }

    TokenRequest last() {
        return requests.get(requests.size() - 1);
    }

    Set<String> presentedTwice() {
        Set<String> twice = new HashSet<>();
        presented.forEach((refreshToken, times) -> {
            if (times > 1) {
                twice.add(refreshToken);
            }
        });
        return twice;
    }
}
