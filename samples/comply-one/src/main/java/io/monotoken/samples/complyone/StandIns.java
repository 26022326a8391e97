package io.monotoken.samples.complyone;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import java.time.Duration;
import java.util.Map;

/** Stems Accounts and Comply One, played in this process, and what is done to them. */
public final class StandIns implements AutoCloseable {

    /** How long Stems Accounts takes to answer. */
    public static final Duration LATENCY = Duration.ofMillis(250);

    private static final String USERNAME = "john.smith@contoso.com";
    private static final String PASSWORD = "P4ssw0rd";

    private final StandInTokenServer stemsAccounts;
    private final StandInApi complyOne;
    private final Duration tokenLife;
    private volatile boolean stopped;
    private volatile boolean passwordChanged;

    private StandIns(StandInTokenServer stemsAccounts, StandInApi complyOne, Duration tokenLife) {
        this.stemsAccounts = stemsAccounts;
        this.complyOne = complyOne;
        this.tokenLife = tokenLife;
    }

    /** {@return both, running, with tokens that are accepted for so long} */
    public static StandIns start(Duration tokenLife) {
        StandInTokenServer stemsAccounts = StandInTokenServer.stemsAccounts()
                .client("your_client_id", "your_client_secret")
                .user(USERNAME, PASSWORD)
                .accessTokenLife(tokenLife)
                .latency(LATENCY)
                .start();
        return new StandIns(stemsAccounts, StandInApi.complyOne(stemsAccounts).start(), tokenLife);
    }

    public StandInTokenServer stemsAccounts() {
        return stemsAccounts;
    }

    public StandInApi complyOne() {
        return complyOne;
    }

    public Duration tokenLife() {
        return tokenLife;
    }

    /** {@return the account that they know, where they are, and a renewal early enough to be watched} */
    public Map<String, Object> properties() {
        return Map.of(
                "COMPLY_ONE_CLIENT_ID",
                "your_client_id",
                "COMPLY_ONE_CLIENT_SECRET",
                "your_client_secret",
                "COMPLY_ONE_USERNAME",
                USERNAME,
                "COMPLY_ONE_PASSWORD",
                PASSWORD,
                "monotoken.clients.comply-one.token-uri",
                stemsAccounts.tokenUri(),
                "monotoken.clients.comply-one.refresh.ahead",
                tokenLife.dividedBy(2),
                "monotoken.clients.comply-one.base-url",
                complyOne.baseUrl());
    }

    public TokenRequestCounts tokenRequests() {
        return new TokenRequestCounts(stemsAccounts.passwordRequests(), stemsAccounts.refreshRequests());
    }

    /** Answers token requests with 503 from now on. */
    public void stop() {
        stemsAccounts.refuseNext(Integer.MAX_VALUE, 503);
        stopped = true;
    }

    public boolean isStopped() {
        return stopped;
    }

    public void answerAgain() {
        stemsAccounts.refuseNext(0, 503);
        stopped = false;
    }

    /** Ends the user's tokens with the old password, as many providers do. */
    public void changePassword() {
        stemsAccounts.changePassword(USERNAME, "another P4ssw0rd");
        stemsAccounts.revokeRefreshTokens();
        stemsAccounts.revokeAccessTokens();
        passwordChanged = true;
    }

    public boolean isPasswordChanged() {
        return passwordChanged;
    }

    public void restorePassword() {
        stemsAccounts.changePassword(USERNAME, PASSWORD);
        stemsAccounts.unlock(USERNAME);
        passwordChanged = false;
    }

    public boolean isLockedOut() {
        return stemsAccounts.isLockedOut(USERNAME);
    }

    @Override
    public void close() {
        complyOne.close();
        stemsAccounts.close();
    }
}
