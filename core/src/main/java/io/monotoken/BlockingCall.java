package io.monotoken;

import java.util.Objects;
import java.util.concurrent.Callable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Calls what blocks or computes for long while a token is asked for, such as a key module, a vault or a file, on daemon threads
 * that are for this alone and that all sources share; none while idle.
 *
 * <p>Not on {@link Schedulers#boundedElastic()}: callers that block there for a token would hold the very threads that the token
 * waits for, and all of them would fail together.
 */
public final class BlockingCall {

    private static final Scheduler THREADS = ResumeScheduler.ofItsOwn("monotoken-blocking");

    private BlockingCall() {}

    /**
     * Wraps a call, as for a {@link Mono} of a secret, a key or an assertion.
     *
     * @param call may block; runs once for each subscription
     * @param <T> what it returns
     * @return a cold Mono; empty where the call returns null, fails with whatever it throws
     */
    public static <T> Mono<T> mono(Callable<? extends T> call) {
        return Mono.<T>fromCallable(Objects.requireNonNull(call, "call")).subscribeOn(THREADS);
    }
}
