package io.monotoken.spring.orders;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RunningOrdersTests {

    @Test
    void startByTheirOwnMainMethodWithoutAnAccount() {
        try (RunningOrders application = RunningOrders.start()) {
            assertThat(application.get("/orders")).isEqualTo("[{\"id\":1}]");
            assertThat(application.get("/scopes")).isEqualTo("orders:read");
            assertThat(application.tokenServer().tokenRequests()).isOne();
        }
    }

    @Test
    void runTwiceAtOnceAndOneAfterTheOthersEnd() throws Exception {
        CountDownLatch bothRun = new CountDownLatch(2);
        CompletableFuture<RunningOrders> second = CompletableFuture.supplyAsync(() -> started(bothRun));
        try (RunningOrders first = started(bothRun);
                RunningOrders other = second.get(60, TimeUnit.SECONDS)) {
            assertThat(first.get("/orders")).isEqualTo(other.get("/orders"));
            assertThat(first.tokenServer().tokenUri())
                    .isNotEqualTo(other.tokenServer().tokenUri());

            first.tokenServer().revokeAccessTokens();

            assertThat(first.get("/orders")).isEqualTo(other.get("/orders"));
            assertThat(first.tokenServer().tokenRequests()).isEqualTo(2);
            assertThat(other.tokenServer().tokenRequests()).isEqualTo(1);
        }
        try (RunningOrders third = RunningOrders.start()) {
            assertThat(third.get("/orders")).isEqualTo("[{\"id\":1}]");
        }
    }

    private static RunningOrders started(CountDownLatch bothRun) {
        RunningOrders application = RunningOrders.start();
        bothRun.countDown();
        try {
            assertThat(bothRun.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return application;
    }
}
