package io.monotoken;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.util.RaceTestUtils;

class SharedTokenSourceSharingTests {

    private static final int THREADS = 64;
    private static final int CALLERS = 20_000;

    private final SourceFixture fixture = new SourceFixture();
    private final ScriptedEndpoint endpoint = fixture.endpoint;

    @Test
    void sendsOneRequestForTwentyThousandColdCallers() throws Exception {
        fixture.resume = Schedulers.parallel();
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());

        Crowd crowd = Crowd.of(fixture.token());
        answer.tryEmitValue(endpoint.token());

        assertThat(crowd.tokens()).hasSize(CALLERS).containsOnly(fixture.obtain());
        assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void sendsOneRequestForTwentyThousandCallersAtExpiry() throws Exception {
        fixture.obtain();
        fixture.time.advance(Duration.ofSeconds(1800));
        fixture.resume = Schedulers.parallel();
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());

        Crowd crowd = Crowd.of(fixture.token());
        answer.tryEmitValue(endpoint.token());

        assertThat(crowd.tokens()).hasSize(CALLERS);
        assertThat(endpoint.grants()).containsExactly("password", "refresh_token");
    }

    @Test
    void sendsOneRequestForTwentyThousandFailingCallersAndGivesEachItsOwnException() throws Exception {
        fixture.resume = Schedulers.parallel();
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());

        Crowd crowd = Crowd.of(fixture.token());
        answer.tryEmitValue(ScriptedEndpoint.unavailable(503, null));

        assertThat(crowd.failures()).hasSize(CALLERS);
        Set<Throwable> instances = Collections.newSetFromMap(new IdentityHashMap<>());
        instances.addAll(crowd.failures());
        assertThat(instances).hasSize(CALLERS);
        assertThat(crowd.failures())
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(TokenException.Unavailable.class)
                        .hasMessage("unavailable: 503")
                        .hasCauseInstanceOf(TokenException.Unavailable.class));
        assertThat(endpoint.requests()).isEqualTo(1);
    }

    @RepeatedTest(200)
    void sendsNothingForACallerWhoJoinsAsAFlightFails() {
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());
        AtomicInteger failures = new AtomicInteger();
        fixture.token().subscribe(token -> {}, error -> failures.incrementAndGet());

        RaceTestUtils.race(
                () -> answer.tryEmitValue(ScriptedEndpoint.unavailable(503, null)),
                () -> fixture.token().subscribe(token -> {}, error -> failures.incrementAndGet()));

        assertThat(failures).hasValue(2);
        assertThat(endpoint.requests()).isEqualTo(1);
    }

    @RepeatedTest(200)
    void sendsNothingForACallerWhoJoinsAsAFlightSucceeds() {
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());
        AtomicInteger tokens = new AtomicInteger();
        fixture.token().subscribe(token -> tokens.incrementAndGet());

        RaceTestUtils.race(
                () -> answer.tryEmitValue(endpoint.token()),
                () -> fixture.token().subscribe(token -> tokens.incrementAndGet()));

        assertThat(tokens).hasValue(2);
        assertThat(endpoint.requests()).isEqualTo(1);
    }

    @RepeatedTest(200)
    void startsOneFlightForTwoCallersWhoComeTogether() {
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());
        Mono<Token> token = fixture.token();

        RaceTestUtils.race(token::subscribe, token::subscribe);

        assertThat(endpoint.requests()).isEqualTo(1);
        assertThat(fixture.source().state().waiters()).isEqualTo(2);
    }

    @Test
    void letsNoCallerKeepItsNeighboursFromTheirSignal() throws Exception {
        fixture.resume = Schedulers.parallel();
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());
        CountDownLatch signalled = new CountDownLatch(400);
        fixture.token()
                .doOnNext(token -> {
                    throw new NoClassDefFoundError("a caller's own");
                })
                .subscribe();
        for (int i = 0; i < 400; i++) {
            fixture.token().subscribe(token -> signalled.countDown());
        }

        answer.tryEmitValue(endpoint.token());

        assertThat(signalled.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void commitsBeforeCallersGetTheToken() {
        Sinks.One<TokenAnswer> answer = Sinks.one();
        endpoint.answer(request -> answer.asMono());
        List<Boolean> sameAtOnce = new ArrayList<>();
        fixture.token()
                .flatMap(first -> fixture.token().map(second -> second == first))
                .subscribe(sameAtOnce::add);

        answer.tryEmitValue(endpoint.token());

        assertThat(sameAtOnce).containsExactly(true);
        assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void growsNoExceptionOverTenThousandFailedCalls() {
        endpoint.answerWith(ScriptedEndpoint.unavailable(503, Duration.ofSeconds(50)));
        TokenException first = fixture.failure();

        for (int i = 0; i < 10_000; i++) {
            fixture.failure();
        }

        TokenException last = fixture.failure();
        assertThat(endpoint.requests()).isEqualTo(1);
        assertThat(last.getSuppressed()).hasSize(1);
        assertThat(last.getCause()).isSameAs(first.getCause());
        assertThat(first.getCause()).hasNoSuppressedExceptions().hasNoCause();
    }

    @Nested
    class Cancellation {

        private final Sinks.One<TokenAnswer> answer = Sinks.one();

        Cancellation() {
            endpoint.answer(request -> answer.asMono());
        }

        @Test
        void goesOnWhenTheLeaderLeaves() {
            List<Token> got = new ArrayList<>();
            Disposable leader = fixture.token().subscribe();
            fixture.token().subscribe(got::add);

            leader.dispose();
            answer.tryEmitValue(endpoint.token());

            assertThat(got).hasSize(1);
            assertThat(endpoint.requests()).isEqualTo(1);
        }

        @Test
        void goesOnWhenAllLeaveDuringARotatingRefreshAndKeepsTheNewRefreshToken() {
            answer.tryEmitValue(endpoint.token());
            fixture.obtain();
            Sinks.One<TokenAnswer> renewal = Sinks.one();
            endpoint.answer(request -> renewal.asMono());
            fixture.time.advance(Duration.ofSeconds(1800));

            fixture.token().subscribe().dispose();
            fixture.token().subscribe().dispose();
            renewal.tryEmitValue(endpoint.token());
            endpoint.answerTokens();
            fixture.time.advance(Duration.ofSeconds(1800));
            fixture.obtain();

            assertThat(endpoint.last().first("refresh_token")).isEqualTo("refresh-2");
            assertThat(endpoint.requests("password")).isEqualTo(1);
        }

        @Test
        void goesOnWhenACallerCancelsInOnSubscribe() {
            fixture.token().subscribe(new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    subscription.cancel();
                }
            });

            answer.tryEmitValue(endpoint.token());

            assertThat(fixture.obtain().value()).isEqualTo("access-1");
            assertThat(endpoint.requests()).isEqualTo(1);
        }

        @Test
        void retainsNoneOfTwentyThousandCallersWhoLeft() {
            fixture.token().subscribe();
            List<WeakReference<Object>> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Object caller = new Object();
                callers.add(new WeakReference<>(caller));
                fixture.token().subscribe(new CallersOwn(caller)::received).dispose();
            }

            assertThat(fixture.source().state().waiters()).isEqualTo(1);
            for (int i = 0; i < 20 && callers.stream().anyMatch(reference -> reference.get() != null); i++) {
                System.gc();
            }
            assertThat(callers).allMatch(reference -> reference.get() == null);
        }
    }

    private record CallersOwn(Object caller) {
        void received(Token token) {}
    }

    @Nested
    class Threads {

        @Test
        void resumesWaitersOnMoreThanOneThread() throws Exception {
            fixture.resume = Schedulers.parallel();
            Sinks.One<TokenAnswer> answer = Sinks.one();
            endpoint.answer(request -> answer.asMono());
            Set<String> threads = Collections.synchronizedSet(new java.util.TreeSet<>());
            CountDownLatch resumed = new CountDownLatch(100);
            for (int i = 0; i < 100; i++) {
                fixture.token().subscribe(token -> {
                    threads.add(Thread.currentThread().getName());
                    resumed.countDown();
                });
            }

            answer.tryEmitValue(endpoint.token());

            assertThat(resumed.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(threads).hasSizeGreaterThan(1).allMatch(name -> name.startsWith("parallel-"));
        }

        @Test
        void handsAFreshTokenOutOnTheCallersThread() {
            fixture.obtain();

            Thread on = fixture.token().map(token -> Thread.currentThread()).block(SourceFixture.BOUND);

            assertThat(on).isSameAs(Thread.currentThread());
        }

        @Test
        void resumesWaitersAlthoughTheirSchedulerIsDisposed() {
            fixture.resume = Schedulers.newSingle("disposed");
            fixture.resume.dispose();

            assertThat(fixture.obtain().value()).isEqualTo("access-1");
        }

        @Test
        void startsARenewalAwayFromTheCallersThread() {
            fixture.clock = fixture.time.clockWith(Schedulers.parallel());
            fixture.obtain();
            CountDownLatch asked = new CountDownLatch(1);
            List<String> threads = Collections.synchronizedList(new ArrayList<>());
            endpoint.answer(request -> {
                threads.add(Thread.currentThread().getName());
                asked.countDown();
                return Mono.never();
            });
            fixture.time.advance(Duration.ofSeconds(1500));

            fixture.obtain();

            assertThat(awaited(asked)).isTrue();
            assertThat(threads).singleElement().asString().startsWith("parallel-");
        }

        private static boolean awaited(CountDownLatch latch) {
            try {
                return latch.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    /** Many callers from many threads, all of whom have subscribed when it is there. */
    private record Crowd(CountDownLatch ended, List<Token> tokens, List<Throwable> failures) {

        static Crowd of(Mono<Token> token) throws Exception {
            Crowd crowd = new Crowd(
                    new CountDownLatch(CALLERS),
                    Collections.synchronizedList(new ArrayList<>()),
                    Collections.synchronizedList(new ArrayList<>()));
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            CyclicBarrier start = new CyclicBarrier(THREADS);
            List<Future<?>> subscribed = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int share = CALLERS / THREADS + (i < CALLERS % THREADS ? 1 : 0);
                subscribed.add(threads.submit(() -> {
                    start.await(10, TimeUnit.SECONDS);
                    for (int n = 0; n < share; n++) {
                        token.doFinally(signal -> crowd.ended.countDown())
                                .subscribe(crowd.tokens::add, crowd.failures::add);
                    }
                    return null;
                }));
            }
            for (Future<?> done : subscribed) {
                done.get(30, TimeUnit.SECONDS);
            }
            threads.shutdown();
            return crowd;
        }

        @Override
        public List<Token> tokens() {
            awaitAll();
            return tokens;
        }

        @Override
        public List<Throwable> failures() {
            awaitAll();
            return failures;
        }

        private void awaitAll() {
            try {
                assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
