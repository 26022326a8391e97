package io.monotoken.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * One connection that all callers share: made when one of them wants it, made anew when it was lost.
 *
 * <p>Lettuce would reconnect by itself and send again what it holds, however late. Here a lost connection ends what is under way
 * on it, and the next call connects: no call waits for a Redis that is away, and no record is written long after everybody
 * stopped waiting for it.
 */
/*
 * Shared state  `current` only: the connection in use or in the making.
 * Invariant     at most one connection is in the making; a link that is not current is closed, or closes when it is made.
 * Transitions   none -> in the making by one compareAndSet; any -> none when connecting failed, the connection was lost, Redis
 *               stopped answering or answered that it is the wrong one.
 * Cancel        a caller leaving leaves the making of the connection alone; its command is dropped if it is not sent yet.
 * Time          nanos from a LongSupplier; no timer.
 */
final class SharedConnection<C extends StatefulConnection<byte[], byte[]>> {

    /** A connection on which nothing is answered for so long is given up: the other end may have gone without a word. */
    static final Duration SILENCE = Duration.ofSeconds(5);

    /** Commands that a node may leave unanswered before it gets no more. */
    static final int MOST_UNANSWERED = 1_024;

    private static final Logger LOGGER = Loggers.getLogger(SharedConnection.class);

    private final Supplier<? extends C> connect;
    private final LongSupplier nanos;
    private final AtomicReference<@Nullable Link> current = new AtomicReference<>();
    private volatile boolean closed;

    /**
     * @param connect makes a connection, which may block
     * @param nanos the clock
     */
    SharedConnection(Supplier<? extends C> connect, LongSupplier nanos) {
        this.connect = connect;
        this.nanos = nanos;
    }

    /** {@return the connection, which is made if there is none; fails as connecting fails} */
    Mono<Link> link() {
        return Mono.defer(() -> {
            while (!closed) {
                Link link = current.get();
                if (link != null && link.isUsable()) {
                    return link.made.asMono();
                }
                Link next = new Link();
                if (current.compareAndSet(link, next)) {
                    if (link != null) {
                        link.close("Redis does not answer");
                    }
                    onThreadThatMayBlock(next::make);
                    return next.made.asMono();
                }
            }
            return Mono.error(new RedisException("the store is closed"));
        });
    }

    /** Closes the connection; no other is made. */
    void close() {
        closed = true;
        Link link = current.getAndSet(null);
        if (link != null) {
            link.close("the store is closed");
        }
    }

    /** Not a pool of the application, in which it would wait behind what the application blocks. */
    private static void onThreadThatMayBlock(Runnable work) {
        Thread thread = new Thread(work, "monotoken-redis");
        thread.setDaemon(true);
        thread.start();
    }

    /** {@return whether its client has closed it, which warns of everybody who closes it too} */
    private static boolean isClosed(StatefulConnection<?, ?> connection) {
        return connection instanceof RedisChannelHandler<?, ?> handler && handler.isClosed();
    }

    /** What a node has not answered since its last answer. */
    private record Unanswered(int commands, long since) {

        static final Unanswered NONE = new Unanswered(0, 0);
    }

    /** A connection, in use or in the making. */
    final class Link implements RedisConnectionStateListener {

        private final Sinks.One<Link> made = Sinks.one();
        private final Sinks.One<String> lost = Sinks.one();
        private final AtomicBoolean ended = new AtomicBoolean();
        private final AtomicBoolean released = new AtomicBoolean();
        private final Map<String, AtomicReference<Unanswered>> nodes = new ConcurrentHashMap<>();
        private final Queue<Runnable> turns = new ConcurrentLinkedQueue<>();
        private final AtomicInteger waiting = new AtomicInteger();
        private volatile @Nullable C connection;

        private void make() {
            try {
                C opened = connect.get();
                opened.addListener(this);
                connection = opened;
                if (closed || !opened.isOpen()) {
                    drop("it came too late");
                }
            } catch (Throwable failure) {
                LOGGER.debug("cannot connect to Redis: {}", failure.toString());
                current.compareAndSet(this, null);
                made.tryEmitError(Failures.outOfReach(failure));
                return;
            }
            if (ended.get()) {
                release();
            } else {
                LOGGER.debug("connected to Redis");
                made.tryEmitValue(this);
            }
        }

