package io.monotoken.benchmarks;

import io.monotoken.TokenListener;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits for the first token request after the first token: the moment at which an outage is noticed. */
final class RenewalDue implements TokenListener {

    private final CountDownLatch requests = new CountDownLatch(2);

    @Override
    public void requested(String grantType) {
        requests.countDown();
    }

    void await(Duration atMost) {
        try {
            if (!requests.await(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("no renewal was tried within " + atMost);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
