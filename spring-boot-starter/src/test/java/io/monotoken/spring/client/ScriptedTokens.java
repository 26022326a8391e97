package io.monotoken.spring.client;

import io.monotoken.Token;
import io.monotoken.TokenSource;
import io.monotoken.TokenSourceState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/** Answers with one token after another, and writes down what it is asked. */
public final class ScriptedTokens implements TokenSource {

    private final List<Mono<Token>> answers = new ArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final List<String> invalidated = new CopyOnWriteArrayList<>();
    private final List<Duration> needed = new CopyOnWriteArrayList<>();
    private volatile boolean anotherOnItsWay = true;
    private volatile boolean closed;

    public ScriptedTokens(String... values) {
        for (String value : values) {
            answers.add(Mono.just(token(value)));
        }
    }

    public static Token token(String value) {
        return Token.of(value, Set.of(), Instant.EPOCH, Instant.MAX);
    }

    public ScriptedTokens then(Mono<Token> answer) {
        answers.add(answer);
        return this;
    }

    public ScriptedTokens withNoOtherToken() {
        anotherOnItsWay = false;
        return this;
    }

    public List<String> invalidated() {
        return invalidated;
    }

    public int asked() {
        return asked.get();
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public Mono<Token> token() {
        return Mono.defer(() -> answers.get(Math.min(asked.getAndIncrement(), answers.size() - 1)));
    }

    @Override
    public Mono<Token> token(Duration minimumRemaining) {
        return Mono.defer(() -> {
            needed.add(minimumRemaining);
            return token();
        });
    }

    /** {@return for how long tokens were asked for} */
    public List<Duration> needed() {
        return needed;
    }

    @Override
    public boolean invalidate(Token token) {
        invalidated.add(token.value());
        return anotherOnItsWay;
    }

    @Override
    public TokenSourceState state() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void reset() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        closed = true;
    }
}
