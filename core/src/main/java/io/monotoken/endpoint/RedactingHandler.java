package io.monotoken.endpoint;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.DecoderResultProvider;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.logging.AbstractHttpMessageLogFactory;
import reactor.netty.http.logging.HttpMessageArgProvider;
import reactor.netty.http.logging.HttpMessageType;

/**
 * Stands between Reactor Netty and the HTTP codec, so that Reactor Netty, which logs what it handles, never sees a
 * secret. It adds the URI's query, which may hold an API key, on the way out; on the way in it replaces the codec's
 * complaints, which quote what the server sent, and a server may send back a form value.
 */
@ChannelHandler.Sharable
final class RedactingHandler extends ChannelDuplexHandler {

    private static final String NAME = "monotoken.redacting";

    private final @Nullable String query;

    private RedactingHandler(@Nullable String query) {
        this.query = query;
    }

    static HttpClient applyTo(HttpClient client, URI uri) {
        RedactingHandler handler = new RedactingHandler(uri.getRawQuery());
        return client.httpMessageLogFactory(new StatusOnly())
                .doOnChannelInit((observer, channel, remote) -> handler.addTo(channel.pipeline()))
                .doOnRequest((request, connection) ->
                        handler.addTo(connection.channel().pipeline()));
    }

    /** A stream of HTTP/2 has a codec and a pipeline of its own, and that of TLS is complete when the protocol is known. */
    private void addTo(ChannelPipeline pipeline) {
        String codec = pipeline.get(NettyPipeline.H2ToHttp11Codec) == null
                ? NettyPipeline.HttpCodec
                : NettyPipeline.H2ToHttp11Codec;
        if (pipeline.get(NAME) == null
                && pipeline.get(codec) != null
                && pipeline.get(NettyPipeline.H2MultiplexHandler) == null) {
            pipeline.addAfter(codec, NAME, this);
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        super.write(
                context, query != null && message instanceof HttpRequest request ? queried(request) : message, promise);
    }

    /** A copy, because Reactor Netty goes on logging the original. */
    private HttpRequest queried(HttpRequest request) {
        String target = request.uri() + '?' + query;
        return request instanceof FullHttpRequest full
                ? new DefaultFullHttpRequest(
                        full.protocolVersion(),
                        full.method(),
                        target,
                        full.content(),
                        full.headers(),
                        full.trailingHeaders())
                : new DefaultHttpRequest(request.protocolVersion(), request.method(), target, request.headers());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof DecoderResultProvider decoded
                && decoded.decoderResult().isFailure()
                && !(decoded.decoderResult().cause() instanceof PrematureChannelClosureException)) {
            decoded.setDecoderResult(DecoderResult.failure(new NotHttp()));
        }
        super.channelRead(context, message);
    }

    /** What the codec could not read, without a word of it. */
    static final class NotHttp extends DecoderException {
        NotHttp() {
            super("the answer is not HTTP, or its headers are too large");
        }
    }

    /** Reason phrase and header names are the server's words too. */
    private static final class StatusOnly extends AbstractHttpMessageLogFactory {
        @Override
        public String common(HttpMessageArgProvider message) {
            boolean response = message.httpMessageType() == HttpMessageType.RESPONSE
                    || message.httpMessageType() == HttpMessageType.FULL_RESPONSE;
            return response
                    ? "status " + message.status().split(" ", 2)[0]
                    : message.httpMessageType().toString();
        }
    }
}
