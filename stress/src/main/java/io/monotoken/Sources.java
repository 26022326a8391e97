package io.monotoken;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A source whose endpoint answers when an actor calls {@link #obtain} or {@link #fail}, on a clock that stands still. */
final class Sources {

    final AtomicInteger requests = new AtomicInteger();
    final SharedTokenSource source;
    private final AtomicLong nanos = new AtomicLong();
    private volatile Sinks.One<TokenAnswer> answer = Sinks.one();

    Sources() {
        SourceClock clock = new SourceClock(nanos::get, InstantSource.system(), NoTimer::new);
        this.source = new SharedTokenSource(new SourceSetup(
                new CountingEndpoint(),
                new ClientCredentialsGrant(List.of()),
                RefreshSettings.defaults(),
                LockOutSettings.defaults(),
                null,
                Listeners.of(List.of()),
                clock,
                new ReliableScheduler(Schedulers::immediate),
                () -> 0.5));
    }

    /** {@return a source whose token is due for renewal, with the renewal in flight} */
    static Sources renewing() {
        Sources sources = new Sources();
        sources.source.token().subscribe();
        sources.obtain("first");
        sources.answer = Sinks.one();
        sources.nanos.addAndGet(Duration.ofMinutes(25).toNanos());
        sources.source.token().subscribe();
        return sources;
    }

    /** Answers the request in flight with a token. */
    void obtain(String value) {
        answer.tryEmitValue(new TokenAnswer.Issued(
                TokenResponse.builder(value).expiresIn(Duration.ofMinutes(30)).build()));
    }

    /** Answers the request in flight with 503. */
    void fail() {
        answer.tryEmitValue(TokenAnswer.unavailable(TokenAnswer.Delivery.ANSWERED, "503"));
    }

    private final class CountingEndpoint implements TokenTransport {

        @Override
        public URI uri() {
            return URI.create("https://idp.example/token");
        }

        @Override
        public String clientId() {
            return "client";
        }

        @Override
        public Mono<TokenAnswer> send(TokenRequest request) {
            return Mono.defer(() -> {
                requests.incrementAndGet();
                return answer.asMono();
            });
        }
    }

    /** Ignores every task: no request here takes long enough to time out. */
    private static final class NoTimer implements Scheduler {

        @Override
        public Disposable schedule(Runnable task) {
            return Disposables.disposed();
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            return Disposables.disposed();
        }

        @Override
        public Worker createWorker() {
            return Schedulers.immediate().createWorker();
        }
    }
}
