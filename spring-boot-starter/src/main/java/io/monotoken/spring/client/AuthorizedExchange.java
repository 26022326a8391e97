package io.monotoken.spring.client;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One request to one allowed origin, with the token of the moment; where a redirect leads on, the next one follows.
 *
 * <p>On a 401, or a status that the API uses in its place, it asks two questions. Is this token dead? Then the source is told, whatever becomes of the request. May the
 * request be sent once more? With another token, if there will be one; with the same, if the origin has just accepted it and
 * its {@link RetryBudget} allows it. The answer to the second request is final.
 */
final class AuthorizedExchange {

    private final Setup setup;
    private final ClientRequest request;
    private final AllowedOrigin origin;
    private final ExchangeFunction next;
    private final boolean ownAuthorization;
    private final int followed;

    AuthorizedExchange(
            Setup setup,
            ClientRequest request,
            AllowedOrigin origin,
            ExchangeFunction next,
            boolean ownAuthorization,
            int followed) {
        this.setup = setup;
        this.request = request;
        this.origin = origin;
        this.next = next;
        this.ownAuthorization = ownAuthorization;
        this.followed = followed;
    }

    /** What all requests of a filter share. */
    record Setup(
            TokenSource tokens,
            Duration minimumRemainingLife,
            UnauthorizedStatuses unauthorized,
            boolean retries,
            Redirects redirects,
            LongSupplier nanos,
            Supplier<Scheduler> timer) {}

    Mono<ClientResponse> answer() {
        return ownAuthorization ? asItIs() : token().flatMap(this::with);
    }

    private Mono<Token> token() {
        Duration life = request.attributes().get(BearerTokenFilter.MINIMUM_REMAINING_LIFE) instanceof Duration own
                ? own
                : setup.minimumRemainingLife;
        return life.isZero() ? setup.tokens.token() : setup.tokens.token(life);
    }

    private Mono<ClientResponse> asItIs() {
        ReplayableBody body = body();
        return next.exchange(first(body)).flatMap(response -> passedOn(response, body));
    }

    private Mono<ClientResponse> with(Token token) {
        ReplayableBody body = body();
        long sentAt = setup.nanos.getAsLong();
        origin.countRequest(sentAt);
        return next.exchange(new AuthorizedRequest(first(body), token.authorization()))
                .flatMap(response -> isUnauthorized(response)
                        ? rejected(response, token, body)
                        : accepted(response, token, sentAt, body));
    }

    private Mono<ClientResponse> rejected(ClientResponse response, Token token, @Nullable ReplayableBody body) {
        if (!asksForAnotherToken(response)) {
            return Mono.just(response);
        }
        boolean another = setup.tokens.invalidate(token);
        if (!setup.retries || !isReplayable(body)) {
            return Mono.just(response);
        }
        if (another) {
            return drained(response).then(Mono.defer(this::token)).flatMap(other -> withFinally(other, body));
        }
        return origin.maySendAgain(token, setup.nanos.getAsLong())
                ? drained(response).then(Mono.defer(() -> withFinally(token, body)))
                : Mono.just(response);
    }

    private Mono<ClientResponse> withFinally(Token token, @Nullable ReplayableBody body) {
        long sentAt = setup.nanos.getAsLong();
        return next.exchange(new AuthorizedRequest(request, token.authorization()))
                .flatMap(response -> {
                    if (!isUnauthorized(response)) {
                        return accepted(response, token, sentAt, body);
                    }
                    if (asksForAnotherToken(response)) {
                        setup.tokens.invalidate(token);
                    }
                    return Mono.just(response);
                });
    }

    private Mono<ClientResponse> accepted(
            ClientResponse response, Token token, long sentAt, @Nullable ReplayableBody body) {
        origin.countAcceptance(token, sentAt);
        return passedOn(response, body);
    }

    private Mono<ClientResponse> passedOn(ClientResponse response, @Nullable ReplayableBody body) {
        if (!Redirects.isRedirect(response)) {
            return Mono.just(response);
        }
        Redirects.Hop hop = setup.redirects.next(
                new Redirects.Hop(request, origin), response, followed, isReplayable(body), ownAuthorization);
        if (hop == null) {
            return Mono.just(response);
        }
        AuthorizedExchange following =
                new AuthorizedExchange(setup, hop.request(), hop.origin(), next, ownAuthorization, followed + 1);
        return drained(response).then(Mono.defer(following::answer));
    }

    private Mono<Void> drained(ClientResponse response) {
        return ResponseDrain.of(response, setup.timer.get());
    }

    private boolean isUnauthorized(ClientResponse response) {
        return setup.unauthorized.contains(response.statusCode().value());
    }

    private static boolean asksForAnotherToken(ClientResponse response) {
        return BearerChallenge.asksForAnotherToken(response.headers().header(HttpHeaders.WWW_AUTHENTICATE));
    }

    /** {@return null where nobody will ask about the body} */
    private @Nullable ReplayableBody body() {
        boolean asked = setup.redirects.follows() || (setup.retries && !ownAuthorization);
        return asked && request.body() != BodyInserters.empty() ? new ReplayableBody(request.body()) : null;
    }

    private ClientRequest first(@Nullable ReplayableBody body) {
        return body == null ? request : ClientRequest.from(request).body(body).build();
    }

    private boolean isReplayable(@Nullable ReplayableBody body) {
        return request.attributes().get(BearerTokenFilter.REPLAYABLE) instanceof Boolean told
                ? told
                : body == null || body.isReplayable();
    }
}
