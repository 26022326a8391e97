package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Callers that block where they are resumed, which they may: they keep few from going on, and no timer and no other source. */
class ResumeSchedulerTests {

    private static final int BATCH = 256;

    private final SourceFixture fixture = new SourceFixture();
    private final Sinks.One<TokenAnswer> answer = Sinks.one();
    private final CountDownLatch unblocked = new CountDownLatch(1);

    ResumeSchedulerTests() {
        fixture.resume = ResumeScheduler.shared();
        fixture.endpoint.answer(request -> answer.asMono());
    }

    @AfterEach
    void unblock() {
        unblocked.countDown();
    }

    private void block(Token token) {
        try {
            unblocked.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean awaited(CountDownLatch latch) throws InterruptedException {
        return latch.await(10, TimeUnit.SECONDS);
    }

    @Test
    void oneCallerWhoBlocksDelaysItsOwnBatchAtMost() throws Exception {
        CountDownLatch others = new CountDownLatch(999 - BATCH);
        fixture.token().subscribe(this::block);
        for (int i = 0; i < 999; i++) {
            fixture.token().subscribe(token -> others.countDown());
        }

        answer.tryEmitValue(fixture.endpoint.token());

        assertThat(awaited(others)).isTrue();
    }

    @Test
    void manyCallersWhoBlockDelayNoOtherSource() throws Exception {
        for (int i = 0; i < 8; i++) {
            fixture.token().subscribe(this::block);
        }
        answer.tryEmitValue(fixture.endpoint.token());
        SourceFixture other = new SourceFixture();
        other.resume = ResumeScheduler.shared();
        CountDownLatch served = new CountDownLatch(100);

        for (int i = 0; i < 100; i++) {
            other.token().subscribe(token -> served.countDown());
        }

        assertThat(awaited(served)).isTrue();
    }

    @Test
    void callersWhoBlockDelayNoTimer() throws Exception {
        for (int i = 0; i < 64; i++) {
            fixture.token().subscribe(this::block);
        }
        answer.tryEmitValue(fixture.endpoint.token());
        CountDownLatch ticked = new CountDownLatch(Schedulers.DEFAULT_POOL_SIZE);

        for (int i = 0; i < Schedulers.DEFAULT_POOL_SIZE; i++) {
            Mono.delay(Duration.ofMillis(1), Schedulers.parallel()).subscribe(tick -> ticked.countDown());
        }

        assertThat(awaited(ticked)).isTrue();
    }

    @Test
    void aCallerMayBlockOnAnotherColdSourceAsOnAWarmOne() {
        answer.tryEmitValue(fixture.endpoint.token());
        List<SourceFixture> others = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            SourceFixture other = new SourceFixture();
            other.resume = ResumeScheduler.shared();
            other.endpoint.answer(request ->
                    Mono.delay(Duration.ofMillis(5), Schedulers.parallel()).map(late -> other.endpoint.token()));
            others.add(other);
        }

        List<String> tokens = fixture.token()
                .map(token -> others.stream()
                        .map(other -> Objects.requireNonNull(other.token().block(SourceFixture.BOUND))
                                .value())
                        .toList())
                .block(Duration.ofSeconds(20));

        assertThat(tokens).hasSize(50).containsOnly("access-1");
    }

    @Test
    void tenTimesTheCoresMayBlockOnBoundedElastic() {
        int blockers = 10 * Runtime.getRuntime().availableProcessors();
        List<SourceFixture> sources = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            SourceFixture source = new SourceFixture();
            source.resume = ResumeScheduler.shared();
            source.endpoint.answer(request ->
                    Mono.delay(Duration.ofMillis(20), Schedulers.parallel()).map(late -> source.endpoint.token()));
            sources.add(source);
        }

        Long served = Flux.range(0, blockers)
                .flatMap(
                        i -> Mono.fromCallable(() ->
                                        sources.get(i % sources.size()).token().block(SourceFixture.BOUND))
                                .subscribeOn(Schedulers.boundedElastic()),
                        blockers)
                .count()
                .block(Duration.ofSeconds(20));

        assertThat(served).isEqualTo(blockers);
        sources.forEach(source -> assertThat(source.endpoint.requests()).isEqualTo(1));
    }

    @Test
    void startsNoFlightAndNoTimerOnItsThreads() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        CountDownLatch renewed = new CountDownLatch(1);
        fixture.clock = fixture.time.clockWith(Schedulers.parallel());
        answer.tryEmitValue(fixture.endpoint.token());
        fixture.obtain();
        fixture.endpoint.answer(request -> {
            threads.add(Thread.currentThread().getName());
            renewed.countDown();
            return Mono.never();
        });
        fixture.time.advance(Duration.ofSeconds(1_500));

        fixture.obtain();

        assertThat(awaited(renewed)).isTrue();
        assertThat(threads).singleElement().asString().startsWith("parallel-");
    }

    @Test
    void hasDaemonThreadsOfItsOwnName() throws Exception {
        Set<Boolean> daemons = Collections.newSetFromMap(new ConcurrentHashMap<>());
        Set<String> names = ConcurrentHashMap.newKeySet();
        CountDownLatch resumed = new CountDownLatch(10);
        for (int i = 0; i < 10; i++) {
            fixture.token().subscribe(token -> {
                daemons.add(Thread.currentThread().isDaemon());
                names.add(Thread.currentThread().getName());
                resumed.countDown();
            });
        }

        answer.tryEmitValue(fixture.endpoint.token());

        assertThat(awaited(resumed)).isTrue();
        assertThat(daemons).containsExactly(true);
        assertThat(names).allMatch(name -> name.startsWith("monotoken-resume-"));
    }

    @Test
    void isWhatASourceHasUnlessToldOtherwise() {
        AtomicInteger resumed = new AtomicInteger();
        TokenSource source =
                TokenSource.builder(new ScriptedEndpoint(fixture.tokenUri)).build();

        String thread = source.token()
                .map(token -> Thread.currentThread().getName() + resumed.incrementAndGet())
                .block(SourceFixture.BOUND);

        assertThat(thread).startsWith("monotoken-resume-");
        source.close();
    }
}
