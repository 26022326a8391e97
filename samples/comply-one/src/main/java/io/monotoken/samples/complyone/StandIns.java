package io.monotoken.samples.complyone;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.util.Map;

/**
 * Stems Accounts and Comply One, played on loopback ports of this process.
 *
 * @param stemsAccounts issues tokens, so slowly that waiting for one would show
 * @param complyOne accepts nobody else's tokens
 * @param tokenLife how long a token lives
 */
record StandIns(StandInTokenServer stemsAccounts, StandInApi complyOne, Duration tokenLife) implements AutoCloseable {

    /** How long Stems Accounts takes to answer. */
    static final Duration LATENCY = Duration.ofMillis(250);

    static StandIns start(Duration tokenLife) {
        StandInTokenServer stemsAccounts = StandInTokenServer.builder()
                .client("your_client_id", "your_client_secret")
                .user("john.smith@contoso.com", "P4ssw0rd")
                .accessTokenLife(tokenLife)
                .latency(LATENCY)
                .start();
        return new StandIns(stemsAccounts, StandInApi.start(stemsAccounts), tokenLife);
    }

    /** {@return the account that they know, and where they are} */
    Map<String, Object> properties() {
        return Map.of(
                "COMPLY_ONE_CLIENT_ID", "your_client_id",
                "COMPLY_ONE_CLIENT_SECRET", "your_client_secret",
                "COMPLY_ONE_USERNAME", "john.smith@contoso.com",
                "COMPLY_ONE_PASSWORD", "P4ssw0rd",
                "monotoken.clients.comply-one.token-uri", stemsAccounts.tokenUri(),
                "monotoken.clients.comply-one.base-url", complyOne.baseUrl());
    }

    TokenRequests tokenRequests() {
        return new TokenRequests(stemsAccounts.passwordRequests(), stemsAccounts.refreshRequests());
    }

    @Override
    public void close() {
        complyOne.close();
        stemsAccounts.close();
    }
}
