package io.monotoken.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.scheduler.VirtualTimeScheduler;

class ResponseDrainTests {

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    private final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    private final NettyDataBufferFactory buffers = new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);
    private final List<ByteBuf> made = new ArrayList<>();

    @AfterEach
    void releaseEverything() {
        assertThat(made).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
        timer.dispose();
    }

    private DataBuffer buffer(int bytes) {
        ByteBuf buffer = UnpooledByteBufAllocator.DEFAULT.buffer(bytes).writeZero(bytes);
        made.add(buffer);
        return buffers.wrap(buffer);
    }

    private Mono<Void> drained(Flux<DataBuffer> body) {
        return ResponseDrain.of(
                ClientResponse.create(HttpStatus.UNAUTHORIZED).body(body).build(), timer);
    }

    @Test
    void readsAShortAnswerToItsEnd() {
        PublisherProbe<DataBuffer> body = PublisherProbe.of(Flux.range(0, 64).map(i -> buffer(1024)));

        drained(body.flux()).as(StepVerifier::create).expectComplete().verify(FIVE_SECONDS);

        assertThat(made).hasSize(64);
        assertThat(body.wasCancelled()).isFalse();
    }

    @Test
    void leavesALongOne() {
        PublisherProbe<DataBuffer> body = PublisherProbe.of(
                Flux.<Integer>generate(sink -> sink.next(1024)).map(this::buffer));

        drained(body.flux()).as(StepVerifier::create).expectComplete().verify(FIVE_SECONDS);

        assertThat(made).hasSize(65);
        assertThat(body.wasCancelled()).isTrue();
    }

    @Test
    void leavesAnEndlessOneAfterASecondInAll() {
        PublisherProbe<DataBuffer> body =
                PublisherProbe.of(Flux.interval(Duration.ofMillis(300), timer).map(i -> buffer(1)));

        StepVerifier.create(drained(body.flux()))
                .then(() -> timer.advanceTimeBy(Duration.ofMillis(999)))
                .then(() -> assertThat(body.wasCancelled()).isFalse())
                .then(() -> timer.advanceTimeBy(Duration.ofMillis(1)))
                .expectComplete()
                .verify(FIVE_SECONDS);

        assertThat(body.wasCancelled()).isTrue();
        assertThat(made).hasSize(3);
    }

    @Test
    void leavesASilentOneAfterASecond() {
        PublisherProbe<DataBuffer> body = PublisherProbe.of(Flux.never());

        StepVerifier.create(drained(body.flux()))
                .then(() -> timer.advanceTimeBy(ResponseDrain.LONGEST))
                .expectComplete()
                .verify(FIVE_SECONDS);

        assertThat(body.wasCancelled()).isTrue();
    }

    @Test
    void takesABrokenOneForRead() {
        drained(Flux.error(new IllegalStateException("connection reset")))
                .as(StepVerifier::create)
                .expectComplete()
                .verify(FIVE_SECONDS);
    }

    @Test
    void leavesItWithItsCaller() {
        PublisherProbe<DataBuffer> body = PublisherProbe.of(Flux.never());

        StepVerifier.create(drained(body.flux())).thenAwait().thenCancel().verify(FIVE_SECONDS);

        assertThat(body.wasCancelled()).isTrue();
    }
}
