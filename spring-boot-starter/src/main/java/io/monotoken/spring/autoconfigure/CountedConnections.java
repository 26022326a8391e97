package io.monotoken.spring.autoconfigure;

import io.netty.channel.Channel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.netty.http.client.HttpClient;

/** The connections of one connector, pooled or not; once they are retired each is closed as soon as no request has it. */
final class CountedConnections {

    private final Map<Channel, Integer> requests = new ConcurrentHashMap<>();
    private volatile boolean retired;

    /** Counts the connections of an HTTP client. */
    HttpClient of(HttpClient http) {
        return http.doOnConnected(connection -> taken(transport(connection.channel())))
                .doOnDisconnected(connection -> given(transport(connection.channel())));
    }

    /** {@return the connection itself, where HTTP/2 has a channel for each request} */
    private static Channel transport(Channel channel) {
        return channel.parent() == null ? channel : channel.parent();
    }

    void taken(Channel channel) {
        if (requests.merge(channel, 1, Integer::sum) == 1) {
            channel.closeFuture().addListener(closed -> requests.remove(channel));
        }
    }

    void given(Channel channel) {
        Integer left = requests.computeIfPresent(channel, (same, before) -> Math.max(0, before - 1));
        if (retired && left != null && left == 0) {
            channel.close();
        }
    }

    boolean isRetired() {
        return retired;
    }

    void retire() {
        retired = true;
    }

    void closeUnused() {
        requests.forEach((channel, count) -> {
            if (count == 0) {
                channel.close();
            }
        });
    }
}