        /** {@return the connection, which may have been lost meanwhile} */
        C connection() {
            C opened = connection;
            if (opened == null) {
                throw new IllegalStateException("not connected yet");
            }
            return opened;
        }

        /** {@return why the connection was given up, as soon as it is} */
        Mono<String> lost() {
            return lost.asMono();
        }

        /** Gives the connection up, and with it all that is under way on it; the next caller gets a new one. */
        void drop(String why) {
            current.compareAndSet(this, null);
            close(why);
        }

        private boolean isUsable() {
            C opened = connection;
            return opened == null || (opened.isOpen() && nodes.values().stream().noneMatch(this::isSilent));
        }

        private boolean isSilent(AtomicReference<Unanswered> node) {
            Unanswered unanswered = Objects.requireNonNull(node.get());
            return unanswered.commands > 0 && nanos.getAsLong() - unanswered.since >= SILENCE.toNanos();
        }

        private void close(String why) {
            if (ended.compareAndSet(false, true)) {
                LOGGER.debug("connection to Redis is given up: {}", why);
                lost.tryEmitValue(why);
                made.tryEmitError(new RedisException("connection to Redis was given up: " + why));
                release();
            }
        }

        private void release() {
            C opened = connection;
            if (opened != null && !isClosed(opened) && released.compareAndSet(false, true)) {
                onThreadThatMayBlock(opened::closeAsync);
            }
        }

        @Override
        public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            drop("Redis closed it");
        }

        /** Gives this connection up when another one is lost, that of a node of a Cluster. */
        void dependsOn(StatefulConnection<byte[], byte[]> node) {
            node.addListener(this);
            if (!node.isOpen()) {
                throw new RedisConnectionException("connection to a node of the cluster was lost");
            }
        }

        /**
         * Sends a command.
         *
         * @param node who answers it
         * @param command sends it
         * @return the answer; fails with {@link ConnectionLost} when the connection was given up for it
         */
        <T> Mono<T> answer(String node, Supplier<RedisFuture<T>> command) {
            return Mono.defer(() -> {
                AtomicReference<Unanswered> unanswered =
                        nodes.computeIfAbsent(node, any -> new AtomicReference<>(Unanswered.NONE));
                if (!countIn(unanswered)) {
                    return Mono.error(new RedisException("Redis has left " + MOST_UNANSWERED
                            + " commands unanswered and gets no more until it answers"));
                }
                return guard(Mono.create(sink -> inTurn(() -> {
                    if (ended.get()) {
                        sink.error(new RedisException("the connection was given up"));
                        return;
                    }
                    try {
                        RedisFuture<T> answer = command.get();
                        sink.onDispose(() -> answer.cancel(true));
                        answer.whenComplete((value, failure) -> {
                            if (failure == null || failure instanceof RedisCommandExecutionException) {
                                unanswered.set(Unanswered.NONE);
                            }
                            if (failure == null) {
                                sink.success(value);
                            } else {
                                sink.error(failure);
                            }
                        });
                    } catch (Throwable refused) {
                        sink.error(refused);
                    }
                })));
            });
        }

        /** Runs one thing at a time, without a wait: Lettuce takes a lock to send, for which an event loop would block. */
        private void inTurn(Runnable next) {
            turns.add(next);
            if (waiting.getAndIncrement() == 0) {
                do {
                    Objects.requireNonNull(turns.poll()).run();
                } while (waiting.decrementAndGet() != 0);
            }
        }

        /** Gives the connection up if what is done on it fails in a way that a new one may help with. */
        <T> Mono<T> guard(Mono<T> work) {
            return work.doOnError(Failures::endsTheConnection, failure -> drop(failure.toString()))
                    .onErrorMap(any -> ended.get(), ConnectionLost::new);
        }

        private boolean countIn(AtomicReference<Unanswered> unanswered) {
            Unanswered before = unanswered.getAndUpdate(count -> new Unanswered(
                    Math.min(count.commands + 1, MOST_UNANSWERED),
                    count.commands == 0 ? nanos.getAsLong() : count.since));
            return before.commands < MOST_UNANSWERED;
        }
    }

    /** The connection was given up while a command was under way, which may have reached Redis or not. */
    static final class ConnectionLost extends RedisException {

        private static final long serialVersionUID = 1;

        ConnectionLost(Throwable cause) {
            super(cause);
        }
    }
}
