package io.monotoken.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** The answer of a server to one request. It is not a record, whose {@code toString} would print the tokens in a body. */
final class Answer {

    private final int status;
    private final String body;
    private final @Nullable String error;
    private final @Nullable String reason;
    private final HttpHeaders headers = new DefaultHttpHeaders();

    private Answer(int status, String body, @Nullable String error, @Nullable String reason) {
        this.status = status;
        this.body = body;
        this.error = error;
        this.reason = reason;
    }

    /** Returns the answer to a request that comes to no rule, without a body. */
    static Answer empty(int status, String reason) {
        return new Answer(status, "", null, reason);
    }

    static Answer json(int status, String body) {
        return json(status, body, null, null);
    }

    private static Answer json(int status, String body, @Nullable String error, @Nullable String reason) {
        return new Answer(status, body, error, reason)
                .with(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    }

    /** Returns the answer to a request that is no token request. */
    static Answer notUnderstood(int status, String reason) {
        return json(status, "{\"ErrorMessage\":\"" + reason + "\"}", null, reason);
    }

    /** Returns the answer of a token endpoint that issues tokens; caches must not store it. */
    static Answer granted(String body) {
        return json(200, body).notStored();
    }

    /** Returns the answer of a token endpoint that refuses. */
    static Answer refused(OAuthRefusal refusal, ServerKind kind) {
        int status = kind.status(refusal);
        Answer answer = json(status, refusal.json(kind.describes(refusal)), refusal.error(), refusal.reason())
                .notStored();
        return status == 401 ? answer.with(HttpHeaderNames.WWW_AUTHENTICATE, "Basic realm=\"stand-in\"") : answer;
    }

    Answer with(CharSequence name, CharSequence value) {
        headers.set(name, value);
        return this;
    }

    Answer with(CharSequence name, Iterable<String> values) {
        headers.set(name, values);
        return this;
    }

    private Answer notStored() {
        return with(HttpHeaderNames.CACHE_CONTROL, "no-store").with(HttpHeaderNames.PRAGMA, "no-cache");
    }

    int status() {
        return status;
    }

    /** Returns the OAuth error code, or null when this is no OAuth error. */
    @Nullable
    String error() {
        return error;
    }

    /** Returns why the request was refused, or null when it was granted. */
    @Nullable
    String reason() {
        return reason;
    }

    /** Sends the answer; may be called many times. */
    Mono<Void> sendTo(HttpServerResponse response) {
        response.status(status).responseHeaders().add(headers);
        if (status == 204 || status == 304) {
            return response.send();
        }
        ByteBuf content = ByteBufUtil.writeUtf8(response.alloc(), body);
        response.responseHeaders().set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        return response.sendObject(content).then();
    }
}
