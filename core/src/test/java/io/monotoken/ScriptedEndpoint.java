package io.monotoken;

import io.monotoken.Answer.Delivery;
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
final class ScriptedEndpoint implements TokenExchange {

    private final URI uri;
    private final SourceClock clock;
    private final List<TokenRequest> requests = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> presented = Collections.synchronizedMap(new HashMap<>());
    private final AtomicInteger issued = new AtomicInteger();
    private volatile Function<TokenRequest, Mono<Answer>> script;
    volatile double life = 1800;
    volatile boolean rotating = true;

    ScriptedEndpoint(URI uri, SourceClock clock) {
        this.uri = uri;
        this.clock = clock;
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
    public Mono<Answer> send(TokenRequest request) {
        return Mono.defer(() -> {
            requests.add(request);
            String refreshToken = request.first("refresh_token");
            if (refreshToken != null) {
                presented.merge(refreshToken, 1, Integer::sum);
            }
            return script.apply(request);
        });
    }

    void answer(Function<TokenRequest, Mono<Answer>> next) {
        script = next;
    }

    void answerWith(Answer answer) {
        script = request -> Mono.just(answer);
    }

    void answerTokens() {
        script = request -> Mono.just(token());
    }

    void hang() {
        script = request -> Mono.never();
    }

    /** Answers the password grant one way and the refresh grant another. */
    void answer(Function<TokenRequest, Mono<Answer>> password, Function<TokenRequest, Mono<Answer>> refresh) {
        script = request ->
                request.grantType().equals("refresh_token") ? refresh.apply(request) : password.apply(request);
    }

    Answer token() {
        int n = issued.incrementAndGet();
        return token("access-" + n, life, rotating ? "refresh-" + n : null);
    }

    Answer token(String value, @Nullable Double seconds, @Nullable String refreshToken) {
        return new Answer.Issued(new TokenResponse(value, seconds, null, refreshToken, null, Map.of()), clock.now());
    }

    static Answer rejected(int status, @Nullable String error) {
        return new Answer.Failed(
                new TokenException.Rejected("rejected: " + error, new TokenException.Failure(status, error, null)),
                Delivery.ANSWERED);
    }

    static Answer unavailable(int status, @Nullable Duration retryAfter) {
        return new Answer.Failed(
                new TokenException.Unavailable(
                        "unavailable: " + status, null, new TokenException.Failure(status, null, retryAfter)),
                Delivery.ANSWERED);
    }

    static Answer malformed() {
        return new Answer.Failed(
                new TokenException.Malformed("malformed", new TokenException.Failure(200, null, null)),
                Delivery.ANSWERED);
    }

    static Answer empty() {
        return new Answer.Failed(
                new TokenException.Malformed("empty", new TokenException.Failure(200, null, null)),
                Delivery.ANSWERED_EMPTY);
    }

    static Answer lost() {
        return new Answer.Failed(new TokenException.Unavailable("lost", null), Delivery.UNANSWERED);
    }

    static Answer notSent() {
        return new Answer.Failed(new TokenException.Unavailable("not connected", null), Delivery.NOT_SENT);
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
