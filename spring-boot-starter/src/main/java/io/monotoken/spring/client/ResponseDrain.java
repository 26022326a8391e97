package io.monotoken.spring.client;

import java.time.Duration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Reads what is left of an answer that nobody wants, so that its connection can be used again. Leaves one that is long or
 * slow, which closes its connection: a new one is cheaper.
 */
final class ResponseDrain {

    static final int MOST_BYTES = 64 * 1024;
    static final Duration LONGEST = Duration.ofSeconds(1);

    private ResponseDrain() {}

    /** {@return what completes, whatever becomes of the answer} */
    static Mono<Void> of(ClientResponse response, Scheduler timer) {
        return response.body(BodyExtractors.toDataBuffers())
                .map(ResponseDrain::released)
                .scan(0, Integer::sum)
                .takeUntil(bytes -> bytes > MOST_BYTES)
                .then()
                .timeout(LONGEST, Mono.empty(), timer)
                .onErrorComplete(); // its connection broke: gone as well
    }

    private static int released(DataBuffer buffer) {
        int bytes = buffer.readableByteCount();
        DataBufferUtils.release(buffer);
        return bytes;
    }
}
