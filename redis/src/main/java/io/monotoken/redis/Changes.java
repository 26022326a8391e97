package io.monotoken.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.monotoken.TokenStore.Change;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink.OverflowStrategy;
import reactor.core.publisher.Mono;

/** The hints that {@link Script#REPLACE} publishes, heard on one connection for all who subscribe. */
final class Changes {

    /** A subscriber that is slower loses hints, and delays nobody else. */
    private static final int BEHIND_AT_MOST = 256;

    private static final String NO_NODE = "";

    private final byte[] channel;
    private final Duration checkedEvery;
    private final Flux<Change> heard;

    /**
     * @param channel where hints are published
     * @param checkedEvery how often a repeated SUBSCRIBE finds out whether the other end is still there, since a connection that
     *     only listens would never notice
     */
    Changes(
            SharedConnection<StatefulRedisPubSubConnection<byte[], byte[]>> connection,
            String channel,
            Duration checkedEvery) {
        this.channel = channel.getBytes(UTF_8);
        this.checkedEvery = checkedEvery;
        this.heard = connection
                .link()
                .flatMapMany(this::listen)
                .onErrorMap(Failures::explained)
                .share();
    }

    Flux<Change> flux() {
        return heard.onBackpressureBuffer(BEHIND_AT_MOST, BufferOverflowStrategy.DROP_OLDEST);
    }

    static byte[] message(String key, String tag) {
        return (key + " " + tag).getBytes(UTF_8);
    }

    private static @Nullable Change change(byte[] message) {
        String text = new String(message, UTF_8);
        int space = text.lastIndexOf(' ');
        return space < 0 ? null : new Change(text.substring(0, space), text.substring(space + 1));
    }

    private Flux<Change> listen(SharedConnection<StatefulRedisPubSubConnection<byte[], byte[]>>.Link link) {
        return Flux.create(
                sink -> {
                    StatefulRedisPubSubConnection<byte[], byte[]> redis = link.connection();
                    redis.addListener(new RedisPubSubAdapter<>() {
                        @Override
                        public void message(byte[] channel, byte[] message) {
                            Change change = change(message);
                            if (change != null) {
                                sink.next(change);
                            }
                        }
                    });
                    Disposable lost = link.lost()
                            .subscribe(
                                    why -> sink.error(new RedisException("connection for hints was given up: " + why)));
                    Disposable subscribed = link.answer(
                                    NO_NODE, () -> redis.async().subscribe(channel))
                            .timeout(
                                    SharedConnection.SILENCE,
                                    Mono.error(
                                            () -> new RedisException("Redis has not confirmed the subscription within "
                                                    + SharedConnection.SILENCE)))
                            .repeatWhen(confirmed -> confirmed.delayElements(checkedEvery))
                            .subscribe(nothing -> {}, sink::error);
                    sink.onDispose(Disposables.composite(lost, subscribed, () -> link.drop("nobody listens")));
                },
                OverflowStrategy.DROP);
    }
}
