package io.monotoken;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What one logger says from a level on, in the order of saying. */
public final class CapturedLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private final Queue<String> messages = new ConcurrentLinkedQueue<>();
    private final Level least;
    private final Logger logger;
    private final @Nullable Level before;

    private CapturedLog(Class<?> owner, Level least) {
        this.least = least;
        this.logger = (Logger) LoggerFactory.getLogger(owner);
        this.before = logger.getLevel();
        start();
        logger.setLevel(least);
        logger.setAdditive(false);
        logger.addAppender(this);
    }

    public static CapturedLog of(Class<?> owner, Level least) {
        return new CapturedLog(owner, least);
    }

    public static CapturedLog warningsOf(Class<?> owner) {
        return new CapturedLog(owner, Level.WARN);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (event.getLevel().isGreaterOrEqual(least)) {
            messages.add(event.getFormattedMessage());
        }
    }

    public List<String> messages() {
        return List.copyOf(messages);
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        logger.setLevel(before);
        logger.setAdditive(true);
        stop();
    }
}
