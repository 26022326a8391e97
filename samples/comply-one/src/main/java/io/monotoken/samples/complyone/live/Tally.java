package io.monotoken.samples.complyone.live;

import io.monotoken.Token;
import io.monotoken.TokenException;
import io.monotoken.TokenListener;
import io.monotoken.samples.complyone.live.Happening.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/** Counts what the token source and the requests to Comply One do, and keeps what happened until it is asked. */
@Component
final class Tally implements TokenListener, ExchangeFilterFunction {

    private final LongAdder served = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder waited = new LongAdder();
    private final LongAdder logins = new LongAdder();
    private final LongAdder refreshes = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger mostWaiting = new AtomicInteger();
    private volatile Instant lastRejection = Instant.MIN;
    private final Queue<Happening> happenings = new ConcurrentLinkedQueue<>();

    Counts counts() {
        return new Counts(served.sum(), failed.sum(), waited.sum(), logins.sum(), refreshes.sum(), refused.sum());
    }

    /** {@return how many waited at the same time, at most, since the last call} */
    int mostWaiting() {
        return Math.max(mostWaiting.getAndSet(0), waiting.get());
    }

    /** {@return what happened since the last call} */
    List<Happening> happenings() {
        List<Happening> drained = new ArrayList<>();
        for (Happening next = happenings.poll(); next != null; next = happenings.poll()) {
            drained.add(next);
        }
        return drained;
    }

    /** {@return when Comply One last rejected a token that is renewed therefore; long ago if never} */
    Instant lastRejection() {
        return lastRejection;
    }

    void tell(Kind kind, String text) {
        happenings.add(new Happening(Instant.now(), kind, text));
    }

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        return next.exchange(request)
                .doOnNext(response -> (response.statusCode().is2xxSuccessful() ? served : failed).increment())
                .doOnError(failure -> failed.increment());
    }

    @Override
    public void lookedUp(Lookup result) {
        if (result == Lookup.WAITING) {
            mostWaiting.accumulateAndGet(waiting.incrementAndGet(), Math::max);
        }
    }

    @Override
    public void waited(Duration took) {
        waiting.decrementAndGet();
        waited.increment();
    }

    @Override
    public void answered(String grantType, @Nullable TokenException failure, Duration took) {
        boolean login = grantType.equals("password");
        String request = login ? "Login with the password" : "Renewal with the refresh token";
        if (failure == null) {
            (login ? logins : refreshes).increment();
            tell(login ? Kind.LOGIN : Kind.REFRESH, request + ": a token after " + took.toMillis() + " ms");
        } else {
            refused.increment();
            tell(login ? Kind.LOGIN_FAILED : Kind.REFRESH_FAILED, request + " failed: " + failure.getMessage());
        }
    }

    @Override
    public void invalidated(Token token) {
        lastRejection = Instant.now();
        tell(Kind.NOTE, "Comply One answered 401: the token is renewed, and rejected requests are sent once more");
    }

    @Override
    public void guardClosed(TokenException.Rejected refusal, @Nullable Duration wait) {
        tell(
                Kind.NOTE,
                "The guard closed: no password is sent "
                        + (wait == null ? "until it changes" : "for " + Math.round(wait.toMillis() / 1000.0) + " s")
                        + ", so that the account is not locked. Callers get the refusal from memory");
    }

    @Override
    public void guardOpened() {
        tell(Kind.NOTE, "The guard is open: a password may be sent");
    }
}
