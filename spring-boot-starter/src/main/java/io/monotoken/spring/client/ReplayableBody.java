package io.monotoken.spring.client;

import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.ResolvableType;
import org.springframework.core.io.Resource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.MediaType;
import org.springframework.http.ReactiveHttpOutputMessage;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.codec.HttpMessageWriter;
import org.springframework.http.codec.multipart.Part;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserter;
import reactor.core.Fuseable;
import reactor.core.publisher.Mono;

/**
 * A request's body that finds out, while it is written, whether it can be written again.
 *
 * <p>An inserter does not tell what it holds, but it hands it to a message writer: a scalar that is already in memory is
 * the same the second time. Anything that comes another way may be a stream that is empty then.
 */
final class ReplayableBody implements BodyInserter<Object, ClientHttpRequest> {

    private final BodyInserter<?, ? super ClientHttpRequest> body;
    private volatile boolean replayable; // written by whoever writes the request, read by whoever reads the answer

    ReplayableBody(BodyInserter<?, ? super ClientHttpRequest> body) {
        this.body = body;
    }

    boolean isReplayable() {
        return replayable;
    }

    @Override
    public Mono<Void> insert(ClientHttpRequest request, Context context) {
        return body.insert(request, new WatchedContext(context));
    }

    private static boolean isScalar(Publisher<?> input, @Nullable MediaType mediaType) {
        if (!(input instanceof Fuseable.ScalarCallable<?> scalar)
                || (mediaType != null && mediaType.getType().equals("multipart"))) {
            return false;
        }
        try {
            return staysTheSame(scalar.call());
        } catch (Exception e) {
            return false;
        }
    }

    private static boolean staysTheSame(@Nullable Object value) {
        if (value instanceof Resource resource) {
            return !resource.isOpen();
        }
        if (value instanceof MultiValueMap<?, ?> form && form.values().stream().anyMatch(ReplayableBody::hasParts)) {
            return false;
        }
        return !(value instanceof DataBuffer) && !(value instanceof Part);
    }

    /** Whether a form's field holds more than text: such a form is written as multipart. */
    private static boolean hasParts(List<?> values) {
        return values.stream().anyMatch(value -> value != null && !(value instanceof String));
    }

    private final class WatchedContext implements Context {

        private final Context context;

        WatchedContext(Context context) {
            this.context = context;
        }

        @Override
        public List<HttpMessageWriter<?>> messageWriters() {
            List<HttpMessageWriter<?>> writers = context.messageWriters();
            return new AbstractList<>() {
                @Override
                public HttpMessageWriter<?> get(int index) {
                    return new WatchedWriter<>(writers.get(index));
                }

                @Override
                public int size() {
                    return writers.size();
                }
            };
        }

        @Override
        public Optional<ServerHttpRequest> serverRequest() {
            return context.serverRequest();
        }

        @Override
        public Map<String, Object> hints() {
            return context.hints();
        }
    }

    private final class WatchedWriter<T> implements HttpMessageWriter<T> {

        private final HttpMessageWriter<T> writer;

        WatchedWriter(HttpMessageWriter<T> writer) {
            this.writer = writer;
        }

        @Override
        public List<MediaType> getWritableMediaTypes() {
            return writer.getWritableMediaTypes();
        }

        @Override
        public List<MediaType> getWritableMediaTypes(ResolvableType elementType) {
            return writer.getWritableMediaTypes(elementType);
        }

        @Override
        public boolean canWrite(ResolvableType elementType, @Nullable MediaType mediaType) {
            return writer.canWrite(elementType, mediaType);
        }

        @Override
        public Mono<Void> write(
                Publisher<? extends T> input,
                ResolvableType elementType,
                @Nullable MediaType mediaType,
                ReactiveHttpOutputMessage message,
                Map<String, Object> hints) {
            replayable = isScalar(input, mediaType);
            return writer.write(input, elementType, mediaType, message, hints);
        }
    }
}
