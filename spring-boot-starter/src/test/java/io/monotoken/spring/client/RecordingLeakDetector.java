package io.monotoken.spring.client;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps the reports of leaked buffers; Netty makes it because a system property of the tests says so. */
public final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {

    /**
     * How many buffers a few dozen cancelled exchanges may lose: Reactor Netty itself loses one now and then when a cancel meets
     * an answer, also without a filter (2 of 3 200 with a plain WebClient on Spring Boot 4.0.1).
     */
    static final int LOST_BY_REACTOR_NETTY = 2;

    private static final List<String> REPORTS = new CopyOnWriteArrayList<>();

    /** {@return the leaks that nobody asked for yet} */
    static List<String> reports() {
        System.gc(); // leaks are reported by the allocation after their buffer is gone
        for (int i = 0; i < 100; i++) {
            PooledByteBufAllocator.DEFAULT.buffer().release();
        }
        List<String> reports = List.copyOf(REPORTS);
        REPORTS.clear();
        return reports;
    }

    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    @SuppressWarnings("deprecation") // Netty looks for this constructor too
    public RecordingLeakDetector(Class<T> resourceType, int samplingInterval, long maxActive) {
        super(resourceType, samplingInterval, maxActive);
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        REPORTS.add(resourceType + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        REPORTS.add(resourceType);
    }
}
