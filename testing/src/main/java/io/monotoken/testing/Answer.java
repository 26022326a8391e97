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
    private final HttpHeaders headers = new DefaultHttpHeaders();

    private Answer(int status, String body, @Nullable String error) {
        this.status = status;
        this.body = body;
        this.error = error;
    }

    static Answer empty(int status) {
        return new Answer(status, "", null);
    }

    static Answer json(int status, String body) {
        return new Answer(status, body, null).with(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    }

    /** Returns the answer of a token endpoint that issues tokens; caches must not store it. */
    static Answer granted(String body) {
        return json(200, body).notStored();
    }

    /** Returns the answer of a token endpoint that refuses; an IdentityServer answers 400 to {@code invalid_client} too. */
    static Answer refused(OAuthRefusal refusal) {
        return new Answer(400, refusal.json(), refusal.error())
                .with(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                .notStored();
    }

    Answer with(CharSequence name, CharSequence value) {
        headers.set(name, value);
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

    Mono<Void> sendTo(HttpServerResponse response) {
        ByteBuf content = ByteBufUtil.writeUtf8(response.alloc(), body);
        response.status(status)
                .responseHeaders()
                .add(headers)
                .set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        return response.sendObject(content).then();
    }
}
